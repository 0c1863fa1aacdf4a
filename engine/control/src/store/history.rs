use async_trait::async_trait;
use farshore_model::{
    GroupId, PairId, PlanId, SyncRunId, Timestamp,
    kind::{ObjectKey, ObjectKind},
    plan::PlanItem,
    sync_run::{ItemOutcome, SyncRun},
    view::{ComparisonRow, Difference, DifferenceCount, LedgerFilter, LedgerRow, ObjectEvent},
};

use super::StoreError;

/// The objects of one kind in the ledger of a pair, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindTally {
    pub kind: ObjectKind,
    pub objects: u32,
    /// Not out of the scope of the replication when a sync last dealt with them.
    pub in_scope: u32,
    pub failed: u32,
    /// Put to rest on a side, and not released there since.
    pub held: u32,
    /// The earliest moment at which one of them was last known to be equal on both sides, of those that are in the
    /// scope of the replication and were ever equal.
    pub agreed_since: Option<Timestamp>,
}

/// What is known of each object and what syncs did to it, as lists to look through. Reads alone.
#[async_trait]
pub trait HistoryStore: Send + Sync {
    /// One page of the ledger of all pairs of a group, by pair, kind and name, and how many objects match. Pages
    /// count from 1.
    async fn ledger_rows(
        &self,
        group: GroupId,
        filter: &LedgerFilter,
        page: u32,
        per_page: u32,
    ) -> Result<(Vec<LedgerRow>, u32), StoreError>;

    /// Up to `limit` objects in the same order, after that one.
    async fn ledger_rows_after(
        &self,
        group: GroupId,
        filter: &LedgerFilter,
        after: Option<&LedgerRow>,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, StoreError>;

    /// One object, in each pair of the group that knows it.
    async fn ledger_rows_of(&self, group: GroupId, object: &ObjectKey) -> Result<Vec<LedgerRow>, StoreError>;

    /// The ledger of a pair, counted by kind, in the order of [`ObjectKind::ALL`].
    async fn ledger_tallies(&self, pair: PairId) -> Result<Vec<KindTally>, StoreError>;

    /// One page of what syncs of a group did to an object, newest first, and how often that was. That it was
    /// skipped is none of it.
    async fn object_events(
        &self,
        group: GroupId,
        object: &ObjectKey,
        page: u32,
        per_page: u32,
    ) -> Result<(Vec<ObjectEvent>, u32), StoreError>;

    /// Up to `limit` items of a plan after the one with that index, in order, each with its outcome in `run`.
    async fn items_after(
        &self,
        plan: PlanId,
        run: SyncRunId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<(PlanItem, Option<ItemOutcome>)>, StoreError>;

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
