//! What is in the primary workspace, and what of it is in force in either.

use std::collections::BTreeMap;

use farshore_databricks::WorkspaceClient;
use serde_json::{Value, json};

pub const NOTEBOOK: &str = "/Shared/etl/load";
/// Its source at first, as an export gives it.
pub const SOURCE: &[u8] = b"# Databricks notebook source\nprint('load')\n";
pub const SMOKE_JOB: &str = "smoke";

/// Small, but with everything that a failover holds and releases: pools, clusters that run and that do not, and
/// jobs of each kind of trigger, paused and unpaused.
pub async fn fill(client: &WorkspaceClient) {
    client.make_folder("/Shared/etl").await.expect("folder");
    client.import_notebook(NOTEBOOK, "PYTHON", SOURCE.to_vec()).await.expect("notebook");
    let mut pools = Vec::new();
    for (name, min_idle) in [("warm", 2), ("cold", 0)] {
        let pool =
            json!({"instance_pool_name": name, "node_type_id": "i3.xlarge", "min_idle_instances": min_idle});
        pools.push(client.create_pool(&pool).await.expect("pool"));
    }
    for name in ["interactive", "idle"] {
        let cluster = json!({
            "cluster_name": name,
            "spark_version": "15.4.x-scala2.12",
            "instance_pool_id": pools[0],
            "num_workers": 1,
            "autotermination_minutes": 0,
        });
        let id = client.create_cluster(&cluster).await.expect("cluster");
        if name == "idle" {
            client.terminate_cluster(&id).await.expect("terminated");
        }
    }
    let cron = |pause: &str| json!({"schedule": {"quartz_cron_expression": "0 0 3 1 1 ?", "timezone_id": "UTC", "pause_status": pause}});
    let file = json!({"trigger": {"file_arrival": {"url": "s3://bucket/in/"}, "pause_status": "UNPAUSED"}});
    let stream = json!({"continuous": {"pause_status": "UNPAUSED"}});
    for (name, concurrency, run_ms, trigger) in [
        ("nightly", 1, 50, cron("UNPAUSED")),
        ("dormant", 3, 50, cron("PAUSED")),
        ("on file", 5, 50, file),
        ("stream", 1, 600_000, stream),
        (SMOKE_JOB, 2, 50, json!({})),
    ] {
        client.create_job(&job(name, concurrency, run_ms, trigger)).await.expect("job");
    }
}

fn job(name: &str, concurrency: u32, run_ms: u32, trigger: Value) -> Value {
    let mut job = json!({
        "name": name,
        "max_concurrent_runs": concurrency,
        "tasks": [{
            "task_key": "main",
            "notebook_task": {"notebook_path": NOTEBOOK, "base_parameters": {"simulated_run_ms": run_ms.to_string()}},
            "new_cluster": {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1},
        }],
    });
    for (key, value) in trigger.as_object().into_iter().flatten() {
        job[key] = value.clone();
    }
    job
}

/// What each pool, cluster and job does, by its name: what a passive workspace holds back.
pub async fn in_force(client: &WorkspaceClient) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for pool in client.list_pools().await.expect("pools") {
        let idle = pool["min_idle_instances"].as_i64().unwrap_or(0);
        found.insert(format!("pool {}", text(&pool["instance_pool_name"])), format!("min idle {idle}"));
    }
    for cluster in client.list_clusters().await.expect("clusters") {
        let is_up = matches!(text(&cluster["state"]), "RUNNING" | "PENDING" | "RESTARTING");
        let state = if is_up { "up" } else { "down" };
        found.insert(format!("cluster {}", text(&cluster["cluster_name"])), state.to_owned());
    }
    for job in client.list_jobs().await.expect("jobs") {
        let settings = &job["settings"];
        let pause = ["schedule", "continuous", "trigger"]
            .into_iter()
            .find_map(|trigger| settings[trigger]["pause_status"].as_str())
            .unwrap_or("no trigger");
        let concurrency = settings["max_concurrent_runs"].as_i64().unwrap_or(1);
        found.insert(format!("job {}", text(&settings["name"])), format!("{concurrency} at once, {pause}"));
    }
    found
}

/// The same objects, all held.
pub fn held(in_force: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let hold = |(name, what): (&String, &String)| {
        let held = if name.starts_with("pool") {
            "min idle 0"
        } else if name.starts_with("cluster") {
            "down"
        } else if what.ends_with("no trigger") {
            "0 at once, no trigger"
        } else {
            "0 at once, PAUSED"
        };
        (name.clone(), held.to_owned())
    };
    in_force.iter().map(hold).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
