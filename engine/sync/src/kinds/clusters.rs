//! All-purpose clusters: on a passive side they end up terminated.

use std::time::Duration;

use async_trait::async_trait;
use farshore_databricks::{ApiError, ErrorKind, WorkspaceClient};
use farshore_model::kind::ObjectKind;
use serde_json::{Map, Value, json};

use super::{Canonical, Kind, Listed, Naming, Write, every, found};
use crate::{
    canonical::{into_map, only, put_mark, take_mark, text, without_empty},
    cluster_spec,
    inventory::Look,
    references::{KeyLookup, to_keys},
};

/// What the API takes; everything else in its answers is its own.
const FIELDS: [&str; 31] = [
    "cluster_name",
    "spark_version",
    "node_type_id",
    "driver_node_type_id",
    "num_workers",
    "autoscale",
    "autotermination_minutes",
    "spark_conf",
    "spark_env_vars",
    "custom_tags",
    "aws_attributes",
    "azure_attributes",
    "gcp_attributes",
    "enable_elastic_disk",
    "enable_local_disk_encryption",
    "cluster_log_conf",
    "init_scripts",
    "docker_image",
    "instance_pool_id",
    "driver_instance_pool_id",
    "policy_id",
    "single_user_name",
    "data_security_mode",
    "runtime_engine",
    "ssh_public_keys",
    "workload_type",
    "is_single_node",
    "kind",
    "use_ml_runtime",
    "worker_node_type_flexibility",
    "driver_node_type_flexibility",
];
const TAGS: &str = "custom_tags";
const IS_RUNNING: &str = "is_running";

/// How often, and for how long, a cluster is asked whether it has come to rest.
const SETTLE_EVERY: Duration = Duration::from_millis(250);
const SETTLE_ATTEMPTS: u32 = 480;

pub(crate) struct Clusters;

#[async_trait]
impl Kind for Clusters {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Clusters
    }

    fn naming(&self) -> Naming {
        Naming::AnyName
    }

    fn is_activation_observed(&self) -> bool {
        true
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        every(look.client.list_clusters().await?, listed)
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        Ok(found(client.get_cluster(id).await)?.and_then(listed))
    }

    fn canonical(&self, raw: &Value, keys: &dyn KeyLookup) -> Canonical {
        let mut form = only(raw, &FIELDS);
        take_mark(&mut form, TAGS);
        cluster_spec::normalise(&mut form);
        let mut form = without_empty(Value::Object(form));
        let problems = to_keys(&mut form, keys);
        Canonical { form, problems }
    }

    fn activation(&self, raw: &Value, _keys: &dyn KeyLookup) -> Option<Value> {
        Some(json!({ IS_RUNNING: is_up(raw) }))
    }

    fn passive(&self, _raw: &Value, _keys: &dyn KeyLookup) -> Option<Value> {
        Some(json!({ IS_RUNNING: false }))
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
        target.create_cluster(&Value::Object(settings)).await
    }

    async fn settle_created(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        // Creating a cluster starts it.
        target.terminate_cluster(id).await?;
        // A cluster that stays terminated for 30 days is forgotten unless it is pinned. Only an admin may pin,
        // and only so many: without the pin, the next sync after those days creates it anew.
        if let Err(error) = target.pin_cluster(id).await {
            tracing::warn!(cluster = id, %error, "the cluster could not be pinned");
        }
        Ok(())
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        if is_up(&current.raw) {
            target.terminate_cluster(&current.id).await?;
        }
        not_terminating(target, &current.id).await?;
        target.edit_cluster(&edited(current, into_map(write.form.clone()))).await
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        let Some(cluster) = self.read(target, id).await? else { return Ok(()) };
        if text(&cluster.raw, "pinned_by_user_name").is_some() {
            target.unpin_cluster(id).await?;
        }
        target.permanent_delete_cluster(id).await
    }

    async fn set_activation(
        &self,
        client: &WorkspaceClient,
        current: &Listed,
        wanted: &Value,
    ) -> Result<(), ApiError> {
        if wanted.get(IS_RUNNING) != Some(&Value::Bool(true)) {
            return client.terminate_cluster(&current.id).await;
        }
        if is_up(&not_terminating(client, &current.id).await?) {
            return Ok(());
        }
        client.start_cluster(&current.id).await
    }
}

fn listed(raw: Value) -> Option<Listed> {
    let id = text(&raw, "cluster_id")?.to_owned();
    let name = text(&raw, "cluster_name").unwrap_or(&id).to_owned();
    let mark = take_mark(&mut only(&raw, &[TAGS]), TAGS);
    Some(Listed::new(id, name, mark, raw))
}

/// It runs, or will by itself.
fn is_up(raw: &Value) -> bool {
    matches!(text(raw, "state"), Some("PENDING" | "RUNNING" | "RESTARTING" | "RESIZING"))
}

fn edited(current: &Listed, mut settings: Map<String, Value>) -> Value {
    settings.insert("cluster_id".to_owned(), Value::from(current.id.clone()));
    if let Some(mark) = &current.mark {
        put_mark(&mut settings, TAGS, mark);
    }
    Value::Object(settings)
}

/// Waits until a cluster is not being terminated any more, because until then it can be neither edited nor
/// started, and answers what it is then.
async fn not_terminating(client: &WorkspaceClient, id: &str) -> Result<Value, ApiError> {
    for _ in 0..SETTLE_ATTEMPTS {
        let cluster = client.get_cluster(id).await?;
        if text(&cluster, "state") != Some("TERMINATING") {
            return Ok(cluster);
        }
        tokio::time::sleep(SETTLE_EVERY).await;
    }
    Err(ApiError::new(ErrorKind::Conflict, "clusters/get", "the cluster does not come to rest"))
}

#[cfg(test)]
mod tests {
    use farshore_model::kind::ObjectKey;

    use super::*;
    use crate::kinds::nothing;

    #[test]
    fn a_running_cluster_and_its_terminated_copy_are_equal() {
        let keys = |kind: ObjectKind, _: &str| Some(ObjectKey { kind, key: "1:p".to_owned() });
        let here = json!({
            "cluster_id": "a", "cluster_name": "ETL", "spark_version": "15.4", "instance_pool_id": "pool-here",
            "driver_instance_pool_id": "pool-here", "node_type_id": "m5", "num_workers": 2, "state": "RUNNING",
            "start_time": 5, "default_tags": {"Vendor": "Databricks"}, "custom_tags": {},
        });
        let there = json!({
            "cluster_id": "b", "cluster_name": "ETL", "spark_version": "15.4", "instance_pool_id": "pool-there",
            "num_workers": 2, "state": "TERMINATED", "custom_tags": {"farshore_mark": "m"},
        });
        assert_eq!(Clusters.canonical(&here, &keys), Clusters.canonical(&there, &keys));
        assert_eq!(Clusters.activation(&here, &nothing), Some(json!({"is_running": true})));
        assert_eq!(Clusters.activation(&there, &nothing), Clusters.passive(&there, &nothing));
    }
}
