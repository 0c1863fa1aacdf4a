//! Nothing is carried back before the primary region answers and has been seen to stop working.

use std::sync::Arc;

use async_trait::async_trait;
use farshore_model::group::Side;
use farshore_runbook::{Step, StepContext, StepError, StepOutcome};

use super::{from_control_store, scope, verify::verify_region};
use crate::Control;

pub(super) struct VerifyPrimaryRegion(pub Arc<Control>);

#[async_trait]
impl Step for VerifyPrimaryRegion {
    fn name(&self) -> &'static str {
        "verify_primary_region"
    }

    /// Looking twice changes nothing.
    async fn is_done(&self, _: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        Ok(None)
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        let scope = scope(ctx)?;
        verify_region(&self.0, ctx, &scope, Side::Primary).await?;
        let open = self.0.store.fences(Some(ctx.group_id), true).await.map_err(from_control_store)?;
        if !open.is_empty() {
            return Err(StepError::lasting(
                format!("The fence of {} is open again. Nothing was changed.", scope.to_region),
                "The panel closes it by itself as soon as the region answers; retry the step then.",
            ));
        }
        ctx.log(format!("Every fence of {} holds.", scope.to_region)).await?;
        Ok(StepOutcome::done())
    }
}
