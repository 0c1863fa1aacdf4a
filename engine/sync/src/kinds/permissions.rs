//! Access control lists: each is a part of the object that it guards.
//!
//! No listing shows them or tells when one has changed, so they are read one by one, in turn. Only what is
//! granted on the object itself is carried: what comes from a folder above follows from that folder's own list.
//!
//! The list of a job is held: on a passive side a job has its owner and nothing else, and a release gives it the
//! rest, and its own owner, back. All other lists are in force on both sides.

use std::sync::Arc;

use async_trait::async_trait;
use farshore_databricks::{ApiError, ErrorKind, Grant, PermissionType, WorkspaceClient};
use farshore_model::kind::{ObjectKey, ObjectKind};
use serde_json::{Value, json};

use super::{Added, Canonical, Kind, Listed, Loaded, Naming, Untouched, Write, found};
use crate::{
    canonical::text,
    inventory::Look,
    references::{KeyLookup, reference},
};

/// The kinds whose objects have lists, with how the permissions API calls them.
const GUARDED: [(ObjectKind, &str, PermissionType); 7] = [
    (ObjectKind::Folders, "directories", PermissionType::Directories),
    (ObjectKind::Notebooks, "notebooks", PermissionType::Notebooks),
    (ObjectKind::Files, "files", PermissionType::Files),
    (ObjectKind::InstancePools, "instance-pools", PermissionType::InstancePools),
    (ObjectKind::ClusterPolicies, "cluster-policies", PermissionType::ClusterPolicies),
    (ObjectKind::Clusters, "clusters", PermissionType::Clusters),
    (ObjectKind::Jobs, "jobs", PermissionType::Jobs),
];
/// Lists that are asked for at most to learn whether the workspace has any.
const MOST_PROBES: usize = 3;

/// In what is read: the direct entries.
const ENTRIES: &str = "access_control_list";
/// In what is read: the word for the type of the guarded object.
const TYPE: &str = "type";
const LEVEL: &str = "permission_level";
const SERVICE_PRINCIPAL: &str = "service_principal_name";
const OWNER: &str = "IS_OWNER";

pub(crate) struct Permissions;

#[async_trait]
impl Kind for Permissions {
    fn naming(&self) -> Naming {
        Naming::Part
    }

    fn has_content(&self) -> bool {
        true
    }

    fn is_rotated(&self) -> bool {
        true
    }

    fn has_marks(&self) -> bool {
        false
    }

    fn added(&self) -> Added {
        Added::Grants
    }

    fn belongs_to(&self, key: &str) -> Option<ObjectKey> {
        let (kind, key) = key.split_once('/')?;
        Some(ObjectKey { kind: kind.parse().ok()?, key: key.into() })
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        let mut lists = Vec::new();
        for (kind, word, _) in GUARDED {
            match look.listed(kind).await {
                Ok(objects) => {
                    // There are as many as there are objects, so that little is kept of each.
                    let raw = Arc::new(Value::from(word));
                    lists.extend(objects.iter().filter_map(|object| listed(kind, word, object, &raw)));
                }
                // What the workspace does not have needs no list.
                Err(error) if error.kind() == ErrorKind::FeatureDisabled => {}
                Err(error) => return Err(error),
            }
        }
        probe(look.client, &lists).await?;
        Ok(lists)
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        let loaded = found(self.load(client, id, &Value::Null).await)?;
        Ok(loaded.map(|loaded| Listed::new(id.to_owned(), id.to_owned(), None, loaded.raw)))
    }

    fn canonical(&self, raw: &Value, keys: &dyn KeyLookup) -> Canonical {
        let form = match entries(raw, keys) {
            Some(entries) if !is_held(raw) => json!({ ENTRIES: entries }),
            _ => json!({}),
        };
        Canonical { form, problems: Vec::new() }
    }

    fn activation(&self, raw: &Value, keys: &dyn KeyLookup) -> Option<Value> {
        let entries = entries(raw, keys).filter(|_| is_held(raw))?;
        Some(json!({ ENTRIES: entries }))
    }

    fn passive(&self, raw: &Value, keys: &dyn KeyLookup) -> Option<Value> {
        let mut entries = entries(raw, keys).filter(|_| is_held(raw))?;
        entries.retain(is_owner);
        Some(json!({ ENTRIES: entries }))
    }

    async fn load(&self, client: &WorkspaceClient, id: &str, _listed: &Value) -> Result<Loaded, ApiError> {
        let (word, of, object_id) = guarded_by(id)?;
        let direct = client.get_permissions(of, object_id).await?.direct();
        Ok(Loaded { raw: json!({ TYPE: word, ENTRIES: direct }), ..Loaded::default() })
    }

