//! The journal: what happened to a run, in order, never changed afterwards.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Question, RunDefinition, RunMode, RunState};
use crate::{Actor, GroupId, RunId, Timestamp};

/// One line of a run's journal, unique on run and sequence.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    pub run_id: RunId,
    /// Counts from 1 without gaps.
    pub seq: i64,
    pub at: Timestamp,
    pub event: RunEvent,
}

/// Everything that was decided when the run was asked for.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRequest {
    pub group_id: GroupId,
    pub actor: Actor,
    pub reason: String,
    pub mode: RunMode,
    pub definition: RunDefinition,
    /// What the requester was shown, such as the age of the replication point; for the page and the report.
    /// Its shape belongs to whoever defines the runbook.
    #[serde(default)]
    pub context: Value,
}

/// What can happen to a run. Those with an `actor` are a person's doing, the others the executor's.
/// `index` counts the steps from 0.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RunEvent {
    /// Always the first entry, and only there.
    Requested(Box<RunRequest>),
    ApprovalGiven {
        actor: Actor,
        comment: String,
    },
    /// Pauses the run; resuming it asks for the approvals that are still missing.
    ApprovalDeclined {
        actor: Actor,
        comment: String,
    },
    /// An executor took the approved run up.
    Started,
    /// Written before the step acts. `attempt` counts from 1.
    StepStarted {
        index: u32,
        attempt: u32,
    },
    StepLog {
        index: u32,
        message: String,
    },
    StepProgress {
        index: u32,
        done: u64,
        total: u64,
    },
    StepCompleted {
        index: u32,
        #[serde(default)]
        output: Value,
        #[serde(default)]
        exception: Option<String>,
    },
    StepFailed {
        index: u32,
        error: String,
        remedy: String,
    },
    StepWaiting {
        index: u32,
        question: Question,
    },
    StepAnswered {
        index: u32,
        actor: Actor,
        #[serde(default)]
        answer: Value,
    },
    StepSkipped {
        index: u32,
        actor: Actor,
        reason: String,
    },
    StepRetried {
        index: u32,
        actor: Actor,
    },
    Paused {
        actor: Actor,
    },
    Resumed {
        actor: Actor,
    },
    /// Given up half-way: the run failed.
    Abandoned {
        actor: Actor,
        reason: String,
    },
    /// Withdrawn before anything was done.
    Cancelled {
        actor: Actor,
        reason: String,
    },
    /// Every step is behind the run.
    Finished {
        state: RunState,
    },
}

impl RunEvent {
    /// The stored name of what happened, such as `step_started`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Requested(_) => "requested",
            Self::ApprovalGiven { .. } => "approval_given",
            Self::ApprovalDeclined { .. } => "approval_declined",
            Self::Started => "started",
            Self::StepStarted { .. } => "step_started",
            Self::StepLog { .. } => "step_log",
            Self::StepProgress { .. } => "step_progress",
            Self::StepCompleted { .. } => "step_completed",
            Self::StepFailed { .. } => "step_failed",
            Self::StepWaiting { .. } => "step_waiting",
            Self::StepAnswered { .. } => "step_answered",
            Self::StepSkipped { .. } => "step_skipped",
            Self::StepRetried { .. } => "step_retried",
            Self::Paused { .. } => "paused",
            Self::Resumed { .. } => "resumed",
            Self::Abandoned { .. } => "abandoned",
            Self::Cancelled { .. } => "cancelled",
            Self::Finished { .. } => "finished",
        }
    }

    /// The person whose doing it was; none for the executor's.
    pub fn actor(&self) -> Option<&Actor> {
        match self {
            Self::Requested(request) => Some(&request.actor),
            Self::ApprovalGiven { actor, .. }
            | Self::ApprovalDeclined { actor, .. }
            | Self::StepAnswered { actor, .. }
            | Self::StepSkipped { actor, .. }
            | Self::StepRetried { actor, .. }
            | Self::Paused { actor }
            | Self::Resumed { actor }
            | Self::Abandoned { actor, .. }
            | Self::Cancelled { actor, .. } => Some(actor),
            Self::Started
            | Self::StepStarted { .. }
            | Self::StepLog { .. }
            | Self::StepProgress { .. }
            | Self::StepCompleted { .. }
            | Self::StepFailed { .. }
            | Self::StepWaiting { .. }
            | Self::Finished { .. } => None,
        }
    }
}
