//! One execution of a runbook: what was asked for, what happened, and what may happen next.
//!
//! A run is never stored as it stands. What is stored is its [journal](JournalEntry), append-only and numbered
//! from 1 without gaps; the [`Run`] is the fold of its entries. Everything that decides what may be done to a
//! run is a pure function of that fold, so the server that refuses a command and the screen that greys out its
//! button give the same reason.

mod approval;
mod clock;
mod command;
mod definition;
mod event;
mod fold;
mod next_move;
mod record;
mod state;
mod step;

pub use approval::{ApprovalDecision, CannotApprove, can_approve, can_decline};
pub use command::{Command, CommandAvailability, WhyNot, allowed_commands};
pub use definition::{ApprovalRule, InvalidDefinition, RunDefinition, StepDefinition};
pub use event::{JournalEntry, RunEvent, RunRequest};
pub use fold::{FoldError, Run};
pub use next_move::NextMove;
pub use record::{RunHead, RunOutline, RunRecord};
pub use state::{IllegalRunTransition, RunMode, RunState, RunbookKind, UnknownWord};
pub use step::{
    IllegalStepTransition, LogLine, Progress, Question, Skip, StepAnswer, StepFailure, StepRun, StepState,
};

#[cfg(test)]
mod tests;
