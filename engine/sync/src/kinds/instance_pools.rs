//! Instance pools: on a passive side none keeps idle instances.

use async_trait::async_trait;
use farshore_databricks::{ApiError, ErrorKind, WorkspaceClient};
use serde_json::{Map, Value, json};

use super::{Added, Canonical, Kind, Listed, Naming, Write, every, found};
use crate::{
    canonical::{into_map, only, put_mark, take_mark, text, without_empty},
    cluster_spec::{ANY_ZONE, ZONE, ZONED},
    inventory::Look,
    references::KeyLookup,
};

/// What the API takes; everything else in its answers is its own.
const FIELDS: [&str; 15] = [
    "instance_pool_name",
    "node_type_id",
    "max_capacity",
    "idle_instance_autotermination_minutes",
    "custom_tags",
    "enable_elastic_disk",
    "disk_spec",
    "preloaded_spark_versions",
    "preloaded_docker_images",
    "aws_attributes",
    "azure_attributes",
    "gcp_attributes",
    "node_type_flexibility",
    "remote_disk_throughput",
    "total_initial_remote_disk_size",
];
const MIN_IDLE: &str = "min_idle_instances";
const TAGS: &str = "custom_tags";

pub(crate) struct InstancePools;

#[async_trait]
impl Kind for InstancePools {
    fn naming(&self) -> Naming {
        Naming::UniqueName
    }

    fn added(&self) -> Added {
        Added::Settings
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        let mut pools = look.client.list_pools().await?;
        pools.retain(|pool| text(pool, "state") != Some("DELETED"));
        every(pools, listed)
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        Ok(found(client.get_pool(id).await)?.and_then(listed))
    }

    fn canonical(&self, raw: &Value, keys: &dyn KeyLookup) -> Canonical {
        let mut form = only(raw, &FIELDS);
        take_mark(&mut form, TAGS);
        forget_own_zones(&mut form, keys);
        let mut form = into_map(without_empty(Value::Object(form)));
        form.insert(MIN_IDLE.to_owned(), Value::from(0));
        Canonical { form: Value::Object(form), problems: Vec::new() }
    }

    fn activation(&self, raw: &Value, _keys: &dyn KeyLookup) -> Option<Value> {
        Some(json!({ MIN_IDLE: raw.get(MIN_IDLE).and_then(Value::as_i64).unwrap_or(0) }))
    }

    fn passive(&self, _raw: &Value, _keys: &dyn KeyLookup) -> Option<Value> {
        Some(json!({ MIN_IDLE: 0 }))
    }

    async fn create(
        &self,
        target: &WorkspaceClient,
        _key: &str,
        write: Write<'_>,
        mark: &str,
    ) -> Result<String, ApiError> {
        let mut settings = into_map(write.form.clone());
        put_mark(&mut settings, TAGS, mark);
        target.create_pool(&Value::Object(settings)).await
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        if write.form.get("node_type_id") != current.raw.get("node_type_id") {
            return Err(ApiError::new(
                ErrorKind::Invalid,
                "instance-pools/edit",
                "the node type of a pool cannot be changed; delete the pool on the side that is written, and \
                 the next sync creates it anew",
            ));
        }
        let mut settings = into_map(write.form.clone());
        keep_zones(&mut settings, &current.raw);
        target.edit_pool(&edited(current, settings)).await
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        target.delete_pool(id).await
    }

    async fn set_activation(
        &self,
        client: &WorkspaceClient,
        current: &Listed,
        wanted: &Value,
    ) -> Result<(), ApiError> {
        let mut settings = only(&current.raw, &FIELDS);
        settings.insert(MIN_IDLE.to_owned(), wanted.get(MIN_IDLE).cloned().unwrap_or(Value::from(0)));
        client.edit_pool(&edited(current, settings)).await
    }
}

fn listed(raw: Value) -> Option<Listed> {
    let id = text(&raw, "instance_pool_id")?.to_owned();
    let name = text(&raw, "instance_pool_name").unwrap_or(&id).to_owned();
    let mark = take_mark(&mut only(&raw, &[TAGS]), TAGS);
    Some(Listed::new(id, name, mark, raw))
}

