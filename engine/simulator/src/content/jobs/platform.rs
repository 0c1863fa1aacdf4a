//! The jobs of the platform itself, the smoke test among them.

use serde_json::{Value, json};

use super::{World, pooled};
use crate::content::clusters::id_of;

pub(super) fn definitions(world: &World<'_>) -> [Value; 5] {
    let notebook = |path: &str| json!({"notebook_path": path, "source": "WORKSPACE"});
    let tags = |run_ms: i64| json!({"domain": "platform", "simulated_run_ms": run_ms.to_string()});
    let tools = id_of(world.clusters, "platform-tools");
    let shared = id_of(world.clusters, "shared-analytics");
    [
        json!({
            "name": "Platform freshness watch",
            "tags": tags(10_000),
            "trigger": {"periodic": {"interval": 1, "unit": "HOURS"}, "pause_status": "UNPAUSED"},
            "tasks": [{
                "task_key": "freshness", "existing_cluster_id": shared,
                "notebook_task": notebook("/Shared/Libraries/Quality/freshness"),
            }],
        }),
        json!({
            "name": "Platform cost report",
            "tags": tags(20_000),
            "trigger": {"periodic": {"interval": 1, "unit": "DAYS"}, "pause_status": "PAUSED"},
            "tasks": [{
                "task_key": "cost", "existing_cluster_id": tools,
                "notebook_task": notebook("/Shared/Libraries/Quality/row counts"),
            }],
        }),
        json!({
            "name": "Platform table maintenance",
            "tags": tags(60_000),
            "schedule": {
                "quartz_cron_expression": "0 0 3 ? * SUN", "timezone_id": "UTC", "pause_status": "UNPAUSED",
            },
            "max_concurrent_runs": 1,
            "job_clusters": [pooled("maintenance", "storage-optimized", 8, world)],
            "tasks": [
                {
                    "task_key": "duplicates", "job_cluster_key": "maintenance",
                    "notebook_task": notebook("/Shared/Libraries/Quality/duplicates"),
                },
                {
                    "task_key": "schema_drift", "job_cluster_key": "maintenance",
                    "depends_on": [{"task_key": "duplicates"}],
                    "notebook_task": notebook("/Shared/Libraries/Quality/schema drift"),
                },
            ],
        }),
        json!({
            "name": "Partner feed reconciliation",
            "description": "Known to fail until the partner delivers control totals again.",
            "tags": {"domain": "ingestion", "simulated_run_ms": "12000", "simulated_result": "FAILED"},
            "schedule": {
                "quartz_cron_expression": "30 0/10 * * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED",
            },
            "max_concurrent_runs": 1,
            "tasks": [{
                "task_key": "reconcile", "existing_cluster_id": shared,
                "notebook_task": notebook("/Production/Ingestion/04 Checks/check_partner_feeds"),
            }],
        }),
        json!({
            "name": "dr-smoke-test",
            "description": "Proves that jobs run in this region: reads a table and writes a row.",
            "tags": {"purpose": "disaster-recovery", "simulated_run_ms": "2000"},
            "max_concurrent_runs": 1,
            "timeout_seconds": 600,
            "tasks": [{
                "task_key": "smoke",
                "notebook_task": notebook("/Shared/Libraries/Connections/object storage"),
                "new_cluster": {
                    "spark_version": "16.4.x-scala2.12", "node_type_id": world.node_type, "num_workers": 1,
                },
            }],
        }),
    ]
}