    async fn create(
        &self,
        target: &WorkspaceClient,
        key: &str,
        write: Write<'_>,
        _mark: &str,
    ) -> Result<String, ApiError> {
        let owner = self.belongs_to(key);
        let guarded = owner.and_then(|owner| GUARDED.into_iter().find(|(kind, ..)| *kind == owner.kind));
        let (Some((kind, word, of)), Some(owner_id)) = (guarded, write.owner_id) else {
            return Err(unusable(format!("{key:?} is the list of nothing that is there")));
        };
        let object_id = if super::of(kind).is_in_tree() {
            let object_id = target.get_path(owner_id).await?.object_id;
            let untold = || unusable(format!("the workspace does not tell the object_id of {owner_id}"));
            object_id.ok_or_else(untold)?.to_string()
        } else {
            owner_id.to_owned()
        };
        let id = format!("{word}/{object_id}");
        // A new job belongs to whoever has made it, and to nobody else: it is passive already.
        if kind == ObjectKind::Jobs {
            return Ok(id);
        }
        let grants = grants(write.form)?;
        // Most objects have no grants of their own, and reading is allowed more often than writing.
        if !grants.is_empty() || !target.get_permissions(of, &object_id).await?.direct().is_empty() {
            put(target, of, &object_id, &grants).await?;
        }
        Ok(id)
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        let (_, of, object_id) = guarded_by(&current.id)?;
        put(target, of, object_id, &grants(write.form)?).await
    }

    async fn delete(&self, _target: &WorkspaceClient, _id: &str) -> Result<(), ApiError> {
        // It goes with its object.
        Ok(())
    }

    async fn set_activation(
        &self,
        client: &WorkspaceClient,
        current: &Listed,
        wanted: &Value,
    ) -> Result<(), ApiError> {
        let (_, of, object_id) = guarded_by(&current.id)?;
        let mut wanted = grants(wanted)?;
        // Where the owner has gone, the job keeps the one that it has: without one, it would keep nothing at all.
        if wanted.iter().all(|grant| grant.permission_level != OWNER) {
            wanted.extend(grants(&current.raw)?.into_iter().filter(|grant| grant.permission_level == OWNER));
        }
        put(client, of, object_id, &wanted).await
    }
}

/// The list of an object that was listed; None of one whose `object_id` is not told, by which its list would be known.
fn listed(kind: ObjectKind, word: &str, object: &Listed, raw: &Arc<Value>) -> Option<Listed> {
    let object_id = if super::of(kind).is_in_tree() {
        object.object_id?.to_string().into()
    } else {
        Arc::clone(&object.id)
    };
    Some(Listed {
        part_of: Some((kind, Arc::clone(&object.id))),
        // As far as a listing can tell: whose turn it is decides, and whether its object has changed.
        untouched: Untouched { since_verified: true, ..Untouched::NO },
        ..Listed::new(format!("{word}/{object_id}"), Arc::clone(&object.name), None, Arc::clone(raw))
    })
}

/// Fails when the workspace has no access control lists at all, which none of its lists must hide. What else is
/// wrong with one of them is told when it is read.
async fn probe(client: &WorkspaceClient, lists: &[Listed]) -> Result<(), ApiError> {
    for list in lists.iter().take(MOST_PROBES) {
        let (_, of, object_id) = guarded_by(&list.id)?;
        match client.get_permissions(of, object_id).await {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::FeatureDisabled => return Err(error),
            Err(_) => {}
        }
    }
    Ok(())
}

/// From the id of a list: the type of the guarded object, as word and for the client, and its id.
fn guarded_by(id: &str) -> Result<(&'static str, PermissionType, &str), ApiError> {
    let guarded = id.split_once('/').and_then(|(word, object_id)| {
        let (_, word, of) = GUARDED.into_iter().find(|(_, known, _)| *known == word)?;
        Some((word, of, object_id))
    });
    guarded.ok_or_else(|| unusable(format!("{id:?} in the ledger is no id of a list")))
}

fn is_held(raw: &Value) -> bool {
    raw.as_str().or_else(|| text(raw, TYPE)) == Some("jobs")
}

fn is_owner(entry: &Value) -> bool {
    text(entry, LEVEL) == Some(OWNER)
}

/// The direct entries in an order that does not depend on the side; None where they were not read. People and
/// groups have the same name on both sides.
fn entries(raw: &Value, keys: &dyn KeyLookup) -> Option<Vec<Value>> {
    let mut entries = raw.get(ENTRIES)?.as_array()?.clone();
    for entry in &mut entries {
        if let Some(application) = entry.get_mut(SERVICE_PRINCIPAL)
            && let Some(key) =
                application.as_str().and_then(|id| keys.key_of(ObjectKind::ServicePrincipals, id))
        {
            *application = reference(&key);
        }
    }
    entries.sort_by_cached_key(Value::to_string);
    Some(entries)
}

/// The entries of a form, or of what was read, as they are written.
fn grants(form: &Value) -> Result<Vec<Grant>, ApiError> {
    let entries = form.get(ENTRIES).cloned().unwrap_or_else(|| json!([]));
    serde_json::from_value(entries).map_err(|error| unusable(format!("the list is not readable: {error}")))
}

async fn put(
    target: &WorkspaceClient,
    of: PermissionType,
    object_id: &str,
    grants: &[Grant],
) -> Result<(), ApiError> {
    match target.put_permissions(of, object_id, grants).await {
        Ok(_) => Ok(()),
        // The list is refused as a whole, and what is not found is not the object.
        Err(error) if error.kind() == ErrorKind::NotFound && error.message().contains("rincipal") => {
            Err(ApiError::new(
                ErrorKind::Invalid,
                error.endpoint(),
                format!(
                    "{}; add whoever that is to the workspace that is written, or take them off the list",
                    error.message().trim_end_matches('.')
                ),
            ))
        }
        Err(error) => Err(error),
    }
}

fn unusable(why: String) -> ApiError {
    ApiError::new(ErrorKind::Invalid, "permissions", why)
}

#[cfg(test)]
mod tests;
