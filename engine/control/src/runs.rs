//! Failovers and failbacks, as people ask for them, look at them and drive them. What a run consists of is in
//! [`crate::runbooks`] and [`crate::steps`]; it is carried out by [`crate::workers::runs`].

mod command;
mod page;
mod request;
mod route;
mod standing;
mod summary;
mod watcher;

use std::sync::Arc;

use farshore_model::{
    Problem, ProblemKind, RunId,
    run::{CannotApprove, Run, WhyNot},
};
use farshore_runbook::{CommandError, LoadError, RunCommands, RunStore, StoreError, load_run};

pub use command::RunCommand;
pub use request::RunRequestInput;
pub(crate) use route::{NoRoute, Route};
pub(crate) use summary::summarize;
pub(crate) use watcher::NoticeWatcher;

use crate::{
    Control,
    audit::not_found,
    problem::{chain, not_now},
};

impl Control {
    /// The commands of the engine, on this panel's store.
    pub(crate) fn run_commands(&self) -> RunCommands {
        RunCommands {
            store: self.run_store(),
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            watcher: Arc::new(NoticeWatcher::new(self.notices.clone())),
            wake: Arc::clone(&self.run_wake),
        }
    }

    pub(crate) fn run_store(&self) -> Arc<dyn RunStore> {
        Arc::clone(&self.store) as Arc<dyn RunStore>
    }

    pub(crate) async fn known_run(&self, id: RunId) -> Result<Run, Problem> {
        load_run(self.run_store().as_ref(), id).await.map_err(from_load)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
pub(crate) fn from_load(error: LoadError) -> Problem {
    if matches!(error, LoadError::Store(_, StoreError::NotFound)) {
        return not_found("run");
    }
    tracing::error!(error = chain(&error), "a run could not be read");
    Problem::new(
        ProblemKind::Internal,
        "The run could not be read from the panel's database.",
        "The run itself goes on where it is carried out, and its journal is kept.",
        "Try again; if it stays, look into the server's log with the request id.",
    )
}

pub(crate) fn from_run_store(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound => not_found("run"),
        error => {
            tracing::error!(error = chain(&error), "the runs could not be read");
            Problem::new(
                ProblemKind::Internal,
                "The panel's database did not answer as it should.",
                "Runs go on where they are carried out, and their journals are kept.",
                "Try again; if it stays, look into the server's log with the request id.",
            )
        }
    }
}

fn from_command(error: CommandError) -> Problem {
    match error {
        CommandError::NotFound => not_found("run"),
        CommandError::MissingReason => Problem::field("reason", error.to_string()),
        CommandError::Refused(WhyNot::Approval(
            why @ (CannotApprove::OwnRequest | CannotApprove::WrongRole { .. }),
        )) => Problem::new(
            ProblemKind::Forbidden,
            why.to_string(),
            "The run is unchanged and still waits.",
            "Ask somebody else with the role for a decision.",
        ),
        CommandError::Refused(why) => {
            not_now(why.to_string(), "Reload the page to see where the run stands.")
        }
        CommandError::GroupBusy(_) => {
            not_now(error.to_string(), "Bring the other run to its end, abandon it, or cancel it first.")
        }
        CommandError::Contended => not_now(error.to_string(), "Try again in a moment."),
        CommandError::Load(load) => from_load(load),
        CommandError::InvalidDefinition(_) | CommandError::Store(_) => {
            tracing::error!(error = chain(&error), "a command to a run failed");
            Problem::new(
                ProblemKind::Internal,
                error.to_string(),
                "What the run had done before is kept.",
                "Try again; if it stays, look into the server's log with the request id.",
            )
        }
    }
}
