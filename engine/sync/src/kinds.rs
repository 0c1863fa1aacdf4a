//! The kinds of objects that are carried over: one file each, and one line each in [`of`].

mod cluster_policies;
mod clusters;
mod dbfs_files;
mod files;
mod folders;
mod groups;
mod init_scripts;
mod instance_pools;
mod instance_profiles;
mod jobs;
mod notebooks;
mod object;
mod permissions;
mod scim;
mod service_principals;
mod users;

pub(crate) use clusters::tells_libraries;
pub(crate) use instance_profiles::are_offered as offers_instance_profiles;
pub(crate) use object::{Added, Applications, Canonical, Listed, Loaded, Naming, Untouched, Write};
pub(crate) use scim::is_inactive;
pub(crate) use service_principals::application_id;

use async_trait::async_trait;
use farshore_databricks::{ApiError, ErrorKind, WorkspaceClient};
use farshore_model::kind::{ObjectKey, ObjectKind};
use serde_json::{Map, Value};

use crate::{
    body::Body,
    canonical::hash,
    inventory::{Look, parent_of},
    references::KeyLookup,
};

/// What is particular to a kind.
pub(crate) fn of(kind: ObjectKind) -> &'static dyn Kind {
    match kind {
        ObjectKind::Users => &users::Users,
        ObjectKind::ServicePrincipals => &service_principals::ServicePrincipals,
        ObjectKind::Groups => &groups::Groups,
        ObjectKind::InstanceProfiles => &instance_profiles::InstanceProfiles,
        ObjectKind::Folders => &folders::Folders,
        ObjectKind::Notebooks => &notebooks::Notebooks,
        ObjectKind::Files => &files::Files,
        ObjectKind::DbfsFiles => &dbfs_files::DbfsFiles,
        ObjectKind::InitScripts => &init_scripts::InitScripts,
        ObjectKind::ClusterPolicies => &cluster_policies::ClusterPolicies,
        ObjectKind::InstancePools => &instance_pools::InstancePools,
        ObjectKind::Clusters => &clusters::Clusters,
        ObjectKind::Jobs => &jobs::Jobs,
        ObjectKind::Permissions => &permissions::Permissions,
    }
}

#[async_trait]
pub(crate) trait Kind: Send + Sync {
    fn naming(&self) -> Naming;

    /// What the activation says is observed from time to time, not configured by a person.
    fn is_activation_observed(&self) -> bool {
        false
    }

    /// A listing leaves out what makes the object; [`Kind::load`] reads it.
    fn has_content(&self) -> bool {
        false
    }

    /// No listing tells which objects have changed, so that all are loaded again in turn.
    fn is_rotated(&self) -> bool {
        false
    }

    /// Its objects lie in the workspace tree, at the path that is their key.
    fn is_in_tree(&self) -> bool {
        false
    }

    /// What a workspace adds of its own to what it is given.
    fn added(&self) -> Added {
        Added::Nothing
    }

    /// Its objects follow one another, each at the place that `position` says: in what is read and written among all
    /// of its side, and in canonical forms among those that a sync sees to. Writing one moves others, so that they are
    /// written one after the other, the first one first.
    fn is_ordered(&self) -> bool {
        false
    }

    /// A listing shows what other objects refer to, and not everything that is there: [`Kind::find`] looks for the
    /// rest of what is known by name.
    fn is_listed_by_reference(&self) -> bool {
        false
    }

    /// An object has a place for our mark. Else it is known again by its name.
    fn has_marks(&self) -> bool {
        true
    }

    /// Objects of other kinds name those of this kind otherwise than by a reference.
    fn is_named_by_others(&self) -> bool {
        false
    }

