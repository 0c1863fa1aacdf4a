//! Brings what was changed until the active region was fenced. What it
//! holds now is the fence, and the ledger knows that.

use std::sync::Arc;

use async_trait::async_trait;
use farshore_model::sync_run::SyncTrigger;
use farshore_runbook::{Step, StepContext, StepError, StepOutcome};

use crate::Control;

pub(super) struct CarryBackRest(pub Arc<Control>);

#[async_trait]
impl Step for CarryBackRest {
    fn name(&self) -> &'static str {
        "carry_back_rest"
    }

    /// An interrupted attempt finds the sync that it had asked for.
    async fn is_done(&self, _: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        Ok(None)
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        self.0.carry(ctx, SyncTrigger::Failback).await
    }
}
