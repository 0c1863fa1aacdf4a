use async_trait::async_trait;
use farshore_model::{
    GroupId, PairId, SyncRunId,
    sync_run::SyncRun,
    view::{ComparisonRow, Difference, DifferenceCount},
};

use super::StoreError;

/// Two syncs side by side. Reads alone.
#[async_trait]
pub trait ComparisonStore: Send + Sync {
    /// Up to `limit` syncs of a group that changed something, or tried to, newest first; of one pair, or older than
    /// that one, where this is asked for.
    async fn comparable_syncs(
        &self,
        group: GroupId,
        pair: Option<PairId>,
        before: Option<&SyncRun>,
        limit: u32,
    ) -> Result<Vec<SyncRun>, StoreError>;

    /// How many objects there are of each difference between two syncs, in the order of [`Difference::ALL`].
    async fn difference_counts(
        &self,
        first: SyncRunId,
        second: SyncRunId,
    ) -> Result<Vec<DifferenceCount>, StoreError>;

    /// One page of the objects in which two syncs differ, in the order of [`Difference::ALL`], then by kind, name
    /// and key. Pages count from 1.
    async fn differences(
        &self,
        first: SyncRunId,
        second: SyncRunId,
        difference: Option<Difference>,
        page: u32,
        per_page: u32,
    ) -> Result<Vec<ComparisonRow>, StoreError>;
}
