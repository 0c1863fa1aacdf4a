//! Runs in a list, and the recovery time that the last failover took. Nothing here reads a journal: what a list
//! shows is kept beside it.

use farshore_model::{
    Actor, DurationMs, GroupId, Problem, RunId,
    run::{RunRecord, RunbookKind},
    view::RunSummary,
};
use farshore_runbook::RunFilter;

use super::from_run_store;
use crate::{
    Control,
    role_matrix::{Action, authorize},
    runbooks::RunScope,
};

impl Control {
    /// Newest request first.
    pub async fn runs(
        &self,
        actor: &Actor,
        group: Option<GroupId>,
        limit: u32,
    ) -> Result<Vec<RunSummary>, Problem> {
        authorize(actor, Action::Read)?;
        self.run_summaries(group, limit).await
    }

    /// Newest request first.
    pub(crate) async fn run_summaries(
        &self,
        group: Option<GroupId>,
        limit: u32,
    ) -> Result<Vec<RunSummary>, Problem> {
        let filter = RunFilter { group_id: group, is_open_only: false, limit: Some(limit) };
        Ok(self.run_records(filter).await?.iter().map(summarize).collect())
    }

    /// From the request until the region was operational, in the newest failover that got so far.
    pub(crate) async fn last_recovery(&self, group: GroupId) -> Result<Option<(RunId, DurationMs)>, Problem> {
        let records = self.run_records(RunFilter { group_id: Some(group), ..RunFilter::default() }).await?;
        Ok(records.iter().filter(|record| record.kind == RunbookKind::Failover).find_map(|record| {
            let operational_at = record.head.outline.operational_at?;
            Some((record.id, operational_at.since(record.created_at)))
        }))
    }

    /// Newest request first.
    pub(crate) async fn run_records(&self, filter: RunFilter) -> Result<Vec<RunRecord>, Problem> {
        self.run_store().runs(&filter).await.map_err(from_run_store)
    }
}

pub(crate) fn summarize(record: &RunRecord) -> RunSummary {
    let outline = &record.head.outline;
    RunSummary {
        id: record.id,
        group_id: record.group_id,
        // The name at the time of the request: what the requester typed.
        group_name: RunScope::from_value(&outline.context)
            .map_or_else(|_| record.group_id.to_string(), |scope| scope.group_name),
        kind: record.kind,
        state: record.head.state,
        requested_by: outline.requested_by.name.clone(),
        requested_at: record.created_at,
        ended_at: outline.ended_at,
        current_step: outline.current_step.clone(),
        is_waiting_for_person: outline.is_waiting_for_person,
    }
}
