//! Stops all work in the region that is being left. In a forced failover a workspace that cannot be stopped now
//! becomes a duty of the group, which [`crate::workers::fence`] carries on for as long as it takes.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use farshore_model::{ObligationId, obligation::FenceObligation, run::RunMode, view::Topic};
use farshore_runbook::{Step, StepContext, StepError, StepOutcome};
use serde_json::Value;

use super::{FenceFailure, JournalLog, fence_workspace, from_control_store, name_some, scope};
use crate::{
    Control,
    runbooks::{RunScope, ScopedPair},
    workspaces::Patience,
};

/// A region that answers and then does not let itself be fenced must not keep a forced failover waiting.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct FencePrimary(pub Arc<Control>);

#[async_trait]
impl Step for FencePrimary {
    fn name(&self) -> &'static str {
        "fence_primary"
    }

    /// Only fencing itself tells whether everything is passive; it leaves alone what is.
    async fn is_done(&self, _: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        Ok(None)
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        let scope = scope(ctx)?;
        let known = self.0.store.fences_of_run(ctx.run_id).await.map_err(from_control_store)?;
        let mut open = Vec::new();
        for pair in &scope.pairs {
            let workspace = &pair.workspace(pair.to.other()).name;
            // An interrupted attempt has handed it to the background already.
            if known.iter().any(|fence| fence.pair_id == pair.pair_id) {
                open.push(workspace.clone());
                continue;
            }
            match self.try_to_fence(ctx, pair).await {
                Ok(()) => {}
                Err(failure) if ctx.mode == RunMode::Planned => {
                    return Err(StepError::passing(
                        format!(
                            "{workspace} could not be fenced: {}. The new region has not been touched yet.",
                            failure.what
                        ),
                        failure.remedy,
                    ));
                }
                Err(failure) => {
                    self.open_fence(ctx, pair, &failure).await?;
                    open.push(workspace.clone());
                }
            }
        }
        if open.is_empty() {
            return Ok(StepOutcome::done());
        }
        Ok(StepOutcome::with_exception(Value::Null, exception(&scope, &open)))
    }
}

impl FencePrimary {
    async fn try_to_fence(&self, ctx: &StepContext, pair: &ScopedPair) -> Result<(), FenceFailure> {
        let workspace = pair.workspace(pair.to.other());
        let failed = |what: String, remedy: String| FenceFailure { what, remedy };
        let probe = self
            .0
            .client(workspace.id, Patience::Probe)
            .await
            .map_err(|problem| failed(problem.what_happened, problem.what_to_do))?;
        probe.me().await.map_err(|error| failed(error.to_string(), error.remedy()))?;
        let side = self
            .0
            .being_left(pair, ctx.lease, Patience::Fence)
            .await
            .map_err(|error| failed(error.message, error.remedy))?;
        let log = JournalLog(ctx);
        let report = tokio::time::timeout(PATIENCE, fence_workspace(&side, &log)).await.map_err(|_| {
            failed(
                "it stopped answering half-way".to_owned(),
                "Look into the state of its region.".to_owned(),
            )
        })??;
        let line = format!(
            "{} is fenced: {} jobs held, {} pools emptied, {} clusters terminated, {} runs cancelled.",
            workspace.name,
            report.jobs_held,
            report.pools_emptied,
            report.clusters_terminated,
            report.runs_cancelled
        );
        ctx.log(line).await.map_err(|error| failed(error.message, error.remedy))
    }

    async fn open_fence(
        &self,
        ctx: &StepContext,
        pair: &ScopedPair,
        failure: &FenceFailure,
    ) -> Result<(), StepError> {
        let workspace = pair.workspace(pair.to.other());
        let now = ctx.now();
        let fence = FenceObligation {
            id: ObligationId(ctx.idempotency_key_for(&pair.pair_id.to_string())),
            group_id: ctx.group_id,
            pair_id: pair.pair_id,
            workspace_id: workspace.id,
            run_id: ctx.run_id,
            opened_at: now,
            closed_at: None,
            attempts: 1,
            last_attempt_at: Some(now),
            last_error: Some(failure.what.clone()),
            report: None,
        };
        self.0.store.open_fence(&ctx.lease, &fence).await.map_err(from_control_store)?;
        self.0.notices.publish(Topic::Group(ctx.group_id));
        self.0.notices.publish(Topic::Overview);
        let line = format!(
            "{} could not be fenced ({}); it is tried in the background until the fence holds.",
            workspace.name, failure.what
        );
        ctx.log(line).await
    }
}

fn exception(scope: &RunScope, open: &[String]) -> String {
    format!(
        "The fence of {} is open for {}: the panel puts it up as soon as the region answers, and a failback waits for \
         it.",
        scope.from_region,
        name_some(open)
    )
}
