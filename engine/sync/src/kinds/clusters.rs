//! All-purpose clusters: on a passive side they end up terminated.

mod libraries;

pub(crate) use libraries::tells_libraries;

use std::time::Duration;

use async_trait::async_trait;
use farshore_databricks::{ApiError, ErrorKind, WorkspaceClient};
use futures::{FutureExt as _, future};
use serde_json::{Map, Value, json};

use super::{Added, Canonical, Kind, Listed, Naming, Write, every, found, nothing};
use crate::{
    canonical::{into_map, only, put_mark, take_mark, text, without_empty},
    cluster_spec,
    inventory::Look,
    references::{KeyLookup, to_keys},
};

/// What the API takes; everything else in its answers is its own.
const FIELDS: [&str; 34] = [
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
    "remote_disk_throughput",
    "total_initial_remote_disk_size",
    "dependency_mode",
];
const TAGS: &str = "custom_tags";
/// What is written by calls of its own.
const LIBRARIES: &str = "libraries";
const IS_PINNED: &str = "is_pinned";
const IS_RUNNING: &str = "is_running";

/// How often, and for how long, a cluster is asked whether it has come to rest.
const SETTLE_EVERY: Duration = Duration::from_millis(250);
const SETTLE_ATTEMPTS: u32 = 480;

pub(crate) struct Clusters;

#[async_trait]
impl Kind for Clusters {
    fn naming(&self) -> Naming {
        Naming::AnyName
    }

    fn added(&self) -> Added {
        Added::Settings
    }

    fn is_activation_observed(&self) -> bool {
        true
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        let statuses = look.client.list_all_cluster_libraries().map(|listed| match listed {
            Err(error) if libraries::are_not_offered(&error) => {
                look.note_that_libraries_are_not_offered();
                Ok(Vec::new())
            }
            listed => listed,
        });
        let (clusters, statuses) = future::try_join(look.client.list_clusters(), statuses).await?;
        every(libraries::merged(clusters, statuses), listed)
    }

    async fn list_activations(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        every(look.client.list_clusters().await?, listed)
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        let Some(mut cluster) = found(client.get_cluster(id).await)? else { return Ok(None) };
        let statuses = match client.list_cluster_libraries(id).await {
            Err(error) if libraries::are_not_offered(&error) => Vec::new(),
            listed => match found(listed)? {
                Some(statuses) => statuses,
                None => return Ok(None),
            },
        };
        cluster[LIBRARIES] = libraries::wanted(&statuses);
        Ok(listed(cluster))
    }

    fn canonical(&self, raw: &Value, keys: &dyn KeyLookup) -> Canonical {
        let mut form = settings_of(raw, keys);
        let libraries = raw.get(LIBRARIES).filter(|_| keys.compares_libraries());
        if let Some(libraries) = libraries.filter(|libraries| !libraries::of(libraries).is_empty()) {
            form.insert(LIBRARIES.to_owned(), libraries.clone());
        }
        form.insert(IS_PINNED.to_owned(), Value::from(is_pinned(raw)));
        let mut form = Value::Object(form);
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
        let mut settings = written_settings(write.form);
        put_mark(&mut settings, TAGS, mark);
        target.create_cluster(&Value::Object(settings)).await
    }

    async fn settle_created(
        &self,
        target: &WorkspaceClient,
        id: &str,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        let installed = libraries::make_equal(target, id, &Value::Null, wanted_libraries(write.form)).await;
        // Creating a cluster starts it, whatever has become of its libraries.
        target.terminate_cluster(id).await?;
        installed
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
        let settings = written_settings(write.form);
        if settings != settings_of(&current.raw, &nothing) {
            not_terminating(target, &current.id).await?;
            target.edit_cluster(&edited(current, settings)).await?;
        }
        if !write.has_libraries {
            return Ok(());
        }
        let present = current.raw.get(LIBRARIES).unwrap_or(&Value::Null);
        libraries::make_equal(target, &current.id, present, wanted_libraries(write.form)).await
    }

