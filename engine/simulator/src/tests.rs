//! The simulator as its callers see it: over HTTP, with its control beside it.

mod authorization;
mod calls;
mod compute_refusals;
mod disturbances;
mod owners;
mod policies;
mod restarts;
mod runs;
mod schedules;
mod shown_defaults;

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Content, RunSummary, RunningSimulator, SimulatorConfig, start};

const TOKEN: &str = "dapi-test";
const PATIENCE: Duration = Duration::from_secs(5);

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn config() -> SimulatorConfig {
    SimulatorConfig {
        scheduler_tick_ms: 20,
        cluster_start_ms: 150,
        ..SimulatorConfig::new(([127, 0, 0, 1], 0).into(), TOKEN, "us-east-1")
    }
}

/// A running simulator with a client that knows its token.
struct Bench {
    simulator: RunningSimulator,
    http: reqwest::Client,
}

impl Bench {
    /// An empty workspace with the notebook that the jobs run.
    async fn start() -> Result<Self, Box<dyn std::error::Error>> {
        let bench = Self::with(config()).await?;
        bench.put_notebook("/n").await?;
        bench.simulator.control().clear_changes();
        Ok(bench)
    }

    async fn put_notebook(&self, path: &str) -> Outcome {
        let notebook = json!({"path": path, "content": "c2VsZWN0IDE=", "language": "SQL"});
        let (status, answer) = self.post("/api/2.0/workspace/import", notebook).await?;
        if status == 200 { Ok(()) } else { Err(answer.to_string().into()) }
    }

    async fn demo() -> Result<Self, Box<dyn std::error::Error>> {
        Self::with(SimulatorConfig { content: Content::Demo, ..config() }).await
    }

    async fn with(config: SimulatorConfig) -> Result<Self, Box<dyn std::error::Error>> {
        // A second installation is refused, and does not matter.
        drop(rustls::crypto::ring::default_provider().install_default());
        let simulator = start(config).await?;
        Ok(Self { simulator, http: reqwest::Client::builder().timeout(Duration::from_secs(2)).build()? })
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::Result<(u16, Value)> {
        let request = self.http.request(method, self.simulator.url() + path).bearer_auth(TOKEN);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    async fn get(&self, path: &str) -> reqwest::Result<(u16, Value)> {
        self.send(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> reqwest::Result<(u16, Value)> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Makes a job that runs for a moment, with more settings; its id.
    async fn job(&self, name: &str, more: Value) -> Result<i64, Box<dyn std::error::Error>> {
        let mut settings = json!({
            "name": name,
            "tags": {"simulated_run_ms": "40"},
            "queue": {"enabled": false},
            "tasks": [{"task_key": "t", "notebook_task": {"notebook_path": "/n"}}],
        });
        if let (Some(settings), Value::Object(more)) = (settings.as_object_mut(), more) {
            settings.extend(more);
        }
        let (status, reply) = self.post("/api/2.2/jobs/create", settings).await?;
        if status != 200 {
            return Err(reply.to_string().into());
        }
        reply["job_id"].as_i64().ok_or_else(|| "no job id".into())
    }

    /// Starts a run of a job and waits until it is over; the run as it is shown then.
    async fn ended_run(&self, job_id: i64, more: Value) -> Result<Value, Box<dyn std::error::Error>> {
        let mut wish = json!({"job_id": job_id});
        if let (Some(wish), Value::Object(more)) = (wish.as_object_mut(), more) {
            wish.extend(more);
        }
        let (status, started) = self.post("/api/2.2/jobs/run-now", wish).await?;
        if status != 200 {
            return Err(started.to_string().into());
        }
        self.end_of(&started).await
    }

    /// Waits until a run is over that a call has just started.
    async fn end_of(&self, started: &Value) -> Result<Value, Box<dyn std::error::Error>> {
        let path = format!("/api/2.2/jobs/runs/get?run_id={}", started["run_id"]);
        let begun = tokio::time::Instant::now();
        loop {
            let (_, run) = self.get(&path).await?;
            if run["status"]["state"] == "TERMINATED" {
                return Ok(run);
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("the run did not end: {run}").into());
            }
            pause(10).await;
        }
    }

    fn runs_of(&self, job_id: i64) -> Vec<RunSummary> {
        self.simulator.control().runs().into_iter().filter(|run| run.job_id == job_id).collect()
    }
}

/// Waits until something holds, within bounds.
async fn eventually(what: &str, mut holds: impl FnMut() -> bool) -> Outcome {
    let started = tokio::time::Instant::now();
    while !holds() {
        if started.elapsed() > PATIENCE {
            return Err(format!("it did not happen: {what}").into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}
