//! Nothing is begun before the region that is to take over has been seen to answer.

use std::sync::Arc;

use async_trait::async_trait;
use farshore_model::group::Side;
use farshore_runbook::{Step, StepContext, StepError, StepOutcome};

use super::{scope, verify::verify_region};
use crate::Control;

pub(super) struct VerifyPassiveRegion(pub Arc<Control>);

#[async_trait]
impl Step for VerifyPassiveRegion {
    fn name(&self) -> &'static str {
        "verify_passive_region"
    }

    /// Looking twice changes nothing.
    async fn is_done(&self, _: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        Ok(None)
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        verify_region(&self.0, ctx, &scope(ctx)?, Side::Secondary).await?;
        Ok(StepOutcome::done())
    }
}
