//! A run as the fold of its journal. An entry that the state does not allow is an error, never a guess.

mod step_event;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    ApprovalDecision, CannotApprove, IllegalRunTransition, IllegalStepTransition, JournalEntry,
    RunDefinition, RunEvent, RunMode, RunRequest, RunState, StepDefinition, StepRun, StepState, can_approve,
    can_decline,
};
use crate::{Actor, GroupId, RunId, Timestamp};

/// A run as it stands after [`seq`](Self::seq) entries.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub id: RunId,
    pub group_id: GroupId,
    pub mode: RunMode,
    pub state: RunState,
    pub definition: RunDefinition,
    /// As many as the definition has, in its order.
    pub steps: Vec<StepRun>,
    pub reason: String,
    pub context: Value,
    pub requested_by: Actor,
    pub requested_at: Timestamp,
    /// Approvals and declines, in the order in which they were given.
    pub decisions: Vec<ApprovalDecision>,
    /// When the rule was met.
    pub approved_at: Option<Timestamp>,
    /// When an executor took it up.
    pub started_at: Option<Timestamp>,
    /// When the step that marks the region operational was completed.
    pub operational_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Who abandoned or cancelled it.
    pub ended_by: Option<Actor>,
    pub end_reason: Option<String>,
    /// Who paused or resumed it last; on a declined run, who declined.
    pub held_by: Option<Actor>,
    /// The sequence number of the last entry.
    pub seq: i64,
    /// When the last entry was written.
    pub changed_at: Timestamp,
}

