//! A small workspace that has every kind of reference and every kind of trigger.

use farshore_databricks::WorkspaceClient;
use serde_json::{Value, json};

pub const NOTEBOOKS: [(&str, &str, &str); 4] = [
    ("/Production/load", "PYTHON", "# Databricks notebook source\nprint('load')"),
    ("/Production/silver/clean", "SQL", "-- Databricks notebook source\nSELECT 1"),
    ("/Production/silver/score", "SCALA", "// Databricks notebook source\nprintln(1)"),
    ("/Shared/report", "R", "# Databricks notebook source\nprint(1)"),
];

/// What is installed on the cluster named ETL, which is pinned.
pub fn libraries() -> Vec<Value> {
    let maven = json!({"coordinates": "com.acme:etl:1.2", "exclusions": ["log4j:log4j"]});
    vec![json!({"pypi": {"package": "numpy"}}), json!({ "maven": maven })]
}

/// The jobs with what each does where it is active.
pub fn activations() -> Vec<(&'static str, Value)> {
    let unpaused = |trigger: &str| json!({"max_concurrent_runs": 1, "pause": {trigger: "UNPAUSED"}});
    vec![
        ("by hand", json!({"max_concurrent_runs": 3})),
        ("cron", unpaused("schedule")),
        ("cron paused", json!({"max_concurrent_runs": 2, "pause": {"schedule": "PAUSED"}})),
        ("continuous", unpaused("continuous")),
        ("files", unpaused("trigger")),
        ("periodic", json!({"max_concurrent_runs": 1, "pause": {"trigger": "PAUSED"}})),
        ("starts others", json!({"max_concurrent_runs": 1})),
    ]
}

pub async fn fill(client: &WorkspaceClient) {
    for folder in ["/Production/silver", "/Production/empty", "/Shared/team"] {
        client.make_folder(folder).await.unwrap();
    }
    for (path, language, source) in NOTEBOOKS {
        client.import_notebook(path, language, source.as_bytes().to_vec()).await.unwrap();
    }
    let pool = pool(client, "Small", 2).await;
    let drivers = self::pool(client, "Drivers", 0).await;
    let definition = json!({"instance_pool_id": {"type": "allowlist", "values": [pool]}}).to_string();
    let policy = json!({"name": "On small", "definition": definition});
    let policy = client.create_policy(&policy).await.unwrap();

    let etl = json!({
        "cluster_name": "ETL", "spark_version": "15.4.x-scala2.12", "num_workers": 2,
        "instance_pool_id": pool, "driver_instance_pool_id": drivers, "policy_id": policy,
        "custom_tags": {"team": "data"},
    });
    let etl = client.create_cluster(&etl).await.unwrap();
    client.install_libraries(&etl, &libraries()).await.unwrap();
    client.pin_cluster(&etl).await.unwrap();
    let idle = json!({
        "cluster_name": "Idle", "spark_version": "15.4.x-scala2.12", "node_type_id": "m5d.large",
        "autoscale": {"min_workers": 1, "max_workers": 4}, "aws_attributes": {"zone_id": "us-east-1a"},
    });
    let idle = client.create_cluster(&idle).await.unwrap();
    client.terminate_cluster(&idle).await.unwrap();
    jobs(client, (&pool, &policy, &etl)).await;
}

async fn pool(client: &WorkspaceClient, name: &str, min_idle: i64) -> String {
    let settings = json!({
        "instance_pool_name": name, "node_type_id": "m5d.large", "min_idle_instances": min_idle,
        "max_capacity": 10, "idle_instance_autotermination_minutes": 30,
    });
    client.create_pool(&settings).await.unwrap()
}

async fn jobs(client: &WorkspaceClient, (pool, policy, cluster): (&str, &str, &str)) {
    let notebook = json!({"notebook_path": "/Production/load", "base_parameters": {"policy_id": "mine"}});
    let cron = |pause: &str| json!({"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC", "pause_status": pause});
    let task = json!({"task_key": "load", "existing_cluster_id": cluster, "notebook_task": notebook});
    let job = |name: &str, more: Value| {
        let mut settings = json!({"name": name, "tasks": [task]});
        settings.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        settings
    };
    let new_cluster = json!({
        "spark_version": "15.4.x-scala2.12", "num_workers": 1, "instance_pool_id": pool, "policy_id": policy,
    });
    let on_job_cluster = json!([
        {"task_key": "b", "depends_on": [{"task_key": "a"}], "job_cluster_key": "main", "notebook_task": notebook},
        {"task_key": "a", "job_cluster_key": "main", "notebook_task": notebook},
    ]);
    let by_hand = job(
        "by hand",
        json!({
            "max_concurrent_runs": 3, "tasks": on_job_cluster,
            "job_clusters": [{"job_cluster_key": "main", "new_cluster": new_cluster}],
        }),
    );
    let by_hand = client.create_job(&by_hand).await.unwrap();
    for settings in [
        job("cron", json!({"schedule": cron("UNPAUSED")})),
        job("cron paused", json!({"max_concurrent_runs": 2, "schedule": cron("PAUSED")})),
        job("continuous", json!({"continuous": {"pause_status": "UNPAUSED"}})),
        job(
            "files",
            json!({"trigger": {"file_arrival": {"url": "s3://landing/in/"}, "pause_status": "UNPAUSED"}}),
        ),
        job(
            "periodic",
            json!({"trigger": {"periodic": {"interval": 1, "unit": "DAYS"}, "pause_status": "PAUSED"}}),
        ),
        json!({"name": "starts others", "tasks": [{"task_key": "go", "run_job_task": {"job_id": by_hand}}]}),
    ] {
        client.create_job(&settings).await.unwrap();
    }
}

/// What jobs do now, by name.
pub async fn current_activations(client: &WorkspaceClient) -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> = client.list_jobs().await.unwrap().iter().map(activation).collect();
    all.sort_by(|left, right| left.0.cmp(&right.0));
    all
}

fn activation(job: &Value) -> (String, Value) {
    let settings = &job["settings"];
    let mut pause = serde_json::Map::new();
    for trigger in ["schedule", "continuous", "trigger"] {
        if settings[trigger].is_object() {
            pause.insert(trigger.to_owned(), settings[trigger]["pause_status"].clone());
        }
    }
    let mut activation = json!({"max_concurrent_runs": settings["max_concurrent_runs"]});
    if !pause.is_empty() {
        activation["pause"] = Value::Object(pause);
    }
    (settings["name"].as_str().unwrap().to_owned(), activation)
}

/// Their own activations, sorted in the same way.
pub fn own_activations() -> Vec<(String, Value)> {
    let mut all: Vec<_> = activations().into_iter().map(|(name, own)| (name.to_owned(), own)).collect();
    all.sort_by(|left, right| left.0.cmp(&right.0));
    all
}
