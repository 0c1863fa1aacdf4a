//! Who may approve a run. N people of one role, each counted once, the requester never among them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ApprovalRule, Run, RunState};
use crate::{Actor, Role, Timestamp, UserId};

/// What somebody said when asked for an approval.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalDecision {
    pub actor: Actor,
    pub comment: String,
    pub at: Timestamp,
    /// Given, or else declined.
    pub is_given: bool,
}

/// Why an approval would not count, as a sentence to the person who wants to give it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotApprove {
    #[error("This run is not waiting for an approval: it is {}.", .0.title().to_lowercase())]
    NotPending(RunState),
    #[error("You requested this run yourself; somebody else has to decide.")]
    OwnRequest,
    #[error("Deciding takes the role {}; yours is {}.", .needed.title(), .actual.title())]
    WrongRole { needed: Role, actual: Role },
    #[error("You have already approved this run; it still waits for somebody else.")]
    AlreadyApproved,
}

/// Whether an approval by this person would count now.
pub fn can_approve(run: &Run, actor: &Actor) -> Result<(), CannotApprove> {
    may_approve(run.state, &run.requested_by, run.definition.approval, &run.decisions, actor)
}

/// Whether this person may decline now. Who has approved already may still change their mind.
pub fn can_decline(run: &Run, actor: &Actor) -> Result<(), CannotApprove> {
    may_decide(run.state, &run.requested_by, run.definition.approval, actor)
}

pub(super) fn may_approve(
    state: RunState,
    requested_by: &Actor,
    rule: ApprovalRule,
    decisions: &[ApprovalDecision],
    actor: &Actor,
) -> Result<(), CannotApprove> {
    may_decide(state, requested_by, rule, actor)?;
    if counted(decisions).iter().any(|approval| approval.actor.id == actor.id) {
        return Err(CannotApprove::AlreadyApproved);
    }
    Ok(())
}

fn may_decide(
    state: RunState,
    requested_by: &Actor,
    rule: ApprovalRule,
    actor: &Actor,
) -> Result<(), CannotApprove> {
    if state != RunState::PendingApproval {
        return Err(CannotApprove::NotPending(state));
    }
    if requested_by.id == actor.id {
        return Err(CannotApprove::OwnRequest);
    }
    if actor.role != rule.role {
        return Err(CannotApprove::WrongRole { needed: rule.role, actual: actor.role });
    }
    Ok(())
}

/// The approvals that count: one a person, and only while that person has not declined later.
pub(super) fn counted(decisions: &[ApprovalDecision]) -> Vec<&ApprovalDecision> {
    let mut latest: BTreeMap<UserId, &ApprovalDecision> = BTreeMap::new();
    for decision in decisions {
        latest.insert(decision.actor.id, decision);
    }
    let mut given: Vec<_> = latest.into_values().filter(|decision| decision.is_given).collect();
    given.sort_by_key(|decision| decision.at);
    given
}

impl Run {
    /// The approvals that count.
    pub fn approvals(&self) -> Vec<&ApprovalDecision> {
        counted(&self.decisions)
    }

    /// How many approvals the rule still asks for.
    pub fn approvals_missing(&self) -> u32 {
        let given = u32::try_from(self.approvals().len()).unwrap_or(u32::MAX);
        self.definition.approval.required.saturating_sub(given)
    }
}
