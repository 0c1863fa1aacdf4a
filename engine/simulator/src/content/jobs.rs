//! Forty jobs: seven for each of the five domains, and five of the platform in `platform`.

use serde_json::{Map, Value, json};

use super::clusters::id_of;
use super::domains::{DOMAINS, Domain};
use super::{DAY_MS, fields, notebooks};
use crate::api::{cluster_catalog, job_settings, jobs};
use crate::state::State;

mod platform;

/// What the jobs refer to, by name.
struct World<'a> {
    pools: &'a [(&'static str, String)],
    policies: &'a [(&'static str, String)],
    clusters: &'a [(&'static str, String)],
    node_type: &'static str,
}

/// Adds the jobs.
pub(super) fn add(
    state: &mut State,
    pools: &[(&'static str, String)],
    policies: &[(&'static str, String)],
    clusters: &[(&'static str, String)],
) {
    let node_type = cluster_catalog::node_type_of(&state.region, "General Purpose");
    let world = World { pools, policies, clusters, node_type };
    for (index, domain) in DOMAINS.iter().enumerate() {
        let nightly = put(state, nightly(domain, index, &world));
        put(state, intraday(domain, index, &world));
        put(state, checks(domain, index, &world));
        put(state, arrivals(domain, index, &world));
        put(state, refresh(domain, index, &world));
        put(state, stream(domain, index, &world));
        put(state, weekly(domain, index, nightly));
    }
    for settings in platform::definitions(&world) {
        put(state, settings);
    }
    let count = state.jobs.len() as i64;
    let now_ms = state.now_ms;
    for (index, job) in state.jobs.values_mut().enumerate() {
        job.created_ms = now_ms - (30 + 8 * (count - index as i64)) * DAY_MS;
    }
}

fn put(state: &mut State, settings: Value) -> i64 {
    let creator = state.directory.admin_user_name();
    match job_settings::complete(state, fields(settings), &Map::new(), 2) {
        Ok(settings) => jobs::add(state, settings, &creator),
        Err(error) => {
            tracing::error!(answer = %error.body, "a job of the demo is not valid");
            0
        }
    }
}

fn pause(is_paused: bool) -> &'static str {
    if is_paused { "PAUSED" } else { "UNPAUSED" }
}

fn tags(domain: &Domain, run_ms: i64) -> Value {
    json!({"domain": domain.slug, "environment": "production", "simulated_run_ms": run_ms.to_string()})
}

fn mail(domain: &Domain) -> Value {
    let mailbox = format!("{}-alerts@farshore.example", domain.slug.replace('_', "-"));
    json!({"on_failure": [mailbox], "no_alert_for_skipped_runs": true})
}

/// A task that runs a production notebook.
fn task(domain: &Domain, layer: usize, entity: usize, after: &[&str]) -> Map<String, Value> {
    let name = domain.entities.get(entity).map_or("reference_data", |entity| entity.0);
    let verb = ["land", "conform", "publish", "check"].get(layer).copied().unwrap_or("run");
    let upstream: Vec<Value> = after.iter().map(|key| json!({"task_key": key})).collect();
    fields(json!({
        "task_key": format!("{verb}_{name}"),
        "depends_on": upstream,
        "notebook_task": {
            "notebook_path": notebooks::production_path(domain, layer, entity),
            "source": "WORKSPACE",
            "base_parameters": {"environment": "production"},
        },
        "max_retries": 1,
        "min_retry_interval_millis": 60_000,
        "timeout_seconds": 3_600,
    }))
}

fn on(mut task: Map<String, Value>, name: &str, value: &str) -> Value {
    task.insert(name.to_owned(), value.into());
    Value::Object(task)
}

/// A job cluster out of a pool, under the policy of the pipelines.
fn pooled(key: &str, pool: &str, workers: i64, world: &World<'_>) -> Value {
    json!({
        "job_cluster_key": key,
        "new_cluster": {
            "spark_version": "16.4.x-scala2.12",
            "instance_pool_id": id_of(world.pools, pool),
            "driver_instance_pool_id": id_of(world.pools, "general-purpose"),
            "policy_id": id_of(world.policies, "data-engineering-jobs"),
            "autoscale": {"min_workers": 1, "max_workers": workers},
            "custom_tags": {"cost_owner": "data-engineering"},
            "spark_conf": {"spark.databricks.delta.optimizeWrite.enabled": "true"},
        },
    })
}

/// Bronze to checks for three entities.
fn nightly(domain: &Domain, index: usize, world: &World<'_>) -> Value {
    let mut tasks = Vec::new();
    for entity in 0..3 {
        let name = domain.entities.get(entity).map_or("", |entity| entity.0);
        let (land, conform) = (format!("land_{name}"), format!("conform_{name}"));
        tasks.push(on(task(domain, 0, entity, &[]), "job_cluster_key", "etl"));
        tasks.push(on(task(domain, 1, entity, &[&land]), "job_cluster_key", "etl"));
        tasks.push(on(task(domain, 2, entity, &[&conform]), "job_cluster_key", "marts"));
    }
    let published: Vec<String> =
        domain.entities.iter().take(3).map(|entity| format!("publish_{}", entity.0)).collect();
    let published: Vec<&str> = published.iter().map(String::as_str).collect();
    tasks.push(on(task(domain, 3, 0, &published), "job_cluster_key", "marts"));
    json!({
        "name": format!("{} nightly", domain.title),
        "description": domain.purpose,
        "tags": tags(domain, 90_000),
        "schedule": {
            "quartz_cron_expression": format!("0 {} {} * * ?", 10 * index, 1 + index),
            "timezone_id": domain.timezone_id,
            "pause_status": "UNPAUSED",
        },
        "max_concurrent_runs": 1,
        "timeout_seconds": 14_400,
        "email_notifications": mail(domain),
        "notification_settings": {"no_alert_for_canceled_runs": true},
        "health": {"rules": [{"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": 7_200}]},
        "parameters": [{"name": "run_date", "default": ""}],
        "job_clusters": [pooled("etl", "general-purpose", 6, world), pooled("marts", "memory-optimized", 4, world)],
        "tasks": tasks,
    })
}

/// Every few minutes, so that something happens while somebody looks.
fn intraday(domain: &Domain, index: usize, world: &World<'_>) -> Value {
    let minutes = 2 + index;
    let concurrency = [2, 3, 1, 4, 10].get(index).copied().unwrap_or(1);
    json!({
        "name": format!("{} intraday refresh", domain.title),
        "tags": tags(domain, 25_000),
        "schedule": {
            "quartz_cron_expression": format!("{} 0/{minutes} * * * ?", 7 * index),
            "timezone_id": domain.timezone_id,
            "pause_status": pause(index == 3),
        },
        "max_concurrent_runs": concurrency,
        "email_notifications": mail(domain),
        "queue": {"enabled": index.is_multiple_of(2)},
        "job_clusters": [pooled("fast", "general-purpose", 3, world)],
        "tasks": [
            on(task(domain, 1, 3, &[]), "job_cluster_key", "fast"),
            on(task(domain, 2, 3, &[&format!("conform_{}", domain.entities[3].0)]), "job_cluster_key", "fast"),
        ],
    })
}

/// On a cluster that runs anyway.
fn checks(domain: &Domain, index: usize, world: &World<'_>) -> Value {
    let names = ["finance-close-interactive", "shared-analytics", "shared-analytics", "shared-analytics"];
    let cluster = names.get(index).copied().unwrap_or("ingestion-streaming");
    let cluster_id = id_of(world.clusters, cluster);
    json!({
        "name": format!("{} quality checks", domain.title),
        "tags": tags(domain, 15_000),
        "schedule": {
            "quartz_cron_expression": format!("0 {}/15 * ? * MON-FRI", 3 * index),
            "timezone_id": domain.timezone_id,
            "pause_status": pause(index == 1),
        },
        "max_concurrent_runs": 1,
        "email_notifications": mail(domain),
        "tasks": (4..7).map(|entity| on(task(domain, 3, entity, &[]), "existing_cluster_id", &cluster_id))
            .collect::<Vec<_>>(),
    })
}

fn arrivals(domain: &Domain, index: usize, world: &World<'_>) -> Value {
    json!({
        "name": format!("{} landing files", domain.title),
        "tags": tags(domain, 20_000),
        "trigger": {
            "file_arrival": {
                "url": format!("s3://farshore-landing/{}/", domain.slug),
                "min_time_between_triggers_seconds": 60,
            },
            "pause_status": pause(index == 2),
        },
        "max_concurrent_runs": 5,
        "email_notifications": mail(domain),
        "job_clusters": [pooled("landing", "storage-optimized", 4, world)],
        "tasks": [
            on(task(domain, 0, 7, &[]), "job_cluster_key", "landing"),
            on(task(domain, 1, 7, &[&format!("land_{}", domain.entities[7].0)]), "job_cluster_key", "landing"),
        ],
    })
}

fn refresh(domain: &Domain, index: usize, world: &World<'_>) -> Value {
    let table = format!("production.silver.{}_{}", domain.slug, domain.entities[8].0);
    json!({
        "name": format!("{} table refresh", domain.title),
        "tags": tags(domain, 20_000),
        "trigger": {
            "table_update": {"table_names": [table], "condition": "ANY_UPDATED"},
            "pause_status": pause(index == 4),
        },
        "max_concurrent_runs": 1 + index,
        "tasks": [{
            "task_key": format!("publish_{}", domain.entities[8].0),
            "notebook_task": {"notebook_path": notebooks::production_path(domain, 2, 8), "source": "WORKSPACE"},
            "new_cluster": {
                "spark_version": "15.4.x-scala2.12",
                "node_type_id": world.node_type,
                "num_workers": 2,
                "policy_id": id_of(world.policies, "data-engineering-jobs"),
                "custom_tags": {"cost_owner": "data-engineering"},
                "spark_conf": {"spark.databricks.delta.optimizeWrite.enabled": "true"},
            },
        }],
    })
}

fn stream(domain: &Domain, index: usize, world: &World<'_>) -> Value {
    let mut settings = fields(json!({
        "name": format!("{} stream", domain.title),
        "tags": tags(domain, 120_000),
        "continuous": {"pause_status": pause(index % 2 == 1)},
        "max_concurrent_runs": 1,
        "email_notifications": mail(domain),
        "tasks": [on(task(domain, 0, 5, &[]), "job_cluster_key", "stream")],
        "job_clusters": [pooled("stream", "streaming", 2, world)],
    }));
    if domain.slug == "ingestion" {
        let cluster_id = id_of(world.clusters, "ingestion-streaming");
        settings.remove("job_clusters");
        settings
            .insert("tasks".into(), json!([on(task(domain, 0, 5, &[]), "existing_cluster_id", &cluster_id)]));
    }
    Value::Object(settings)
}

/// Calls the nightly job, then writes its report.
fn weekly(domain: &Domain, index: usize, nightly: i64) -> Value {
    let mut report = task(domain, 2, 6, &["bring_up_to_date"]);
    report.insert("run_if".into(), "ALL_DONE".into());
    json!({
        "name": format!("{} weekly report", domain.title),
        "tags": tags(domain, 30_000),
        "schedule": {
            "quartz_cron_expression": format!("0 30 {} ? * FRI", 5 + index),
            "timezone_id": domain.timezone_id,
            "pause_status": pause(index >= 3),
        },
        "max_concurrent_runs": 1,
        "email_notifications": {"on_success": ["management-reports@farshore.example"]},
        "tasks": [
            {"task_key": "bring_up_to_date", "run_job_task": {"job_id": nightly}},
            Value::Object(report),
        ],
    })
}
