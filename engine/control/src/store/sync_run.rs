use async_trait::async_trait;
use farshore_model::{
    GroupId, Lease, PairId, SyncRunId, Timestamp,
    sync_run::{SyncRun, SyncRunState},
};

use super::StoreError;

/// Sync runs. Each is leased by its own id.
#[async_trait]
pub trait SyncRunStore: Send + Sync {
    /// `NotNow` when the pair has another run that is not final and the new one is not final itself; a run in
    /// state `planned` gives way: it becomes `superseded` in the same transaction. Inserting an id that is
    /// there already changes nothing.
    async fn insert_sync_run(&self, run: &SyncRun) -> Result<(), StoreError>;

    async fn sync_run(&self, id: SyncRunId) -> Result<Option<SyncRun>, StoreError>;

    /// Newest first.
    async fn sync_runs(&self, group: GroupId, limit: u32) -> Result<Vec<SyncRun>, StoreError>;

    /// Whether the application of some plan of the pair ever began.
    async fn has_applied_sync(&self, pair: PairId) -> Result<bool, StoreError>;

    /// The newest run of a pair that is about all of it, whatever its state.
    async fn newest_sync_run(&self, pair: PairId) -> Result<Option<SyncRun>, StoreError>;

    /// A suspended run was due once more, at that time. `NotNow` when it is not suspended, or was due more often
    /// than was `seen`: another process has noted this time already.
    async fn repeat_suspended(&self, seen: &SyncRun, at: Timestamp) -> Result<(), StoreError>;

    /// Runs in a working state, oldest first: what a worker may try to lease.
    async fn working_sync_runs(&self) -> Result<Vec<SyncRun>, StoreError>;

    /// Runs whose plan waits for a person and says why, oldest first.
    async fn held_sync_runs(&self) -> Result<Vec<SyncRun>, StoreError>;

    /// A person moves a run from `planned` to another state (`applying`, `cancelled`); `NotNow` when it is not
    /// `planned` any more.
    async fn decide_sync_run(
        &self,
        id: SyncRunId,
        state: SyncRunState,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Writes state, plan, total, message and times of a run under its lease. The counters `done` and `failed`
    /// are kept by [`OutcomeStore::record_outcome`](super::OutcomeStore::record_outcome).
    async fn update_sync_run(&self, lease: &Lease, run: &SyncRun) -> Result<(), StoreError>;
}
