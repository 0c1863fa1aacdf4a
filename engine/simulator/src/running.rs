//! Starting and stopping a simulator.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{Content, SimulatorConfig};
use crate::control::{self, Control};
use crate::gate::Gate;
use crate::persistence::{self, StateFileError};
use crate::shared::Shared;
use crate::state::State;
use crate::{api, clock, connection, content, scheduler};

/// Why a simulator could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error(
        "the simulator cannot listen on {address}; nothing was started; is another process using the port?"
    )]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The state file cannot be used.
    #[error(transparent)]
    StateFile(#[from] StateFileError),
}

/// A simulator that answers.
///
/// Dropping it stops it too, but then the last changes may be missing from the state file.
pub struct RunningSimulator {
    address: SocketAddr,
    control: Control,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts a simulator; when this returns, it answers.
pub async fn start(config: SimulatorConfig) -> Result<RunningSimulator, StartError> {
    let stored = config.state_file.as_deref().map(persistence::load).transpose()?.flatten();
    let bind_failed = |source| StartError::Bind { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(bind_failed)?;
    let address = listener.local_addr().map_err(bind_failed)?;

    let now_ms = clock::real_now_ms();
    let is_new = stored.is_none();
    let mut state = stored.unwrap_or_else(|| State::new(config.effective_org_id(), &config.region, now_ms));
    state.resume(&config, now_ms);
    if is_new && config.content == Content::Demo {
        content::fill(&mut state);
    }

    let shared = Arc::new(Shared::new(state));
    let stop = watch::Sender::new(false);
    let control = Control::new(Arc::clone(&shared), config.state_file.clone());
    let gate = Arc::new(Gate::new(
        Arc::clone(&shared),
        api::router::router(&shared),
        control::routes::router(control.clone()),
    ));
    let tick = Duration::from_millis(config.scheduler_tick_ms.max(1));
    let mut tasks = vec![
        tokio::spawn(connection::accept(listener, gate, stop.subscribe())),
        tokio::spawn(scheduler::run(Arc::clone(&shared), tick, stop.subscribe())),
    ];
    if let Some(path) = config.state_file {
        tasks.push(tokio::spawn(persistence::keep(path, shared, stop.subscribe())));
    }
    Ok(RunningSimulator { address, control, stop, tasks })
}

impl RunningSimulator {
    /// `http://address:port`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address that it listens on, with the port that was picked.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The control endpoints as functions.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Waits until it is stopped, which only a fault of the simulator's own does.
    pub async fn wait(mut self) {
        for task in self.tasks.drain(..) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the simulator ended early");
            }
        }
    }

    /// Closes every connection, hanging calls included, and writes the state file a last time.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        for task in self.tasks.drain(..) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the simulator ended early");
            }
        }
    }
}

impl Drop for RunningSimulator {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}
