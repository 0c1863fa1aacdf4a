//! Everything that one side has, from listings that are complete.

use std::collections::{BTreeMap, BTreeSet};

use farshore_databricks::{ApiError, ErrorKind, TreeObject, WorkspaceClient};
use farshore_model::kind::ObjectKind;
use futures::{StreamExt as _, TryStreamExt as _, future, stream};
use tokio::{sync::OnceCell, time::Instant};

use crate::kinds::{self, Kind, Listed};

/// Folders that every workspace has.
const SYSTEM_FOLDERS: [&str; 5] = ["/", "/Users", "/Shared", "/Repos", "/Workspace"];
/// Git folders live here; they are not descended into.
const REPOS: &str = "/Repos";

/// One look at one workspace. The tree is walked once, for folders and notebooks alike.
pub(crate) struct Look<'a> {
    pub(crate) client: &'a WorkspaceClient,
    max_in_flight: usize,
    /// Notebooks that changed after this, by the workspace's clock, have to be read.
    verified_until_ms: Option<i64>,
    tree: OnceCell<Tree>,
}

/// The folders and notebooks of a workspace, and what else lies between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) folders: Vec<String>,
    pub(crate) notebooks: Vec<TreeObject>,
    /// The notebooks that changed after the moment asked for; None when no moment was given: any may have.
    pub(crate) changed: Option<BTreeSet<String>>,
    /// Paths of what is not replicated, by its type.
    pub(crate) omitted: BTreeMap<String, Vec<String>>,
}

/// All objects of one side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inventory {
    pub(crate) objects: BTreeMap<ObjectKind, Vec<Listed>>,
    pub(crate) changed_notebooks: Option<BTreeSet<String>>,
    pub(crate) omitted: BTreeMap<String, Vec<String>>,
    /// When the look began, by the workspace's clock, where it tells.
    pub(crate) began_at_ms: Option<i64>,
}

/// A listing failed; everything that was listed beside it is thrown away.
#[derive(Debug)]
pub(crate) struct ListFailed {
    pub(crate) what: &'static str,
    pub(crate) source: ApiError,
}

/// Lists everything. One listing that fails makes the inventory fail: what it would have shown is not known.
pub(crate) async fn list_all(
    client: &WorkspaceClient,
    max_in_flight: usize,
    verified_until_ms: Option<i64>,
) -> Result<Inventory, ListFailed> {
    let began_at = Instant::now();
    let look = Look::new(client, max_in_flight, verified_until_ms);
    let listings = ObjectKind::ALL.map(|kind| list(kinds::of(kind), &look));
    let objects = future::try_join_all(listings).await?.into_iter().collect();
    let tree = look.tree.into_inner().unwrap_or_default();
    let took_ms = i64::try_from(began_at.elapsed().as_millis()).unwrap_or(i64::MAX);
    let began_at_ms = client.workspace_time_ms().map(|now_ms| now_ms.saturating_sub(took_ms));
    Ok(Inventory { objects, changed_notebooks: tree.changed, omitted: tree.omitted, began_at_ms })
}

async fn list(kind: &dyn Kind, look: &Look<'_>) -> Result<(ObjectKind, Vec<Listed>), ListFailed> {
    match kind.list(look).await {
        Ok(objects) => Ok((kind.kind(), objects)),
        Err(source) => Err(ListFailed { what: what(kind.kind()), source }),
    }
}

/// What the objects of a kind are called inside a sentence.
pub(crate) const fn what(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Folders => "folders",
        ObjectKind::Notebooks => "notebooks",
        ObjectKind::ClusterPolicies => "cluster policies",
        ObjectKind::InstancePools => "instance pools",
        ObjectKind::Clusters => "clusters",
        ObjectKind::Jobs => "jobs",
    }
}

impl<'a> Look<'a> {
    pub(crate) fn new(
        client: &'a WorkspaceClient,
        max_in_flight: usize,
        verified_until_ms: Option<i64>,
    ) -> Self {
        Self { client, max_in_flight: max_in_flight.max(1), verified_until_ms, tree: OnceCell::new() }
    }

