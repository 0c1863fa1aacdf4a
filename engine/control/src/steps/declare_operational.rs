//! Makes the region the effective primary. Completing this step stops the recovery clock.

use std::sync::Arc;

use async_trait::async_trait;
use farshore_model::{group::Side, view::Topic};
use farshore_runbook::{Step, StepContext, StepError, StepOutcome};

use super::{from_control, from_control_store, scope};
use crate::Control;

pub(super) struct DeclareOperational(pub Arc<Control>);

#[async_trait]
impl Step for DeclareOperational {
    fn name(&self) -> &'static str {
        "declare_operational"
    }

    /// Saying it twice changes nothing.
    async fn is_done(&self, _: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        Ok(None)
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        let control = &self.0;
        let scope = scope(ctx)?;
        let group = control.known_group(ctx.group_id).await.map_err(from_control)?;
        let is_home = scope.pairs.iter().all(|pair| pair.to == Side::Primary);
        // Away from home, syncs stay suspended until the failback.
        let suspension = group.suspension.as_ref().filter(|_| !is_home);
        control
            .store
            .set_group_activity(&ctx.lease, ctx.group_id, &scope.to_region, suspension)
            .await
            .map_err(from_control_store)?;
        control.notices.publish(Topic::Group(ctx.group_id));
        control.notices.publish(Topic::Overview);
        ctx.log(format!("{} is the active region of {}.", scope.to_region, scope.group_name)).await?;
        Ok(StepOutcome::done())
    }
}