/// The journal does not describe a possible run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    #[error("the journal is empty")]
    Empty,
    #[error("the journal begins with {0}, not with the request")]
    NotRequested(&'static str),
    #[error("the run is requested a second time at entry {0}")]
    RequestedAgain(i64),
    #[error("an entry of run {found} is in the journal of run {expected}")]
    ForeignRun { expected: RunId, found: RunId },
    #[error("entry {found} follows where entry {expected} belongs")]
    OutOfSequence { expected: i64, found: i64 },
    #[error("the run cannot change so")]
    Run(#[from] IllegalRunTransition),
    #[error("the step cannot change so")]
    Step(#[from] IllegalStepTransition),
    #[error("step {found} is not the current one")]
    NotCurrentStep { found: u32 },
    #[error("attempt {found} follows where attempt {expected} belongs")]
    WrongAttempt { expected: u32, found: u32 },
    #[error("the approval does not count")]
    Approval(#[from] CannotApprove),
    #[error("{event} is not possible while the run is {state}")]
    NotNow { event: &'static str, state: RunState },
}

impl Run {
    /// The run that a whole journal describes.
    pub fn fold(entries: &[JournalEntry]) -> Result<Self, FoldError> {
        let (first, rest) = entries.split_first().ok_or(FoldError::Empty)?;
        let mut run = Self::begin(first)?;
        for entry in rest {
            run.apply(entry)?;
        }
        Ok(run)
    }

    /// The run after its first entry, which is the request.
    pub fn begin(first: &JournalEntry) -> Result<Self, FoldError> {
        let RunEvent::Requested(request) = &first.event else {
            return Err(FoldError::NotRequested(first.event.name()));
        };
        if first.seq != 1 {
            return Err(FoldError::OutOfSequence { expected: 1, found: first.seq });
        }
        let RunRequest { group_id, actor, reason, mode, definition, context } = request.as_ref().clone();
        let mut state = RunState::Draft.request()?;
        let mut approved_at = None;
        if definition.approval.required == 0 {
            state = state.approve()?;
            approved_at = Some(first.at);
        }
        Ok(Self {
            id: first.run_id,
            group_id,
            mode,
            state,
            steps: vec![StepRun::default(); definition.steps.len()],
            definition,
            reason,
            context,
            requested_by: actor,
            requested_at: first.at,
            decisions: Vec::new(),
            approved_at,
            started_at: None,
            operational_at: None,
            ended_at: None,
            ended_by: None,
            end_reason: None,
            held_by: None,
            seq: 1,
            changed_at: first.at,
        })
    }

    /// Goes one entry further. On an error the run is to be thrown away: it may be changed in part.
    pub fn apply(&mut self, entry: &JournalEntry) -> Result<(), FoldError> {
        if entry.run_id != self.id {
            return Err(FoldError::ForeignRun { expected: self.id, found: entry.run_id });
        }
        if entry.seq != self.seq + 1 {
            return Err(FoldError::OutOfSequence { expected: self.seq + 1, found: entry.seq });
        }
        self.apply_event(entry)?;
        self.seq = entry.seq;
        self.changed_at = entry.at;
        Ok(())
    }

    fn apply_event(&mut self, entry: &JournalEntry) -> Result<(), FoldError> {
        let at = entry.at;
        match &entry.event {
            RunEvent::Requested(_) => return Err(FoldError::RequestedAgain(entry.seq)),
            RunEvent::ApprovalGiven { actor, comment } => {
                can_approve(self, actor)?;
                self.decide(actor, comment, at, true);
                if self.approvals_missing() == 0 {
                    self.state = self.state.approve()?;
                    self.approved_at = Some(at);
                }
            }
            RunEvent::ApprovalDeclined { actor, comment } => {
                can_decline(self, actor)?;
                self.state = self.state.decline()?;
                self.decide(actor, comment, at, false);
                self.held_by = Some(actor.clone());
            }
            RunEvent::Started => {
                self.require(self.state == RunState::Running && self.started_at.is_none(), entry)?;
                self.started_at = Some(at);
            }
            RunEvent::Paused { actor } => {
                self.state = self.state.pause()?;
                self.held_by = Some(actor.clone());
            }
            RunEvent::Resumed { actor } => {
                self.state = self.state.resume(self.approved_at.is_some())?;
                self.held_by = Some(actor.clone());
            }
            RunEvent::Abandoned { actor, reason } => {
                let is_under_way = self.current_state() == Some(StepState::Running);
                self.require(self.started_at.is_some() && !is_under_way, entry)?;
                self.state = self.state.abandon()?;
                self.end_by(actor, reason, at);
            }
            RunEvent::Cancelled { actor, reason } => {
                self.require(self.started_at.is_none(), entry)?;
                self.state = self.state.cancel()?;
                self.end_by(actor, reason, at);
            }
            RunEvent::Finished { state } => {
                self.require(self.started_at.is_some() && self.current_step().is_none(), entry)?;
                let finished = self.state.finish(self.has_exceptions())?;
                self.require(finished == *state, entry)?;
                self.state = finished;
                self.ended_at = Some(at);
            }
            step_event => self.apply_step_event(step_event, entry)?,
        }
        Ok(())
    }

    /// The index of the first step that the run has not gone past.
    pub fn current_step(&self) -> Option<u32> {
        self.steps.iter().position(|step| !step.state.is_ended()).and_then(|index| u32::try_from(index).ok())
    }

    /// The definition of a step and what is remembered of it.
    pub fn step(&self, index: u32) -> Option<(&StepDefinition, &StepRun)> {
        let index = usize::try_from(index).ok()?;
        Some((self.definition.steps.get(index)?, self.steps.get(index)?))
    }

    /// Some step completed with an exception or was skipped.
    pub fn has_exceptions(&self) -> bool {
        self.steps.iter().any(StepRun::is_exceptional)
    }

    pub(super) fn current_state(&self) -> Option<StepState> {
        self.current_step().and_then(|index| self.step(index)).map(|(_, step)| step.state)
    }

    fn require(&self, is_met: bool, entry: &JournalEntry) -> Result<(), FoldError> {
        if is_met { Ok(()) } else { Err(FoldError::NotNow { event: entry.event.name(), state: self.state }) }
    }

    fn decide(&mut self, actor: &Actor, comment: &str, at: Timestamp, is_given: bool) {
        let actor = actor.clone();
        self.decisions.push(ApprovalDecision { actor, comment: comment.to_owned(), at, is_given });
    }

    fn end_by(&mut self, actor: &Actor, reason: &str, at: Timestamp) {
        for step in &mut self.steps {
            let ended = step.state.cancel();
            if ended != step.state {
                step.state = ended;
                step.ended_at = Some(at);
            }
        }
        self.ended_at = Some(at);
        self.ended_by = Some(actor.clone());
        self.end_reason = Some(reason.to_owned());
    }
}
