//! Stops all work in the region that the failback is leaving. It answers, so it has to be seen to stop.

use std::sync::Arc;

use async_trait::async_trait;
use farshore_runbook::{Step, StepContext, StepError, StepOutcome};

use super::{JournalLog, fence_workspace, scope};
use crate::{Control, workspaces::Patience};

pub(super) struct FenceSecondary(pub Arc<Control>);

#[async_trait]
impl Step for FenceSecondary {
    fn name(&self) -> &'static str {
        "fence_secondary"
    }

    /// Only fencing itself tells whether everything is passive; it leaves alone what is.
    async fn is_done(&self, _: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        Ok(None)
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        for pair in &scope(ctx)?.pairs {
            let workspace = &pair.workspace(pair.to.other()).name;
            let side = self.0.being_left(pair, ctx.lease, Patience::Full).await?;
            let report = fence_workspace(&side, &JournalLog(ctx)).await.map_err(|failure| {
                StepError::passing(
                    format!(
                        "{workspace} could not be fenced: {}. What was stopped stays stopped, and nothing is lost.",
                        failure.what
                    ),
                    failure.remedy,
                )
            })?;
            ctx.log(format!(
                "{workspace} is fenced: {} jobs held, {} pools emptied, {} clusters terminated, {} runs cancelled.",
                report.jobs_held, report.pools_emptied, report.clusters_terminated, report.runs_cancelled
            ))
            .await?;
        }
        Ok(StepOutcome::done())
    }
}
