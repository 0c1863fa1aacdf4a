use async_trait::async_trait;
use farshore_model::{
    GroupId, Lease, ObligationId, RunId, Timestamp,
    obligation::{FenceObligation, FenceReport},
};

use super::StoreError;

/// Fences that are due. A fence is leased by its own id.
#[async_trait]
pub trait FenceStore: Send + Sync {
    /// Keeps the duty; opening the one of a run and pair that is there already changes nothing.
    async fn open_fence(&self, lease: &Lease, fence: &FenceObligation) -> Result<(), StoreError>;

    /// Those of one group, or of all, newest first.
    async fn fences(
        &self,
        group: Option<GroupId>,
        is_open_only: bool,
    ) -> Result<Vec<FenceObligation>, StoreError>;

    async fn fences_of_run(&self, run: RunId) -> Result<Vec<FenceObligation>, StoreError>;

    /// Notes an attempt that did not succeed.
    async fn record_fence_attempt(
        &self,
        lease: &Lease,
        id: ObligationId,
        at: Timestamp,
        error: &str,
    ) -> Result<(), StoreError>;

    /// The fence holds. Closing it twice keeps the first report.
    async fn close_fence(
        &self,
        lease: &Lease,
        id: ObligationId,
        at: Timestamp,
        report: &FenceReport,
    ) -> Result<(), StoreError>;
}
