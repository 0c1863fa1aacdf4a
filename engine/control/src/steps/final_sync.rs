//! Syncs once more before a planned failover, so that nothing is lost. A failover that was given up before may
//! have suspended the syncs of the group; this one is made all the same, and puts to rest what that one has put
//! to work.

use std::sync::Arc;

use async_trait::async_trait;
use farshore_model::sync_run::SyncTrigger;
use farshore_runbook::{Step, StepContext, StepError, StepOutcome};

use super::{from_control_store, scope};
use crate::Control;

pub(super) struct FinalSync(pub Arc<Control>);

#[async_trait]
impl Step for FinalSync {
    fn name(&self) -> &'static str {
        "final_sync"
    }

    /// An interrupted attempt finds the sync that it had asked for.
    async fn is_done(&self, _: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        Ok(None)
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        // A fence that goes up while the region is read would be taken for changes in it.
        let open = self.0.store.fences(Some(ctx.group_id), true).await.map_err(from_control_store)?;
        if !open.is_empty() {
            return Err(StepError::passing(
                format!(
                    "A fence that an earlier failover has left open in {} is not up yet. Nothing was changed.",
                    scope(ctx)?.from_region
                ),
                "The panel closes it by itself as soon as the region answers; retry the step then. If the region \
                 does not answer, abandon the run and request a forced failover.",
            ));
        }
        self.0.carry(ctx, SyncTrigger::Failover).await
    }
}
