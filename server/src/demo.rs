//! The demo: two simulated workspaces in processes of their own, and people who sign in with one click.

mod personas;
mod processes;
mod regions;

use std::{path::Path, sync::Arc};

use farshore_control::Control;
use farshore_model::Problem;

use crate::serve::ServeSettings;

pub(crate) use processes::StartSimulatorError;

/// Region names of the two simulated workspaces; the first is the one that a demo begins with.
const REGIONS: [&str; 2] = ["us-east-1", "us-west-2"];

/// The running demo.
pub(crate) struct Demo {
    simulators: Vec<Simulator>,
    http: reqwest::Client,
    scheduler_delay_ms: u64,
}

/// One simulated workspace, as the demo reaches it.
#[derive(Clone, Debug)]
struct Simulator {
    region: &'static str,
    /// What is in it at its first start: the second one is empty, so that the first copy can be seen.
    content: &'static str,
    url: String,
    token: String,
}

impl Demo {
    /// Starts the simulators that do not run yet. They are processes of their own and outlive the panel.
    pub(crate) async fn start(settings: &ServeSettings, folder: &Path) -> Result<Self, StartSimulatorError> {
        if settings.demo_ports.len() != REGIONS.len() {
            return Err(StartSimulatorError::Ports(settings.demo_ports.len()));
        }
        let http = reqwest::Client::builder()
            .timeout(std::time::Duration::from_secs(5))
            // They are on this machine, whatever proxy leads out of it.
            .no_proxy()
            .build()
            .map_err(StartSimulatorError::Client)?;
        let simulators: Vec<_> = REGIONS
            .into_iter()
            .zip(["demo", "empty"])
            .zip(&settings.demo_ports)
            .map(|((region, content), port)| Simulator {
                region,
                content,
                url: format!("http://127.0.0.1:{port}"),
                token: format!("dapi-demo-{region}"),
            })
            .collect();
        for simulator in &simulators {
            processes::ensure_running(&http, simulator, folder).await?;
        }
        Ok(Self { simulators, http, scheduler_delay_ms: settings.demo_scheduler_delay_ms })
    }

    /// Makes the demo's people unless they are there.
    pub(crate) async fn create_personas(&self, control: &Arc<Control>) -> Result<(), Problem> {
        personas::create(control).await
    }
}
