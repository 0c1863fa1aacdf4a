//! The demo bar's hands: the control endpoints of the simulators.

use async_trait::async_trait;
use farshore_control::DemoRegions;
use farshore_model::view::{DemoRegion, DemoWorkspace, Persona};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Demo, Simulator, personas};

/// What the demo bar shows of a simulator.
#[derive(Deserialize)]
struct State {
    is_down: bool,
    is_scheduler_running: bool,
    scheduler_resumes_at_ms: Option<i64>,
    clock_ms: i64,
}

#[derive(Deserialize)]
struct Changed {
    notebook_path: String,
    job_name: String,
}

#[async_trait]
impl DemoRegions for Demo {
    fn personas(&self) -> Vec<Persona> {
        personas::all()
    }

    fn workspaces(&self) -> Vec<DemoWorkspace> {
        self.simulators
            .iter()
            .map(|simulator| DemoWorkspace {
                region: simulator.region.to_owned(),
                url: simulator.url.clone(),
                token: simulator.token.clone(),
            })
            .collect()
    }

    async fn regions(&self) -> Vec<DemoRegion> {
        futures::future::join_all(self.simulators.iter().map(|simulator| self.region(simulator))).await
    }

    async fn take_down(&self, region: &str) -> Result<(), String> {
        self.post(region, "down", json!({})).await.map(|_| ())
    }

    async fn bring_back(&self, region: &str) -> Result<(), String> {
        let delay = json!({ "scheduler_delay_ms": self.scheduler_delay_ms });
        self.post(region, "up", delay).await.map(|_| ())
    }

    async fn change(&self, region: &str) -> Result<String, String> {
        let answer = self.post(region, "demo/change", json!({})).await?;
        let changed: Changed = serde_json::from_value(answer).map_err(|error| error.to_string())?;
        Ok(format!(
            "Changed the notebook {} and the job “{}” in {region}.",
            changed.notebook_path, changed.job_name
        ))
    }
}

impl Demo {
    async fn region(&self, simulator: &Simulator) -> DemoRegion {
        let state = async {
            let answer = self.http.get(format!("{}/_simulator/state", simulator.url)).send().await?;
            answer.error_for_status()?.json::<State>().await
        };
        let (state, error) = match state.await {
            Ok(state) => (Some(state), None),
            Err(error) => (None, Some(format!("the simulator does not answer ({error})"))),
        };
        DemoRegion {
            region: simulator.region.to_owned(),
            url: simulator.url.clone(),
            is_down: state.as_ref().is_some_and(|state| state.is_down),
            is_scheduler_running: state
                .as_ref()
                .filter(|state| !state.is_down)
                .map(|state| state.is_scheduler_running),
            scheduler_starts_in_ms: state
                .as_ref()
                .filter(|state| !state.is_down && !state.is_scheduler_running)
                .and_then(|state| Some((state.scheduler_resumes_at_ms? - state.clock_ms).max(0))),
            error,
        }
    }

    async fn post(&self, region: &str, verb: &str, body: Value) -> Result<Value, String> {
        let simulator = self
            .simulators
            .iter()
            .find(|simulator| simulator.region == region)
            .ok_or_else(|| "there is no such region in this demo".to_owned())?;
        let answer = self
            .http
            .post(format!("{}/_simulator/{verb}", simulator.url))
            .json(&body)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| error.to_string())?;
        Ok(answer.json().await.unwrap_or(Value::Null))
    }
}
