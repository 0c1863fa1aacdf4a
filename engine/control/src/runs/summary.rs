//! Runs in a list, and the recovery time that the last failover took.

use farshore_model::{
    Actor, DurationMs, GroupId, Problem, RunId,
    run::{Run, RunbookKind, StepState},
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
        Ok(self.runs_by(filter).await?.iter().map(summarize).collect())
    }

    /// From the request until the region was operational, in the newest failover that got so far.
    pub(crate) async fn last_recovery(&self, group: GroupId) -> Result<Option<(RunId, DurationMs)>, Problem> {
        let filter = RunFilter { group_id: Some(group), ..RunFilter::default() };
        for record in self.run_store().runs(&filter).await.map_err(from_run_store)? {
            if record.kind != RunbookKind::Failover {
                continue;
            }
            let run = self.known_run(record.id).await?;
            if let Some(operational_at) = run.operational_at {
                return Ok(Some((run.id, operational_at.since(run.requested_at))));
            }
        }
        Ok(None)
    }

    /// Whole runs, newest request first.
    pub(crate) async fn runs_by(&self, filter: RunFilter) -> Result<Vec<Run>, Problem> {
        let mut runs = Vec::new();
        for record in self.run_store().runs(&filter).await.map_err(from_run_store)? {
            runs.push(self.known_run(record.id).await?);
        }
        Ok(runs)
    }
}

pub(crate) fn summarize(run: &Run) -> RunSummary {
    let step = run.current_step().and_then(|index| run.step(index)).filter(|_| run.state.is_open());
    RunSummary {
        id: run.id,
        group_id: run.group_id,
        // The name at the time of the request: what the requester typed.
        group_name: RunScope::of(run).map_or_else(|_| run.group_id.to_string(), |scope| scope.group_name),
        kind: run.definition.kind,
        state: run.state,
        requested_by: run.requested_by.name.clone(),
        requested_at: run.requested_at,
        ended_at: run.ended_at,
        current_step: step.map(|(definition, _)| definition.title.clone()),
        is_waiting_for_person: step.is_some_and(|(_, step)| step.state == StepState::WaitingForPerson),
    }
}
