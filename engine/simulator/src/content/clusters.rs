//! Eight all-purpose clusters, three of them running.

use serde_json::{Map, Value, json};

use super::{DAY_MS, fields};
use crate::api::policy_rules::ClusterType;
use crate::api::{cluster_catalog, clusters};
use crate::state::State;
use crate::state::cluster::{ClusterState, Termination};

/// The clusters that run, for the jobs that use them.
pub(super) const RUNNING: [&str; 3] =
    ["shared-analytics", "finance-close-interactive", "ingestion-streaming"];

/// The value under a name in a short list.
pub(super) fn id_of(ids: &[(&'static str, String)], name: &str) -> String {
    ids.iter().find(|(known, _)| *known == name).map(|(_, id)| id.clone()).unwrap_or_default()
}

/// Adds the clusters; their ids by name.
pub(super) fn add(
    state: &mut State,
    pools: &[(&'static str, String)],
    policies: &[(&'static str, String)],
) -> Vec<(&'static str, String)> {
    let creator = state.directory.admin_user_name();
    let mut ids = Vec::new();
    for (index, (name, settings)) in definitions(state, pools, policies).into_iter().enumerate() {
        let mut settings = fields(settings);
        settings.insert("cluster_name".into(), name.into());
        let settings = match clusters::complete(state, settings, ClusterType::AllPurpose, true) {
            Ok(settings) => settings,
            Err(error) => {
                tracing::error!(cluster = name, answer = %error.body, "a cluster of the demo is not valid");
                continue;
            }
        };
        let is_running = RUNNING.contains(&name);
        let cluster_state = if is_running { ClusterState::Running } else { ClusterState::Terminated };
        let cluster_id = clusters::add(state, settings, &creator, "UI", cluster_state);
        age(state, &cluster_id, 20 + 30 * index as i64, is_running);
        ids.push((name, cluster_id));
    }
    ids
}

/// Gives a cluster a past.
fn age(state: &mut State, cluster_id: &str, days: i64, is_running: bool) {
    let now_ms = state.now_ms;
    let admin = state.directory.admin_user_name();
    let Some(cluster) = state.clusters.get_mut(cluster_id) else { return };
    let created_ms = now_ms - days * DAY_MS;
    cluster.created_ms = created_ms;
    cluster.restarted_ms = Some(now_ms - 2 * DAY_MS);
    let workers = cluster.workers();
    cluster.event(created_ms, "CREATING", json!({"user": admin, "cluster_size": {"num_workers": workers}}));
    cluster.event(
        created_ms + 240_000,
        "RUNNING",
        json!({"current_num_workers": workers, "target_num_workers": workers}),
    );
    if cluster.name() == "shared-analytics" {
        cluster.pinned_by = Some(admin);
        cluster.event(created_ms + 600_000, "PINNED", json!({}));
    }
    if !is_running {
        // Recently enough that the thirty days are not over while somebody looks.
        let ended_ms = now_ms - (days % 11 + 1) * 3_600_000;
        let why = Termination::inactive(60);
        cluster.event(ended_ms, "TERMINATING", json!({"reason": why.to_json()}));
        cluster.state_message = why.message.clone();
        cluster.termination = Some(why);
        cluster.terminated_ms = Some(ended_ms);
    }
}

fn definitions(
    state: &State,
    pools: &[(&'static str, String)],
    policies: &[(&'static str, String)],
) -> [(&'static str, Value); 8] {
    let node = |category: &str| cluster_catalog::node_type_of(&state.region, category);
    let pool = |name: &str| id_of(pools, name);
    let policy = |name: &str| id_of(policies, name);
    let conf = |pairs: &[(&str, &str)]| -> Map<String, Value> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
    };
    [
        (
            "shared-analytics",
            json!({
                "spark_version": "16.4.x-scala2.12",
                "node_type_id": node("General Purpose"),
                "autoscale": {"min_workers": 2, "max_workers": 8},
                "autotermination_minutes": 0,
                "policy_id": policy("analytics-interactive"),
                "data_security_mode": "USER_ISOLATION",
                "custom_tags": {"team": "analytics"},
            }),
        ),
        (
            "finance-close-interactive",
            json!({
                "spark_version": "15.4.x-scala2.12",
                "node_type_id": node("Memory Optimized"),
                "num_workers": 3,
                "autotermination_minutes": 0,
                "policy_id": policy("finance-restricted"),
                "data_security_mode": "USER_ISOLATION",
                "spark_conf": conf(&[("spark.sql.session.timeZone", "Europe/Berlin")]),
                "custom_tags": {"team": "finance"},
            }),
        ),
        (
            "ingestion-streaming",
            json!({
                "spark_version": "16.4.x-scala2.12",
                "instance_pool_id": pool("streaming"),
                "num_workers": 4,
                "autotermination_minutes": 0,
                "spark_conf": conf(&[
                    ("spark.sql.shuffle.partitions", "64"),
                    ("spark.databricks.delta.optimizeWrite.enabled", "true"),
                ]),
                "spark_env_vars": {"LANDING_ZONE": "abfss://landing"},
                "custom_tags": {"team": "ingestion"},
            }),
        ),
        (
            "risk-modelling",
            json!({
                "spark_version": "16.4.x-cpu-ml-scala2.12",
                "instance_pool_id": pool("memory-optimized"),
                "num_workers": 4,
                "autotermination_minutes": 90,
                "policy_id": policy("ml-experiments"),
                "custom_tags": {"team": "risk"},
            }),
        ),
        (
            "claims-adhoc",
            json!({
                "spark_version": "15.4.x-scala2.12",
                "instance_pool_id": pool("general-purpose"),
                "autoscale": {"min_workers": 1, "max_workers": 6},
                "autotermination_minutes": 60,
                "custom_tags": {"team": "claims"},
            }),
        ),
        (
            "customer-360-features",
            json!({
                "spark_version": "16.4.x-cpu-ml-scala2.12",
                "node_type_id": node("Storage Optimized"),
                "num_workers": 2,
                "autotermination_minutes": 120,
                "policy_id": policy("ml-experiments"),
                "custom_tags": {"team": "customer-insights"},
            }),
        ),
        (
            "sql-exploration",
            json!({
                "spark_version": "14.3.x-scala2.12",
                "node_type_id": node("General Purpose"),
                "autoscale": {"min_workers": 1, "max_workers": 4},
                "autotermination_minutes": 45,
                "policy_id": policy("analytics-interactive"),
                "data_security_mode": "USER_ISOLATION",
            }),
        ),
        (
            "platform-tools",
            json!({
                "spark_version": "16.4.x-scala2.12",
                "node_type_id": node("General Purpose"),
                "num_workers": 0,
                "autotermination_minutes": 30,
                "policy_id": policy("small-personal"),
                "spark_conf": conf(&[("spark.master", "local[*]"), ("spark.databricks.cluster.profile", "singleNode")]),
                "custom_tags": {"ResourceClass": "SingleNode"},
            }),
        ),
    ]
}
