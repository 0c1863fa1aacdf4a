//! The states of a step with their legal transitions, and what a run remembers of each of its steps.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::state::words;
use crate::{Actor, DurationMs, Timestamp};

/// Where a step stands.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Its turn has not come, or it is to be attempted again.
    #[default]
    NotStarted,
    /// Under way; also when the process that carried it out was killed and another has not picked it up yet.
    Running,
    /// Asks for an approval of its own. No step does so yet: a run is approved as a whole.
    PendingApproval,
    /// Asked a person something and waits for the answer.
    WaitingForPerson,
    /// A person went past it, with a reason.
    Skipped,
    Failed,
    /// The run ended before its turn came.
    Cancelled,
    /// Done, if need be with an exception written beside it.
    Completed,
}

words!(StepState, "step state", {
    NotStarted => "not_started", "Not started";
    Running => "running", "Running";
    PendingApproval => "pending_approval", "Pending approval";
    WaitingForPerson => "waiting_for_person", "Waiting for a person";
    Skipped => "skipped", "Skipped";
    Failed => "failed", "Failed";
    Cancelled => "cancelled", "Cancelled";
    Completed => "completed", "Completed";
});

/// The step's state does not allow what was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot {action} a step that is {from}")]
pub struct IllegalStepTransition {
    pub from: StepState,
    pub action: &'static str,
}

type Transition = Result<StepState, IllegalStepTransition>;

impl StepState {
    /// The run goes past a step in such a state.
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Skipped | Self::Cancelled)
    }

    /// Begins an attempt. A running step may be begun again: its former attempt was interrupted.
    pub const fn start(self) -> Transition {
        match self {
            Self::NotStarted | Self::Running => Ok(Self::Running),
            from => Err(IllegalStepTransition { from, action: "start" }),
        }
    }

    pub const fn complete(self) -> Transition {
        match self {
            Self::Running => Ok(Self::Completed),
            from => Err(IllegalStepTransition { from, action: "complete" }),
        }
    }

    pub const fn fail(self) -> Transition {
        match self {
            Self::Running => Ok(Self::Failed),
            from => Err(IllegalStepTransition { from, action: "fail" }),
        }
    }

    pub const fn wait(self) -> Transition {
        match self {
            Self::Running => Ok(Self::WaitingForPerson),
            from => Err(IllegalStepTransition { from, action: "ask a person about" }),
        }
    }

    /// The answer is there, so the step is to be attempted again.
    pub const fn answer(self) -> Transition {
        match self {
            Self::WaitingForPerson => Ok(Self::NotStarted),
            from => Err(IllegalStepTransition { from, action: "answer" }),
        }
    }

    pub const fn skip(self) -> Transition {
        match self {
            Self::Failed | Self::WaitingForPerson => Ok(Self::Skipped),
            from => Err(IllegalStepTransition { from, action: "skip" }),
        }
    }

    pub const fn retry(self) -> Transition {
        match self {
            Self::Failed => Ok(Self::NotStarted),
            from => Err(IllegalStepTransition { from, action: "retry" }),
        }
    }

    /// The run ends. A failed step stays failed, for the report.
    pub const fn cancel(self) -> Self {
        match self {
            Self::NotStarted | Self::Running | Self::PendingApproval | Self::WaitingForPerson => {
                Self::Cancelled
            }
            other => other,
        }
    }
}

/// What a step wants to know from a person.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What happened and what is to be chosen, in a sentence or two.
    pub message: String,
    /// What the page needs to offer the choice; its shape belongs to the step.
    #[serde(default)]
    pub details: Value,
}

/// What a person answered.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepAnswer {
    pub actor: Actor,
    pub at: Timestamp,
    /// Its shape belongs to the step that asked.
    pub value: Value,
}

/// Why a step could not go on.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFailure {
    /// What happened, and what was not lost.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// Who went past a step, and why.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    pub actor: Actor,
    pub reason: String,
}

/// A line that a step wrote for the reader.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub at: Timestamp,
    pub message: String,
}

/// How far a step has come.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

/// What a run remembers of one of its steps.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRun {
    pub state: StepState,
    /// How often it was begun, interrupted attempts included.
    pub attempts: u32,
    /// How often a person had it retried after a failure.
    pub retries: u32,
    /// When the first attempt began.
    pub started_at: Option<Timestamp>,
    /// When it was completed, skipped, cancelled or last failed.
    pub ended_at: Option<Timestamp>,
    pub log: Vec<LogLine>,
    pub progress: Option<Progress>,
    /// What later steps may read.
    pub output: Option<Value>,
    /// Of a failed step, and of one that was skipped because it had failed.
    pub error: Option<StepFailure>,
    /// What a completed step could not do, although the run may go on.
    pub exception: Option<String>,
    /// The latest question, also after it was answered.
    pub question: Option<Question>,
    /// The answer to the latest question.
    pub answer: Option<StepAnswer>,
    pub skip: Option<Skip>,
}

impl StepRun {
    /// Completed with an exception, or skipped.
    pub const fn is_exceptional(&self) -> bool {
        self.exception.is_some() || matches!(self.state, StepState::Skipped)
    }

    /// From the beginning of the first attempt to the end, or to `now`; none before it began.
    pub fn elapsed(&self, now: Timestamp) -> Option<DurationMs> {
        self.started_at.map(|started| self.ended_at.unwrap_or(now).since(started))
    }
}
