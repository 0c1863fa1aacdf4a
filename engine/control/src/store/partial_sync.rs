use std::collections::BTreeSet;

use async_trait::async_trait;
use farshore_model::{SyncRunId, kind::ObjectKey, sync_run::SyncRun};

use super::StoreError;

/// Syncs about some objects alone.
#[async_trait]
pub trait PartialSyncStore: Send + Sync {
    /// Inserts the run together with the objects that it is about. `NotNow` when the pair has another run that is
    /// not final; unlike a whole run it never takes the place of a plan that waits for a person. Inserting an id
    /// that is there already changes nothing.
    async fn insert_partial_sync_run(
        &self,
        run: &SyncRun,
        objects: &BTreeSet<ObjectKey>,
    ) -> Result<(), StoreError>;

    /// The objects that a run is about; none of a run that is about all.
    async fn sync_run_objects(&self, run: SyncRunId) -> Result<BTreeSet<ObjectKey>, StoreError>;

    /// The objects that failed in a run.
    async fn failed_objects(&self, run: SyncRunId) -> Result<BTreeSet<ObjectKey>, StoreError>;
}