    /// The field that holds an object's name in whatever refers to it, where the name is key and id in one and the two
    /// regions may differ in it: the name passes the region map as that field does.
    fn name_field(&self) -> Option<&'static [&'static str]> {
        None
    }

    /// Parts of an id by which objects of other kinds name the object.
    fn other_ids(&self, _id: &str) -> Vec<String> {
        Vec::new()
    }

    /// What a deletion leaves of an object with this canonical form; None: nothing. An object that is in that form
    /// already counts as one that is not there.
    fn retired(&self, _form: &Value) -> Option<Value> {
        None
    }

    /// Why an object with this canonical form is never deleted, if so.
    fn why_it_stays(&self, _form: &Value) -> Option<&'static str> {
        None
    }

    /// The object that has to exist before the one with this key: the folder of a path, the object that this is
    /// a part of.
    fn belongs_to(&self, _key: &str) -> Option<ObjectKey> {
        None
    }

    /// Every object of the kind; a partial answer is an error.
    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError>;

    /// Every object of the kind as far as its activation goes: all that a fence and a release need to know.
    async fn list_activations(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        self.list(look).await
    }

    /// Of a kind that is listed by reference, those of the named objects that are there.
    async fn find(&self, _look: &Look<'_>, _ids: Vec<String>) -> Result<Vec<Listed>, ApiError> {
        Ok(Vec::new())
    }

    /// What was listed is only referred to, and not there.
    fn is_missing(&self, _raw: &Value) -> bool {
        false
    }

    /// The object as it is now, with its content; None when it is not there.
    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError>;

    /// Whether the object is there now. Nothing of its content is read for that.
    async fn is_there(&self, client: &WorkspaceClient, id: &str) -> Result<bool, ApiError> {
        Ok(self.read(client, id).await?.is_some())
    }

    fn canonical(&self, raw: &Value, keys: &dyn KeyLookup) -> Canonical;

    /// The ids of what belongs to the object on its own side alone: it is not compared, and stays whatever is written.
    fn keeps(&self, _raw: &Value, _keys: &dyn KeyLookup) -> Vec<String> {
        Vec::new()
    }

    /// Who else than a sync brings the object to both sides, if anybody does.
    fn left_to(&self, _id: &str, _raw: &Value) -> Option<LeftTo> {
        None
    }

    /// The tags that people give the object; None for a kind that has none.
    fn tags<'a>(&self, raw: &'a Value) -> Option<&'a Map<String, Value>> {
        raw.get("custom_tags")?.as_object()
    }

    /// Who has made the object, where the listing tells.
    fn owner<'a>(&self, raw: &'a Value) -> Option<&'a str> {
        ["creator_user_name", "owner", "created_by"].into_iter().find_map(|field| raw.get(field)?.as_str())
    }

    /// Whether an object that the target has now is the one that was planned with, by the hash that its form had
    /// then.
    fn is_still(&self, form: &Value, planned_hash: &str) -> bool {
        hash(form) == planned_hash
    }

    /// What the object does now, ids replaced by keys; None for an object that does nothing by itself.
    fn activation(&self, _raw: &Value, _keys: &dyn KeyLookup) -> Option<Value> {
        None
    }

    /// What the object would do in its passive form.
    fn passive(&self, _raw: &Value, _keys: &dyn KeyLookup) -> Option<Value> {
        None
    }

    /// The object with its content, for kinds that have some. `listed` is its canonical form without it.
    async fn load(&self, _client: &WorkspaceClient, _id: &str, listed: &Value) -> Result<Loaded, ApiError> {
        Ok(Loaded { raw: listed.clone(), body: Body::default() })
    }

    /// As [`Kind::load`], but only to be compared: what is too large to be shown need not be kept.
    async fn load_to_compare(
        &self,
        client: &WorkspaceClient,
        id: &str,
        listed: &Value,
    ) -> Result<Loaded, ApiError> {
        self.load(client, id, listed).await
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
    async fn settle_created(
        &self,
        _target: &WorkspaceClient,
        _id: &str,
        _write: Write<'_>,
    ) -> Result<(), ApiError> {
        Ok(())
    }

    /// Makes the object equal to what is written, in its passive form.
    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError>;

    /// Does what is for admins alone, after everything else was written; safe to repeat. A refusal is told, and
    /// fails nothing. `before` is the object before the write; None: it was created.
    async fn write_as_admin(
        &self,
        _target: &WorkspaceClient,
        _id: &str,
        _before: Option<&Listed>,
        _write: Write<'_>,
    ) -> Result<(), ApiError> {
        Ok(())
    }

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
    kind.activation(raw, &nothing) == kind.passive(raw, &nothing)
}

/// A lookup that knows nothing, for what refers to nothing.
pub(crate) const fn nothing(_kind: ObjectKind, _id: &str) -> Option<ObjectKey> {
    None
}

/// Who brings to both sides what no sync does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeftTo {
    /// A bundle that CI/CD deploys, unless a person has decided otherwise.
    Bundle,
    /// The same, whatever anybody has decided: what a bundle notes about one side is not true of the other one.
    BundleState,
    Databricks,
}

impl LeftTo {
    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::Bundle => "it is deployed by a bundle: CI/CD deploys it to both sides",
            Self::BundleState => "a bundle notes in it what it has deployed to this side",
            Self::Databricks => "it is managed by Databricks, which makes it on both sides",
        }
    }
}

/// Whether the path is a bundle's: below these folders bundles keep what they have deployed, and, with the ids of their
/// own side, what they know of it: `.bundle/etl/prod/state`.
fn of_a_bundle(path: &str) -> Option<LeftTo> {
    let mut below = path.split('/').skip_while(|folder| *folder != ".bundle").skip(1);
    let is_below = path.split('/').any(|folder| folder == ".bundle");
    let is_state = below.nth(2) == Some("state");
    is_below.then_some(if is_state { LeftTo::BundleState } else { LeftTo::Bundle })
}

/// The folder in which a path lies.
fn folder_of(path: &str) -> Option<ObjectKey> {
    let parent = parent_of(path);
    (parent != "/").then(|| ObjectKey { kind: ObjectKind::Folders, key: parent.into() })
}

/// Whether something of that type lies at a path of the workspace tree.
async fn is_in_tree(client: &WorkspaceClient, path: &str, object_type: &str) -> Result<bool, ApiError> {
    Ok(found(client.get_path(path).await)?.is_some_and(|object| object.object_type == object_type))
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
