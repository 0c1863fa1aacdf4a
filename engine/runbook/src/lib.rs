//! Runs a fixed list of steps durably: journal, leases, approvals, recovery. It knows neither Databricks nor
//! SQL: what a step does is behind [`Step`], where a journal is kept behind [`RunStore`].
//!
//! # Guarantees
//!
//! - **What happened is written down.** A run is the fold of an append-only journal, unique on run and
//!   sequence. A step's *started* is committed before the step acts, its outcome after. No transaction spans a
//!   call to the outside.
//! - **A killed process loses nothing.** Its lease expires, another process claims the run, and the step whose
//!   attempt was interrupted is asked [`Step::is_done`] before it acts again. Steps that answer honestly have
//!   their effect exactly once, wherever the kill fell.
//! - **One process drives a run.** Every write of an executor names the owner and the generation of its lease,
//!   and the store refuses it unless they are current. A process that lost its lease cannot write, and stops
//!   the step that it had under way.
//! - **Waiting is a row, not a task.** A run that waits for an approval or an answer occupies no process.
//! - **A person's word and the executor's do not overwrite each other.** Both append with the sequence number
//!   that they expect; the second reads what the first wrote and judges anew.

mod commands;
#[doc(hidden)]
pub mod contract;
#[doc(hidden)]
pub mod crashing_store;
mod executor;
mod journal;
mod load;
mod memory_store;
mod registry;
mod step;
mod store;
mod watcher;

pub use commands::{CommandError, RunCommands};
pub use executor::{DriveError, Executor, ExecutorOptions};
pub use load::{LoadError, load_run};
pub use memory_store::MemoryRunStore;
pub use registry::{RegistryError, StepRegistry};
pub use step::{Step, StepContext, StepError, StepOutcome};
pub use store::{Guard, RunFilter, RunStore, StoreError};
pub use watcher::{RunWatcher, Unwatched};
