//! Cluster policies. Their definition is JSON in a string, and may name pools.

use async_trait::async_trait;
use farshore_databricks::{ApiError, WorkspaceClient};
use farshore_model::kind::ObjectKind;
use serde_json::{Map, Value};

use super::{Added, Canonical, Kind, Listed, Naming, Write, every, found};
use crate::{
    canonical::{compact, into_map, only, text, without_empty},
    inventory::Look,
    references::{KeyLookup, reference},
};

/// What the API takes; everything else in its answers is its own.
const FIELDS: [&str; 6] = [
    "name",
    "description",
    "libraries",
    "max_clusters_per_user",
    "policy_family_id",
    "policy_family_definition_overrides",
];
/// Fields that hold JSON in a string.
const DEFINITIONS: [&str; 2] = ["definition", "policy_family_definition_overrides"];
/// Attributes of a definition whose values are ids of pools.
const POOL_ATTRIBUTES: [&str; 2] = ["instance_pool_id", "driver_instance_pool_id"];
/// Where such an attribute holds its values.
const VALUE_FIELDS: [&str; 3] = ["value", "values", "defaultValue"];

pub(crate) struct ClusterPolicies;

#[async_trait]
impl Kind for ClusterPolicies {
    fn naming(&self) -> Naming {
        Naming::UniqueName
    }

    fn added(&self) -> Added {
        Added::Settings
    }

    fn has_marks(&self) -> bool {
        // A policy has no tags.
        false
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        every(look.client.list_policies().await?, listed)
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        Ok(found(client.get_policy(id).await)?.and_then(listed))
    }

    fn canonical(&self, raw: &Value, keys: &dyn KeyLookup) -> Canonical {
        let mut form = into_map(without_empty(Value::Object(only(raw, &FIELDS))));
        if let Some(Value::Array(libraries)) = form.get_mut("libraries") {
            libraries.sort_by_cached_key(compact);
        }
        // A policy of a family gets its definition from the family and the overrides.
        if !form.contains_key("policy_family_id")
            && let Some(definition) = raw.get("definition")
        {
            form.insert("definition".to_owned(), definition.clone());
        }
        for field in DEFINITIONS {
            if let Some(definition) = form.get_mut(field) {
                parse(definition);
                each_pool(definition, &mut |value| {
                    let key = value.as_str().and_then(|id| keys.key_of(ObjectKind::InstancePools, id));
                    // An id that means nothing here means nothing there either: it may stay.
                    if let Some(key) = key {
                        *value = reference(&key);
                    }
                });
            }
        }
        Canonical { form: Value::Object(form), problems: Vec::new() }
    }

    async fn create(
        &self,
        target: &WorkspaceClient,
        _key: &str,
        write: Write<'_>,
        _mark: &str,
    ) -> Result<String, ApiError> {
        // There is no place for a mark, but the name is one.
        target.create_policy(&Value::Object(settings(write.form))).await
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        let mut settings = settings(write.form);
        settings.insert("policy_id".to_owned(), Value::from(&*current.id));
        target.edit_policy(&Value::Object(settings)).await
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        target.delete_policy(id).await
    }
}

fn listed(raw: Value) -> Option<Listed> {
    let id = text(&raw, "policy_id")?.to_owned();
    let name = text(&raw, "name").unwrap_or(&id).to_owned();
    Some(Listed::new(id, name, None, raw))
}

/// JSON in a string as JSON, so that its layout does not matter; a string that is none stays one.
fn parse(definition: &mut Value) {
    if let Some(parsed) = definition.as_str().and_then(|text| serde_json::from_str(text).ok()) {
        *definition = parsed;
    }
}

fn settings(form: &Value) -> Map<String, Value> {
    let mut settings = into_map(form.clone());
    for field in DEFINITIONS {
        if let Some(definition) = settings.get_mut(field)
            && !definition.is_string()
        {
            *definition = Value::from(definition.to_string());
        }
    }
    settings
}

fn each_pool(definition: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    for attribute in POOL_ATTRIBUTES {
        for field in VALUE_FIELDS {
            match definition.get_mut(attribute).and_then(|attribute| attribute.get_mut(field)) {
                Some(Value::Array(values)) => values.iter_mut().for_each(&mut *visit),
                Some(value) => visit(value),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use farshore_model::kind::ObjectKey;
    use serde_json::json;

    use super::*;

    fn known(kind: ObjectKind, id: &str) -> Option<ObjectKey> {
        id.starts_with("pool").then(|| ObjectKey { kind, key: format!("1:{id}").into() })
    }

    #[test]
    fn the_layout_of_a_definition_does_not_matter_and_its_pools_are_mapped() {
        let raw = json!({
            "policy_id": "P1", "name": "Small", "created_at_timestamp": 5, "creator_user_name": "a",
            "definition": "{ \"instance_pool_id\": {\"type\": \"allowlist\", \"values\": [\"pool-1\", \"stale\"]} }",
        });
        let form = ClusterPolicies.canonical(&raw, &known).form;
        let pools = json!({"type": "allowlist", "values": [{"$ref": "instance_pools/1:pool-1"}, "stale"]});
        assert_eq!(form, json!({"name": "Small", "definition": {"instance_pool_id": pools}}));
        let written = settings(&form);
        assert!(written["definition"].is_string());
    }

    #[test]
    fn the_order_of_libraries_does_not_matter() {
        let form = |libraries: [&str; 2]| {
            let libraries = libraries.map(|package| json!({"pypi": {"package": package}}));
            let raw = json!({"policy_id": "P", "name": "Small", "definition": "{}", "libraries": libraries});
            ClusterPolicies.canonical(&raw, &known).form
        };
        assert_eq!(form(["a", "b"]), form(["b", "a"]));
    }

    #[test]
    fn a_policy_of_a_family_has_no_definition_of_its_own() {
        let raw = json!({"policy_id": "P", "name": "Personal", "policy_family_id": "personal-vm", "definition": "{}"});
        let form = ClusterPolicies.canonical(&raw, &known).form;
        assert_eq!(form, json!({"name": "Personal", "policy_family_id": "personal-vm"}));
    }
}
