//! How a cluster is shown.

use serde_json::{Map, Value, json};

use crate::api::{cloud_defaults, cluster_catalog};
use crate::seed;
use crate::state::cluster::Cluster;

/// The cluster as JSON; `get` of API 2.1 also shows the `spec` it was made from.
pub(super) fn cluster(region: &str, cluster: &Cluster, has_spec: bool) -> Value {
    let mut shown = cluster.settings.clone();
    cloud_defaults::add(region, &mut shown);
    if matches!(cluster.text("data_security_mode"), Some("SINGLE_USER" | "DATA_SECURITY_MODE_DEDICATED")) {
        shown.entry("single_user_name").or_insert_with(|| cluster.creator.clone().into());
    }
    let context = i64::try_from(seed::of_text(&cluster.cluster_id) >> 2).unwrap_or(0);
    let fields = json!({
        "cluster_id": cluster.cluster_id,
        "creator_user_name": cluster.creator,
        "cluster_source": cluster.source,
        "state": cluster.state.name(),
        "state_message": cluster.state_message,
        "start_time": cluster.created_ms,
        "last_restarted_time": cluster.restarted_ms.unwrap_or(cluster.created_ms),
        "last_state_loss_time": cluster.restarted_ms.unwrap_or(0),
        "terminated_time": cluster.terminated_ms.unwrap_or(0),
        "last_activity_time": cluster.active_ms,
        "spark_context_id": context,
        "effective_spark_version": cluster.text("spark_version"),
        "init_scripts_safe_mode": false,
        "default_tags": default_tags(cluster),
    });
    shown.extend(fields.as_object().cloned().unwrap_or_default());
    let instance_source = |pool: &str, node: &str| match (cluster.text(pool), cluster.text(node)) {
        (Some(pool_id), _) => json!({"instance_pool_id": pool_id}),
        (None, node_type) => json!({"node_type_id": node_type}),
    };
    shown.insert("instance_source".into(), instance_source("instance_pool_id", "node_type_id"));
    let driver_source = instance_source("driver_instance_pool_id", "driver_node_type_id");
    shown.insert("driver_instance_source".into(), driver_source);
    if let Some(termination) = &cluster.termination {
        shown.insert("termination_reason".into(), termination.to_json());
    }
    if let Some(user_name) = &cluster.pinned_by {
        shown.insert("pinned_by_user_name".into(), user_name.clone().into());
    }
    if cluster.is_running() {
        add_nodes(cluster, context, &mut shown);
    }
    if has_spec {
        let mut spec = cluster.settings.clone();
        if spec.contains_key("instance_pool_id") {
            for derived in ["node_type_id", "driver_node_type_id"] {
                spec.remove(derived);
            }
        }
        shown.insert("spec".into(), Value::Object(spec));
    }
    Value::Object(shown)
}

fn default_tags(cluster: &Cluster) -> Map<String, Value> {
    let mut tags = Map::from_iter([
        ("Vendor".to_owned(), "Databricks".into()),
        ("Creator".to_owned(), cluster.creator.clone().into()),
        ("ClusterName".to_owned(), cluster.name().into()),
        ("ClusterId".to_owned(), cluster.cluster_id.clone().into()),
    ]);
    if let Some((job_id, run_name)) = &cluster.job_run {
        tags.insert("JobId".to_owned(), job_id.to_string().into());
        tags.insert("RunName".to_owned(), run_name.clone().into());
    }
    tags
}

fn add_nodes(cluster: &Cluster, context: i64, shown: &mut Map<String, Value>) {
    let node = |number: i64| {
        let address = format!("10.{}.{}.{}", context % 200, number / 250, number % 250 + 4);
        json!({
            "private_ip": address,
            "host_private_ip": address,
            "node_id": format!("{:032x}", seed::mix((context + number).unsigned_abs())),
            "instance_id": format!("i-{:017x}", seed::mix((context - number).unsigned_abs())),
            "start_timestamp": cluster.restarted_ms.unwrap_or(cluster.created_ms),
        })
    };
    let workers = cluster.workers();
    shown.insert("driver".into(), node(0));
    shown.insert("executors".into(), (1..=workers).map(node).collect());
    shown.insert("jdbc_port".into(), 10_000.into());
    // A cluster of automatic size shows how many workers it has at the moment.
    shown.entry("num_workers").or_insert_with(|| workers.into());
    let (cores, memory_mb) = cluster_catalog::size_of(cluster.text("node_type_id").unwrap_or_default());
    shown.insert("cluster_cores".into(), ((workers + 1) as f64 * cores).into());
    shown.insert("cluster_memory_mb".into(), ((workers + 1) * memory_mb).into());
}
