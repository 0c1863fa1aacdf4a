//! A Databricks workspace over real HTTP, for the demo and the tests.
//!
//! [`start`] binds an address and serves one workspace: its tree, clusters, pools, policies, jobs with
//! their runs, identities, tokens and OAuth sign-in, as the real service answers them. Jobs really fire.
//! Nothing here is shared with the client in `farshore-databricks`, so that a misunderstanding of the API
//! cannot cancel itself out.
//!
//! Some parts of it no real workspace has: faults that a test sets (see [`Fault`]), a clock that can be moved, a log
//! of the calls that changed something (see [`Change`]), counts of all calls (see [`CallCounts`]), and content in bulk
//! (see [`Fill`]). They are reached by [`RunningSimulator::control`] or over HTTP below `/_simulator/`.
//!
//! Runs are simulated: by default each takes two seconds and succeeds. A tag or a parameter of the job, or a base
//! parameter of a notebook task, named `simulated_run_ms` changes the first, `simulated_result` (`FAILED`) the second.
//! Machines sign in by OAuth with the configured client, with the secret of a service principal made over the API,
//! or, when no client is configured, under any client id with the access token as the secret.
//!
//! How a call travels: `connection` accepts it, `gate` decides whether the workspace is down or a fault
//! applies, `api` answers it against the one locked [`state`], and `scheduler` moves runs and clusters along
//! whenever that state is looked at.

mod api;
mod changes;
mod clock;
mod config;
mod connection;
mod content;
mod control;
mod faults;
mod gate;
mod persistence;
mod quartz;
mod rate_limits;
mod running;
mod scheduler;
mod seed;
mod shared;
mod sliding_window;
mod state;
mod traffic;

#[cfg(test)]
mod tests;

pub use changes::{Change, ChangeActor};
pub use config::{Content, SimulatorConfig};
pub use content::bulk::Fill;
pub use control::{Control, DemoChange, RunSummary};
pub use faults::{Effect, Fault};
pub use persistence::StateFileError;
pub use rate_limits::PublishedLimit;
pub use running::{RunningSimulator, StartError, start};
pub use traffic::{CallCounts, EndpointCalls};
