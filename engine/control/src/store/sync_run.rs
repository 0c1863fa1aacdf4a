use std::collections::BTreeSet;

use async_trait::async_trait;
use farshore_model::{
    GroupId, Lease, PairId, PlanId, SyncRunId, Timestamp,
    group::SmokeJob,
    plan::{KindCount, PlanCounts, PlanItem, SyncPlan},
    sync_run::{ItemOutcome, SyncRun, SyncRunState},
    view::{FailureGroup, PlanFilter},
};

use super::StoreError;

/// A stored plan without its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanHead {
    pub id: PlanId,
    pub hash: String,
    pub created_at: Timestamp,
    pub listing_began_at: Timestamp,
    pub counts: PlanCounts,
    pub kinds: Vec<KindCount>,
}

/// Sync runs, their plans, and the outcome of each item. A sync run is leased by its own id.
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
    /// are kept by [`Self::record_outcome`].
    async fn update_sync_run(&self, lease: &Lease, run: &SyncRun) -> Result<(), StoreError>;

    /// Keeps a plan with all its items; a plan is never changed. In one transaction.
    async fn insert_plan(&self, lease: &Lease, plan: &SyncPlan) -> Result<(), StoreError>;

    async fn plan(&self, id: PlanId) -> Result<Option<SyncPlan>, StoreError>;

    async fn plan_head(&self, id: PlanId) -> Result<Option<PlanHead>, StoreError>;

    /// One page of a plan's items, in order, and how many match. With `filter.is_failed_only` only items whose
    /// outcome in `run` is failed.
    async fn plan_items(
        &self,
        plan: PlanId,
        run: SyncRunId,
        filter: &PlanFilter,
        per_page: u32,
    ) -> Result<(Vec<PlanItem>, u32), StoreError>;

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

    /// The jobs in the ledger of a pair, by name.
    async fn ledger_jobs(&self, pair: PairId) -> Result<Vec<SmokeJob>, StoreError>;
}