    async fn write_as_admin(
        &self,
        target: &WorkspaceClient,
        id: &str,
        before: Option<&Listed>,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        let is_wanted = write.form.get(IS_PINNED) == Some(&Value::Bool(true));
        match (before.is_some_and(|before| is_pinned(&before.raw)), is_wanted) {
            (false, true) => target.pin_cluster(id).await,
            (true, false) => target.unpin_cluster(id).await,
            _ => Ok(()),
        }
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        let Some(cluster) = self.read(target, id).await? else { return Ok(()) };
        if is_pinned(&cluster.raw) {
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

/// What the API takes, in the form that is equal on both sides whenever the clusters are, but for ids.
fn settings_of(raw: &Value, keys: &dyn KeyLookup) -> Map<String, Value> {
    let mut settings = only(raw, &FIELDS);
    take_mark(&mut settings, TAGS);
    cluster_spec::normalise(&mut settings, keys);
    into_map(without_empty(Value::Object(settings)))
}

/// What an edit or a create is given.
fn written_settings(form: &Value) -> Map<String, Value> {
    only(form, &FIELDS)
}

fn wanted_libraries(form: &Value) -> &Value {
    form.get(LIBRARIES).unwrap_or(&Value::Null)
}

/// A cluster that stays terminated for 30 days is forgotten unless it is pinned.
fn is_pinned(raw: &Value) -> bool {
    text(raw, "pinned_by_user_name").is_some()
}

/// It runs, or will by itself.
fn is_up(raw: &Value) -> bool {
    matches!(text(raw, "state"), Some("PENDING" | "RUNNING" | "RESTARTING" | "RESIZING"))
}

fn edited(current: &Listed, mut settings: Map<String, Value>) -> Value {
    settings.insert("cluster_id".to_owned(), Value::from(&*current.id));
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
    use farshore_model::kind::{ObjectKey, ObjectKind};

    use super::*;
    use crate::kinds::nothing;

    fn keys(kind: ObjectKind, _: &str) -> Option<ObjectKey> {
        Some(ObjectKey { kind, key: "1:p".into() })
    }

    #[test]
    fn a_running_cluster_and_its_terminated_copy_are_equal() {
        let here = json!({
            "cluster_id": "a", "cluster_name": "ETL", "spark_version": "15.4", "instance_pool_id": "pool-here",
            "driver_instance_pool_id": "pool-here", "node_type_id": "m5", "num_workers": 2, "state": "RUNNING",
            "start_time": 5, "default_tags": {"Vendor": "Databricks"}, "custom_tags": {},
        });
        let there = json!({
            "cluster_id": "b", "cluster_name": "ETL", "spark_version": "15.4", "instance_pool_id": "pool-there",
            "num_workers": 2, "state": "TERMINATED", "custom_tags": {"farshore_mark": "m"}, "libraries": [],
        });
        assert_eq!(Clusters.canonical(&here, &keys), Clusters.canonical(&there, &keys));
        assert_eq!(Clusters.activation(&here, &nothing), Some(json!({"is_running": true})));
        assert_eq!(Clusters.activation(&there, &nothing), Clusters.passive(&there, &nothing));
    }

    #[test]
    fn whether_it_is_pinned_and_its_libraries_belong_to_a_cluster_and_not_to_its_settings() {
        let raw = json!({
            "cluster_id": "a", "cluster_name": "ETL", "policy_id": "p", "pinned_by_user_name": "ann@x.org",
            "libraries": [{"pypi": {"package": "numpy"}}],
        });
        let form = Clusters.canonical(&raw, &keys).form;
        assert_eq!(form["is_pinned"], json!(true));
        assert_eq!(form["libraries"], raw["libraries"]);
        let settings = written_settings(&form);
        assert_eq!(settings.keys().collect::<Vec<_>>(), ["cluster_name", "policy_id"]);
        let form = Clusters.canonical(&json!({"cluster_id": "a", "cluster_name": "ETL"}), &keys).form;
        assert_eq!(form, json!({"cluster_name": "ETL", "is_pinned": false}));
    }
}
