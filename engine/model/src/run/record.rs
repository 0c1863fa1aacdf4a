//! What is known of a run without reading its journal.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    ApprovalDecision, ApprovalRule, CannotApprove, Run, RunMode, RunState, RunbookKind, StepState, approval,
};
use crate::{Actor, GroupId, RunId, Timestamp};

/// The part of a run that the store keeps beside the journal and replaces with every entry.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHead {
    pub state: RunState,
    /// There is something to do for an executor.
    pub is_drivable: bool,
    pub outline: RunOutline,
}

/// What lists show of a run. It is made from the fold of the journal by [`Run::outline`] and by nothing else.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOutline {
    pub requested_by: Actor,
    pub reason: String,
    pub context: Value,
    pub approval: ApprovalRule,
    pub decisions: Vec<ApprovalDecision>,
    pub operational_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// The title of the step that an open run is at.
    pub current_step: Option<String>,
    /// That step has asked something and waits for the answer.
    pub is_waiting_for_person: bool,
}

/// One row of a list of runs.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    pub id: RunId,
    pub group_id: GroupId,
    pub kind: RunbookKind,
    pub mode: RunMode,
    pub head: RunHead,
    /// The sequence number of the last entry.
    pub seq: i64,
    /// When the run was requested.
    pub created_at: Timestamp,
    /// When the last entry was written.
    pub changed_at: Timestamp,
}

impl Run {
    /// The row that a list of runs shows for it.
    pub fn record(&self) -> RunRecord {
        RunRecord {
            id: self.id,
            group_id: self.group_id,
            kind: self.definition.kind,
            mode: self.mode,
            head: self.head(),
            seq: self.seq,
            created_at: self.requested_at,
            changed_at: self.changed_at,
        }
    }

    pub fn outline(&self) -> RunOutline {
        let step = self.current_step().and_then(|index| self.step(index)).filter(|_| self.state.is_open());
        RunOutline {
            requested_by: self.requested_by.clone(),
            reason: self.reason.clone(),
            context: self.context.clone(),
            approval: self.definition.approval,
            decisions: self.decisions.clone(),
            operational_at: self.operational_at,
            ended_at: self.ended_at,
            current_step: step.map(|(definition, _)| definition.title.clone()),
            is_waiting_for_person: step.is_some_and(|(_, step)| step.state == StepState::WaitingForPerson),
        }
    }
}

impl RunRecord {
    /// The approvals that count.
    pub fn approvals(&self) -> Vec<&ApprovalDecision> {
        approval::counted(&self.head.outline.decisions)
    }

    /// Whether an approval by this person would count now: the same rule as
    /// [`can_approve`](super::can_approve).
    pub fn can_be_approved_by(&self, actor: &Actor) -> Result<(), CannotApprove> {
        let RunHead { state, outline, .. } = &self.head;
        approval::may_approve(*state, &outline.requested_by, outline.approval, &outline.decisions, actor)
    }
}
