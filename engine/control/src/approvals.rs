//! What waits for an approval, and what was decided lately.

use farshore_model::{
    Actor, Problem, Timestamp,
    run::{Run, RunState, can_approve},
    view::{ApprovalItem, ApprovalsPage, Decision},
};
use farshore_runbook::RunFilter;

use crate::{
    Control,
    role_matrix::{self, Action, authorize},
    runbooks::RunScope,
    runs::summarize,
};

/// How many of the latest runs are looked through for decisions.
const HISTORY: u32 = 30;

impl Control {
    pub async fn approvals_page(&self, actor: &Actor) -> Result<ApprovalsPage, Problem> {
        authorize(actor, Action::Read)?;
        let as_of = self.clock.now();
        let open = self.runs_by(RunFilter { is_open_only: true, ..RunFilter::default() }).await?;
        let waiting = open
            .iter()
            .filter(|run| run.state == RunState::PendingApproval)
            .map(|run| item(run, actor, as_of))
            .collect();
        let latest = self.runs_by(RunFilter { limit: Some(HISTORY), ..RunFilter::default() }).await?;
        let decided = latest
            .iter()
            .filter(|run| run.state != RunState::PendingApproval && !run.decisions.is_empty())
            .map(|run| item(run, actor, as_of))
            .collect();
        Ok(ApprovalsPage { as_of, waiting, decided })
    }
}

fn item(run: &Run, actor: &Actor, as_of: Timestamp) -> ApprovalItem {
    let scope = RunScope::of(run).ok();
    // The run's own rule is asked first: "you requested it yourself" says more than the name of a role.
    let why_not = can_approve(run, actor)
        .err()
        .map(|why| why.to_string())
        .or_else(|| role_matrix::why_not(actor.role, Action::ApproveRun));
    ApprovalItem {
        run: summarize(run),
        reason: run.reason.clone(),
        age: scope.as_ref().and_then(|scope| scope.replication_point).map(|point| as_of.since(point)),
        from_region: scope.as_ref().map(|scope| scope.from_region.clone()).unwrap_or_default(),
        to_region: scope.map(|scope| scope.to_region).unwrap_or_default(),
        given: u32::try_from(run.approvals().len()).unwrap_or(u32::MAX),
        required: run.definition.approval.required,
        why_not,
        decisions: run
            .decisions
            .iter()
            .map(|decision| Decision {
                by: decision.actor.name.clone(),
                is_approval: decision.is_given,
                comment: decision.comment.clone(),
                at: decision.at,
            })
            .collect(),
    }
}