    pub(crate) async fn tree(&self) -> Result<&Tree, ApiError> {
        self.tree.get_or_try_init(|| self.walk()).await
    }

    /// Level by level, because there is no listing of a whole tree.
    async fn walk(&self) -> Result<Tree, ApiError> {
        let mut tree = Tree { changed: self.verified_until_ms.map(|_| BTreeSet::new()), ..Tree::default() };
        let mut level = vec!["/".to_owned()];
        while !level.is_empty() {
            let listed: Vec<Vec<TreeObject>> = stream::iter(level)
                .map(|folder| self.folder(folder))
                .buffer_unordered(self.max_in_flight)
                .map_ok(|(objects, changed)| {
                    if let Some(all) = &mut tree.changed {
                        all.extend(changed);
                    }
                    objects
                })
                .try_collect()
                .await?;
            level = Vec::new();
            for object in listed.into_iter().flatten() {
                tree.sort_in(object, &mut level);
            }
        }
        tree.folders.sort();
        tree.notebooks.sort_by(|left, right| left.path.cmp(&right.path));
        tree.omitted.values_mut().for_each(|paths| paths.sort());
        Ok(tree)
    }

    /// The direct children of a folder, and the notebooks among them that changed after the moment asked for.
    async fn folder(&self, path: String) -> Result<(Vec<TreeObject>, Vec<String>), ApiError> {
        let objects = match self.client.list_folder(&path, None).await {
            Ok(objects) => objects,
            // Deleted between the listing of its parent and now, if the parent says so as well.
            Err(error) if error.kind() == ErrorKind::NotFound && path != "/" => {
                let siblings = self.client.list_folder(parent_of(&path), None).await?;
                if siblings.iter().any(|sibling| sibling.path == path) {
                    return Err(error);
                }
                return Ok((Vec::new(), Vec::new()));
            }
            Err(error) => return Err(error),
        };
        let Some(verified_until_ms) = self.verified_until_ms else { return Ok((objects, Vec::new())) };
        let mut changed = Vec::new();
        let mut has_undated = false;
        for notebook in objects.iter().filter(|object| object.object_type == "NOTEBOOK") {
            match notebook.modified_at_ms {
                Some(modified_at_ms) if modified_at_ms <= verified_until_ms => {}
                Some(_) => changed.push(notebook.path.clone()),
                None => has_undated = true,
            }
        }
        if has_undated {
            let recent = self.client.list_folder(&path, Some(verified_until_ms)).await?;
            let notebooks = recent.into_iter().filter(|object| object.object_type == "NOTEBOOK");
            changed.extend(notebooks.map(|notebook| notebook.path));
        }
        Ok((objects, changed))
    }
}

impl Tree {
    fn sort_in(&mut self, object: TreeObject, level: &mut Vec<String>) {
        match object.object_type.as_str() {
            "DIRECTORY" if object.path == REPOS || is_trash(&object.path) => {}
            "DIRECTORY" => {
                if !SYSTEM_FOLDERS.contains(&object.path.as_str()) {
                    self.folders.push(object.path.clone());
                }
                level.push(object.path);
            }
            "NOTEBOOK" => self.notebooks.push(object),
            other => self.omitted.entry(other.to_owned()).or_default().push(object.path),
        }
    }
}

/// A person's bin, which is no part of their work.
fn is_trash(path: &str) -> bool {
    path.strip_prefix("/Users/")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(_, inside)| inside == "Trash")
}

/// A person's home, which is made and removed with the person.
pub(crate) fn is_home(path: &str) -> bool {
    path.strip_prefix("/Users/").is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

/// The folder in which a path lies.
pub(crate) fn parent_of(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((parent, _)) => parent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        assert_eq!(parent_of("/Shared/etl/load"), "/Shared/etl");
        assert_eq!(parent_of("/Shared"), "/");
        assert!(is_home("/Users/a@b.c") && !is_home("/Users/a@b.c/x") && !is_home("/Users"));
        assert!(is_trash("/Users/a@b.c/Trash") && !is_trash("/Shared/Trash"));
    }
}
