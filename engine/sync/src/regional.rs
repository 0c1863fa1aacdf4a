//! What a region map is tried on before anybody relies on it.

use farshore_databricks::{ApiError, WorkspaceClient};
use farshore_model::kind::{ObjectKey, ObjectKind};
use futures::future;
use serde_json::Value;

use crate::{
    id_map::own_key,
    inventory::{KnownUntil, Look, is_not_offered},
    kinds::{self, Listed},
    references::{KeyLookup, to_ids},
};

/// The kinds that may hold what a region calls its own way and tell it in their listing: storage, zones, machine
/// types, hosts and roles.
const REGIONAL: [ObjectKind; 6] = [
    ObjectKind::InstanceProfiles,
    ObjectKind::InitScripts,
    ObjectKind::InstancePools,
    ObjectKind::ClusterPolicies,
    ObjectKind::Clusters,
    ObjectKind::Jobs,
];

/// The objects of one workspace in which [`preview_region_map`](crate::preview_region_map) looks for values to
/// rewrite: kind, name, and the form that a sync would carry, in the words of this workspace. A kind that the
/// workspace does not offer has none. Nothing is read but listings.
///
/// # Errors
/// When one of the listings is not complete: a value that is not shown must not pass for one that is not there.
pub async fn list_regional(client: &WorkspaceClient) -> Result<Vec<(ObjectKind, String, Value)>, ApiError> {
    let look = &Look::new(client, 1, KnownUntil::default());
    let listings = future::try_join_all(REGIONAL.map(|kind| listed(look, kind))).await?;
    let mut objects = Vec::new();
    for (kind, listed) in REGIONAL.into_iter().zip(listings) {
        objects.extend(listed.iter().map(|object| (kind, object.name.to_string(), form(kind, object))));
    }
    Ok(objects)
}

/// Every id is that of some object, and any value may have a rule.
struct Anything;

impl KeyLookup for Anything {
    fn key_of(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey> {
        Some(own_key(kind, "", id))
    }

    fn is_told(&self, _field: &[&str], _value: &str) -> bool {
        true
    }
}

/// What a map may rewrite of an object.
fn form(kind: ObjectKind, object: &Listed) -> Value {
    let rules = kinds::of(kind);
    let mut form = rules.canonical(&object.raw, &Anything).form;
    // What else is referred to is looked up on the other side, and is nothing that a map rewrites.
    let name_of = |key: &ObjectKey| kinds::of(key.kind).name_field().map(|_| key.key.to_string());
    let _others: Result<(), Vec<ObjectKey>> = to_ids(&mut form, &name_of);
    if let (Some(field), Value::Object(form)) = (rules.name_field().and_then(|path| path.last()), &mut form) {
        form.insert((*field).to_owned(), Value::from(&*object.name));
    }
    form
}

async fn listed<'a>(look: &'a Look<'_>, kind: ObjectKind) -> Result<&'a [Listed], ApiError> {
    match look.listed(kind).await {
        Err(error) if is_not_offered(kind, &error) => Ok(&[]),
        listed => listed,
    }
}
