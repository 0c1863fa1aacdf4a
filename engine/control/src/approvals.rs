//! What waits for an approval, and what was decided lately.

use farshore_model::{
    Actor, Problem, Timestamp,
    run::{RunRecord, RunState},
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
        let open = self.run_records(RunFilter { is_open_only: true, ..RunFilter::default() }).await?;
        let waiting = open
            .iter()
            .filter(|record| record.head.state == RunState::PendingApproval)
            .map(|record| item(record, actor, as_of))
            .collect();
        let latest = self.run_records(RunFilter { limit: Some(HISTORY), ..RunFilter::default() }).await?;
        let is_decided = |record: &&RunRecord| {
            record.head.state != RunState::PendingApproval && !record.head.outline.decisions.is_empty()
        };
        let decided = latest.iter().filter(is_decided).map(|record| item(record, actor, as_of)).collect();
        Ok(ApprovalsPage { as_of, waiting, decided })
    }
}

fn item(record: &RunRecord, actor: &Actor, as_of: Timestamp) -> ApprovalItem {
    let outline = &record.head.outline;
    let scope = RunScope::from_value(&outline.context).ok();
    // The run's own rule is asked first: "you requested it yourself" says more than the name of a role.
    let why_not = record
        .can_be_approved_by(actor)
        .err()
        .map(|why| why.to_string())
        .or_else(|| role_matrix::why_not(actor.role, Action::ApproveRun));
    ApprovalItem {
        run: summarize(record),
        reason: outline.reason.clone(),
        age: scope.as_ref().and_then(|scope| scope.replication_point).map(|point| as_of.since(point)),
        from_region: scope.as_ref().map(|scope| scope.from_region.clone()).unwrap_or_default(),
        to_region: scope.map(|scope| scope.to_region).unwrap_or_default(),
        given: u32::try_from(record.approvals().len()).unwrap_or(u32::MAX),
        required: outline.approval.required,
        why_not,
        decisions: outline
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
