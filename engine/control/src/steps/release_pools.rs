//! Gives each pool its own number of idle instances.

use std::sync::Arc;

use async_trait::async_trait;
use farshore_runbook::{Step, StepContext, StepError, StepOutcome};

use super::release::{Held, release_all};
use crate::Control;

pub(super) struct ReleasePools(pub Arc<Control>);

#[async_trait]
impl Step for ReleasePools {
    fn name(&self) -> &'static str {
        "release_pools"
    }

    /// Releasing itself looks at each object first, and leaves alone what is in force.
    async fn is_done(&self, _: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        Ok(None)
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        release_all(&self.0, ctx, Held::Pools).await
    }
}
