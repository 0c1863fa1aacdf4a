//! The making and applying of one sync plan.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{GroupId, PairId, PlanId, SyncRunId, Timestamp, group::Side, kind::ObjectKey, plan::PlanAction};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncRunState {
    /// Both sides are being listed.
    Planning,
    /// The plan is stored and waits for a person.
    Planned,
    /// The plan is being applied.
    Applying,
    /// Everything that the plan was to write is on the other side.
    Completed,
    /// Some objects failed; the replication point stays where it was.
    CompletedWithFailures,
    /// It could not be planned, or was stopped as a whole; nothing more was written.
    Failed,
    /// It did not start, because syncs of the group are suspended.
    Suspended,
    /// A newer plan has taken its place, because what it was made from has changed.
    Superseded,
    Cancelled,
}

impl SyncRunState {
    pub const ALL: [Self; 9] = [
        Self::Planning,
        Self::Planned,
        Self::Applying,
        Self::Completed,
        Self::CompletedWithFailures,
        Self::Failed,
        Self::Suspended,
        Self::Superseded,
        Self::Cancelled,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Planned => "planned",
            Self::Applying => "applying",
            Self::Completed => "completed",
            Self::CompletedWithFailures => "completed_with_failures",
            Self::Failed => "failed",
            Self::Suspended => "suspended",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
        }
    }

    /// A worker has something to do.
    pub const fn is_working(self) -> bool {
        matches!(self, Self::Planning | Self::Applying)
    }

    /// Nothing will change any more.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Planning | Self::Planned | Self::Applying)
    }
}

impl fmt::Display for SyncRunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SyncRunState {
    type Err = UnknownSyncRunState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| UnknownSyncRunState(text.to_owned()))
    }
}

/// The text names no state of a sync run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no sync run state named {0:?}")]
pub struct UnknownSyncRunState(pub String);

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncTrigger {
    /// A person asked for it.
    Manual,
    Schedule,
    /// A planned failover carries the last changes over.
    Failover,
    /// A failback carries changes to the old primary.
    Failback,
}

impl SyncTrigger {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Schedule => "schedule",
            Self::Failover => "failover",
            Self::Failback => "failback",
        }
    }

    /// A step of a run asked for it, which knows why syncs are suspended: it is carried out all the same.
    pub const fn is_of_a_run(self) -> bool {
        matches!(self, Self::Failover | Self::Failback)
    }
}

impl FromStr for SyncTrigger {
    type Err = UnknownTrigger;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Manual, Self::Schedule, Self::Failover, Self::Failback]
            .into_iter()
            .find(|trigger| trigger.as_str() == text)
            .ok_or_else(|| UnknownTrigger(text.to_owned()))
    }
}

/// The text names no trigger of a sync run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no sync trigger named {0:?}")]
pub struct UnknownTrigger(pub String);

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRun {
    pub id: SyncRunId,
    pub group_id: GroupId,
    pub pair_id: PairId,
    pub source: Side,
    pub trigger: SyncTrigger,
    /// The name of the person who asked; None for a schedule.
    pub requested_by: Option<String>,
    pub state: SyncRunState,
    /// The plan is applied as soon as it is made, without a person looking at it.
    pub is_applied_at_once: bool,
    pub plan_id: Option<PlanId>,
    /// It is about so many objects that a person chose, and what they need; None: about all of them.
    #[serde(default)]
    pub only: Option<u32>,
    /// A person's answers to conflicts: the side whose version of the object is kept.
    pub choices: Vec<(ObjectKey, Side)>,
    /// Items of the plan that change something; how many of them are done, and how many of those failed.
    pub total: u32,
    pub done: u32,
    pub failed: u32,
    /// Why it failed, was suspended or superseded, or why its plan is not applied without a person. Of a completed
    /// one: what was no part of it and still differs.
    pub message: Option<String>,
    pub created_at: Timestamp,
    pub apply_began_at: Option<Timestamp>,
    /// Of a suspended one: when it was due for the last time.
    pub ended_at: Option<Timestamp>,
    /// How often it was due. Only a suspended one is due more than once: as long as its reason stays the same,
    /// it stands for every sync that did not start.
    #[serde(default = "once")]
    pub occurrences: u32,
}

const fn once() -> u32 {
    1
}

impl SyncRun {
    /// Its plan waits for a person, however it was asked for; the message says why.
    pub fn is_held(&self) -> bool {
        self.state == SyncRunState::Planned && self.message.is_some()
    }

    /// When the schedule last came round to this run.
    pub fn last_due_at(&self) -> Timestamp {
        match self.state {
            SyncRunState::Suspended => self.ended_at.unwrap_or(self.created_at),
            _ => self.created_at,
        }
    }

    /// Items a second since the application began, and the milliseconds that the rest will take at this
    /// rate. None before anything is done.
    pub fn pace(&self, now: Timestamp) -> Option<Pace> {
        let began = self.apply_began_at?;
        let elapsed_ms = self.ended_at.unwrap_or(now).since(began).0;
        if self.done == 0 || elapsed_ms <= 0 {
            return None;
        }
        let per_second = f64::from(self.done) * 1_000.0 / elapsed_ms as f64;
        let left_ms = (f64::from(self.total.saturating_sub(self.done)) / per_second * 1_000.0) as i64;
        Some(Pace { per_second, left_ms })
    }
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    pub per_second: f64,
    pub left_ms: i64,
}

/// What became of one item of a plan.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemOutcome {
    pub index: u32,
    pub object: ObjectKey,
    pub name: String,
    pub action: PlanAction,
    pub state: OutcomeState,
    /// What happened, and what to do. Of a success: what was refused, and the object can do without.
    pub error: Option<String>,
    pub remedy: Option<String>,
    pub at: Timestamp,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeState {
    Succeeded,
    Failed,
    /// Left as it is, with the reason in the plan.
    Skipped,
}

impl OutcomeState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

impl FromStr for OutcomeState {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Succeeded, Self::Failed, Self::Skipped]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| UnknownOutcome(text.to_owned()))
    }
}

/// The text names no outcome of an item.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no outcome named {0:?}")]
pub struct UnknownOutcome(pub String);
