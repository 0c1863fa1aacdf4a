//! Objects that have permissions, as far as their permissions depend on them.

use super::kinds::Kind;
use crate::api::ApiError;
use crate::state::State;

/// An object that is there.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) kind: &'static Kind,
    pub(super) id: String,
    /// Its name in the log of changes.
    pub(super) label: String,
    /// Who made it or owns it, where the type keeps that.
    pub(super) creator: Option<String>,
    /// Where it lies in the workspace tree, if it does.
    pub(super) path: Option<String>,
}

impl Object {
    /// Under what the direct entries are kept.
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.kind.path, self.id)
    }

    /// As answers name it.
    pub(super) fn object_id(&self) -> String {
        format!("{}{}", self.kind.root, self.id)
    }
}

/// The object of a type with that id.
pub(super) fn find(state: &State, kind: &'static Kind, id: &str) -> Result<Object, ApiError> {
    let found = |label: String, creator: Option<&str>, path: Option<&str>| Object {
        kind,
        id: id.to_owned(),
        label,
        creator: creator.map(str::to_owned),
        path: path.map(str::to_owned),
    };
    let quoted = |name: &str| format!("\"{name}\"");
    let missing = |message: String| Err(ApiError::does_not_exist(message));
    if kind.is_in_tree() {
        let number = number(kind, id)?;
        let node = state.tree.find(number).filter(|(_, node)| node.kind.permission_type() == kind.path);
        return match node {
            Some((path, _)) => Ok(found(path.to_owned(), None, Some(path))),
            None => missing(format!("Node ID {id} does not exist.")),
        };
    }
    match kind.path {
        "clusters" => match state.clusters.get(id) {
            Some(cluster) => Ok(found(quoted(cluster.name()), Some(&cluster.creator), None)),
            None => missing(format!("Cluster {id} does not exist")),
        },
        "cluster-policies" => match state.policies.get(id) {
            Some(policy) => Ok(found(quoted(policy.name()), None, None)),
            None => missing(format!("Cluster policy {id} does not exist.")),
        },
        "instance-pools" => match state.pools.get(id) {
            Some(pool) => Ok(found(quoted(pool.name()), Some(&pool.creator), None)),
            None => missing(format!("Instance pool {id} does not exist.")),
        },
        "jobs" => match state.jobs.get(&number(kind, id)?) {
            Some(job) => Ok(found(quoted(job.name()), Some(&job.creator), None)),
            None => missing(format!("Job {id} does not exist.")),
        },
        "authorization" if matches!(id, "tokens" | "passwords") => Ok(found(id.to_owned(), None, None)),
        // The workspace has no objects of the other types.
        _ => missing(format!("{} {id} does not exist.", kind.object_type)),
    }
}

fn number(kind: &Kind, id: &str) -> Result<i64, ApiError> {
    let wrong =
        || ApiError::invalid_parameter(format!("'{id}' is not a valid id of a {}.", kind.object_type));
    id.parse().map_err(|_| wrong())
}
