//! The kinds of objects that are carried over: one file each, and one line each in [`of`].

mod cluster_policies;
mod clusters;
mod folders;
mod instance_pools;
mod jobs;
mod notebooks;

use async_trait::async_trait;
use farshore_databricks::{ApiError, ErrorKind, WorkspaceClient};
use farshore_model::kind::ObjectKind;
use serde_json::Value;

pub(crate) use notebooks::form as notebook_form;

use crate::{inventory::Look, references::KeyLookup};

/// What is particular to a kind.
pub(crate) fn of(kind: ObjectKind) -> &'static dyn Kind {
    match kind {
        ObjectKind::Folders => &folders::Folders,
        ObjectKind::Notebooks => &notebooks::Notebooks,
        ObjectKind::ClusterPolicies => &cluster_policies::ClusterPolicies,
        ObjectKind::InstancePools => &instance_pools::InstancePools,
        ObjectKind::Clusters => &clusters::Clusters,
        ObjectKind::Jobs => &jobs::Jobs,
    }
}

/// How an object is recognised on the other side before the ledger knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// The path is the object: it is key, name and id in one.
    Path,
    /// The workspace keeps names unique.
    UniqueName,
    /// Several objects may have one name.
    AnyName,
}

/// One object of a workspace.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Our mark, when the object was created by us and still has it.
    pub(crate) mark: Option<String>,
    /// As the workspace tells it.
    pub(crate) raw: Value,
}

/// An object without what only its own side means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Canonical {
    /// The object *in its passive form*, its ids replaced by keys: what is written to a passive side, and
    /// what is compared.
    pub(crate) form: Value,
    /// Why it cannot be carried over as it is.
    pub(crate) problems: Vec<String>,
}

/// What a plan does not carry: a notebook's source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Content {
    pub(crate) form: Value,
    pub(crate) bytes: Vec<u8>,
}

/// What is to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write<'a> {
    /// The canonical form with the ids of the side that is written.
    pub(crate) form: &'a Value,
    pub(crate) content: Option<&'a Content>,
}

#[async_trait]
pub(crate) trait Kind: Send + Sync {
    fn kind(&self) -> ObjectKind;

    fn naming(&self) -> Naming;

    /// What the activation says is observed from time to time, not configured by a person.
    fn is_activation_observed(&self) -> bool {
        false
    }

    /// Every object of the kind; a partial answer is an error.
    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError>;

    /// The object as it is now, with its content; None when it is not there.
    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError>;

    fn canonical(&self, raw: &Value, keys: &dyn KeyLookup) -> Canonical;

    /// What the object does now; None for a kind that does nothing by itself.
    fn activation(&self, _raw: &Value) -> Option<Value> {
        None
    }

    /// What the object would do in its passive form.
    fn passive(&self, _raw: &Value) -> Option<Value> {
        None
    }

    /// Reads from the source what the plan does not carry.
    async fn load(
        &self,
        _source: &WorkspaceClient,
        _id: &str,
        _form: &Value,
    ) -> Result<Option<Content>, ApiError> {
        Ok(None)
    }

    /// Creates the object in its passive form and answers its id. The mark, where the kind has a place for
    /// one, is put into the object. Not repeated by itself.
    async fn create(
        &self,
        target: &WorkspaceClient,
        key: &str,
        write: Write<'_>,
        mark: &str,
    ) -> Result<String, ApiError>;

    /// What a create cannot say at once; safe to repeat.
    async fn settle_created(&self, _target: &WorkspaceClient, _id: &str) -> Result<(), ApiError> {
        Ok(())
    }

    /// Makes the object equal to what is written, in its passive form.
    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError>;

    /// Deletes the object; one that is not there is fine.
    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError>;

    /// Makes the object do what `wanted` says, and nothing else about it.
    async fn set_activation(
        &self,
        _client: &WorkspaceClient,
        _current: &Listed,
        _wanted: &Value,
    ) -> Result<(), ApiError> {
        Ok(())
    }
}

/// Whether the object does nothing by itself.
pub(crate) fn is_passive(kind: &dyn Kind, raw: &Value) -> bool {
    kind.activation(raw) == kind.passive(raw)
}

/// The error of a call that found nothing, as nothing.
fn found<T>(answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Every entry of a listing. One without an id makes the listing worthless: leaving the entry out would read
/// as its deletion.
fn every(raws: Vec<Value>, listed: fn(Value) -> Option<Listed>) -> Result<Vec<Listed>, ApiError> {
    raws.into_iter()
        .map(listed)
        .collect::<Option<_>>()
        .ok_or_else(|| ApiError::new(ErrorKind::HalfAnswer, "list", "an entry of the listing has no id"))
}
