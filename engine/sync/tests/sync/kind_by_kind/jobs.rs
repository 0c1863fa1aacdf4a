//! Jobs, each with a schedule. Their version is the number of seconds that they may take.

use async_trait::async_trait;
use farshore_databricks::WorkspaceClient;
use farshore_model::{group::Side, kind::ObjectKind};
use serde_json::{Value, json};

use super::{BROKEN, Broken, Found, Specimen, text};
use crate::world::World;

const CONCURRENCY: i64 = 3;

pub struct Jobs;

impl Jobs {
    pub fn settings(name: &str, version: i64) -> Value {
        json!({
            "name": name, "timeout_seconds": version, "max_concurrent_runs": CONCURRENCY,
            "schedule": {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"},
            "tasks": [{"task_key": "main", "notebook_task": {"notebook_path": "/Shared/load"}}],
        })
    }

    pub async fn id(client: &WorkspaceClient, name: &str) -> i64 {
        Self.found(client, name).await.id.parse().unwrap()
    }

    pub async fn update(client: &WorkspaceClient, name: &str, settings: &Value) {
        client.update_job(Self::id(client, name).await, settings, &[]).await.unwrap();
    }
}

#[async_trait]
impl Specimen for Jobs {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Jobs
    }

    fn names(&self) -> [&'static str; 2] {
        ["load", "nightly load"]
    }

    fn work(&self) -> [Value; 2] {
        [json!([CONCURRENCY, "UNPAUSED"]), json!([0, "PAUSED"])]
    }

    async fn create(&self, client: &WorkspaceClient, name: &str, version: i64) {
        client.create_job(&Self::settings(name, version)).await.unwrap();
    }

    async fn change(&self, world: &World, side: Side, name: &str, version: i64) {
        Self::update(world.client(side), name, &json!({"timeout_seconds": version})).await;
    }

    async fn rename(&self, world: &World, from: &str, to: &str) {
        Self::update(world.client(Side::Primary), from, &json!({"name": to})).await;
    }

    async fn delete(&self, client: &WorkspaceClient, name: &str) {
        client.delete_job(Self::id(client, name).await).await.unwrap();
    }

    async fn all(&self, client: &WorkspaceClient) -> Vec<Found> {
        let found = |job: Value| {
            let settings = &job["settings"];
            Found {
                id: job["job_id"].to_string(),
                name: text(settings, "name"),
                version: settings["timeout_seconds"].as_i64(),
                work: json!([settings["max_concurrent_runs"], settings["schedule"]["pause_status"]]),
            }
        };
        client.list_jobs().await.unwrap().into_iter().map(found).collect()
    }

    /// A job on a cluster that does not exist.
    async fn break_a_reference(&self, world: &World) -> Option<Broken> {
        let mut job = Self::settings("dangling", BROKEN);
        job["tasks"][0]["existing_cluster_id"] = json!("0923-164208-gone");
        world.client(Side::Primary).create_job(&job).await.unwrap();
        Some(Broken { of: &Jobs, name: "dangling", why: "it refers to the cluster 0923-164208-gone" })
    }

    async fn mend_the_reference(&self, world: &World) {
        let client = world.client(Side::Primary);
        let id = Self::id(client, "dangling").await;
        client.reset_job(id, &Self::settings("dangling", BROKEN)).await.unwrap();
    }
}
