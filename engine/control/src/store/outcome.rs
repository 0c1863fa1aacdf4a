use std::collections::BTreeSet;

use async_trait::async_trait;
use farshore_model::{Lease, SyncRunId, sync_run::ItemOutcome, view::FailureGroup};

use super::StoreError;

/// What became of each item of a plan.
#[async_trait]
pub trait OutcomeStore: Send + Sync {
    /// Keeps the outcome of one item and counts it, in one transaction; a second outcome of the same item
    /// replaces the first and is not counted again.
    async fn record_outcome(
        &self,
        lease: &Lease,
        run: SyncRunId,
        outcome: &ItemOutcome,
    ) -> Result<(), StoreError>;

    /// Items that have an outcome.
    async fn recorded_items(&self, run: SyncRunId) -> Result<BTreeSet<u32>, StoreError>;

    /// Outcomes of items `from..=to`.
    async fn outcomes(&self, run: SyncRunId, from: u32, to: u32) -> Result<Vec<ItemOutcome>, StoreError>;

    /// Failures by their error, biggest group first, with up to three names each.
    async fn failure_groups(&self, run: SyncRunId) -> Result<Vec<FailureGroup>, StoreError>;
}