/// A zone belongs to one region. Where nothing tells what the other one has in its place, the pool there is in
/// whichever zone it is given; not every pool can do without one.
fn forget_own_zones(form: &mut Map<String, Value>, keys: &dyn KeyLookup) {
    for field in ZONED {
        let Some(Value::Object(attributes)) = form.get_mut(field) else { continue };
        let zone = attributes.get(ZONE).and_then(Value::as_str).unwrap_or_default();
        if zone != ANY_ZONE && !keys.is_told(&[field, ZONE], zone) {
            attributes.remove(ZONE);
        }
    }
}

/// A pool that was given a zone keeps it where the settings name none.
fn keep_zones(settings: &mut Map<String, Value>, current: &Value) {
    for field in ZONED {
        let zone = current.get(field).and_then(|attributes| text(attributes, ZONE));
        let Some(zone) = zone.filter(|zone| *zone != ANY_ZONE) else { continue };
        let attributes = settings.entry(field).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(attributes) = attributes {
            attributes.entry(ZONE).or_insert_with(|| Value::from(zone));
        }
    }
}

/// The settings as an edit wants them: with the id, and with the mark that the pool has.
fn edited(current: &Listed, mut settings: Map<String, Value>) -> Value {
    settings.insert("instance_pool_id".to_owned(), Value::from(&*current.id));
    if let Some(mark) = &current.mark {
        put_mark(&mut settings, TAGS, mark);
    }
    Value::Object(settings)
}

#[cfg(test)]
mod tests {
    use farshore_model::kind::ObjectKind;

    use super::*;
    use crate::kinds::nothing;

    #[test]
    fn minimum_and_mark_are_no_part_of_a_pool() {
        let none = |_: ObjectKind, _: &str| None;
        let active = json!({
            "instance_pool_id": "a", "instance_pool_name": "Small", "node_type_id": "m5", "min_idle_instances": 3,
            "aws_attributes": {"zone_id": "us-east-1a"}, "state": "ACTIVE", "stats": {"idle_count": 2},
        });
        let copy = json!({
            "instance_pool_id": "b", "instance_pool_name": "Small", "node_type_id": "m5", "min_idle_instances": 0,
            "custom_tags": {"farshore_mark": "m"}, "aws_attributes": {"zone_id": "us-west-2b"}, "state": "ACTIVE",
        });
        assert_eq!(InstancePools.canonical(&active, &none), InstancePools.canonical(&copy, &none));
        let form = InstancePools.canonical(&active, &none).form;
        assert_eq!(form.get("aws_attributes"), None, "the other region has zones of its own");
        assert_eq!(InstancePools.activation(&active, &nothing), Some(json!({"min_idle_instances": 3})));
        assert_eq!(listed(copy).unwrap().mark.as_deref(), Some("m"));
    }

    #[test]
    fn a_pool_that_leaves_its_zone_open_does_so_on_both_sides() {
        let open =
            json!({"instance_pool_id": "a", "aws_attributes": {"zone_id": "auto", "availability": "SPOT"}});
        let form = InstancePools.canonical(&open, &nothing).form;
        assert_eq!(form["aws_attributes"], json!({"zone_id": "auto", "availability": "SPOT"}));
    }

    #[test]
    fn an_edit_leaves_a_pool_in_its_zone() {
        let edited = |mut settings: Value, current: Value| {
            let mut map = into_map(settings.take());
            keep_zones(&mut map, &current);
            Value::Object(map)
        };
        let there = json!({"aws_attributes": {"zone_id": "us-west-2b"}});
        assert_eq!(edited(json!({}), there.clone()), there);
        let open = json!({"aws_attributes": {"zone_id": "auto"}});
        assert_eq!(edited(open.clone(), there), open);
        assert_eq!(edited(json!({}), open), json!({}));
    }
}
