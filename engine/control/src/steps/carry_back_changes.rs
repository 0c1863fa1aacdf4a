//! Brings what was changed while the group was failed over to the primary region.
//!
//! The region that is being left need not be wholly in force: an earlier failback may have fenced it and been
//! abandoned, and a failover may have left some of it unreleased. The ledger tells of each object whether it
//! still awaits its release there; only what does not is taken for what the object is to do.

use std::sync::Arc;

use async_trait::async_trait;
use farshore_model::sync_run::SyncTrigger;
use farshore_runbook::{Step, StepContext, StepError, StepOutcome};

use crate::Control;

pub(super) struct CarryBackChanges(pub Arc<Control>);

#[async_trait]
impl Step for CarryBackChanges {
    fn name(&self) -> &'static str {
        "carry_back_changes"
    }

    /// An interrupted attempt finds the sync that it had asked for.
    async fn is_done(&self, _: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        Ok(None)
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        self.0.carry(ctx, SyncTrigger::Failback).await
    }
}
