use async_trait::async_trait;
use farshore_model::{
    GroupId, PairId, Timestamp,
    group::SmokeJob,
    kind::{ObjectKey, ObjectKind},
    view::{LedgerFilter, LedgerRow},
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
    /// In scope, and passed over for a reason when a sync last dealt with them: they may differ.
    pub passed_over: u32,
    /// Put to rest on a side, and not released there since.
    pub held: u32,
    /// The earliest moment at which one of them was last known to be equal on both sides, of those that are in the
    /// scope of the replication and were ever equal.
    pub agreed_since: Option<Timestamp>,
}

/// The ledger as people look at it. Reads alone.
#[async_trait]
pub trait LedgerViewStore: Send + Sync {
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

    /// The jobs in the ledger of a pair, by name.
    async fn ledger_jobs(&self, pair: PairId) -> Result<Vec<SmokeJob>, StoreError>;
}
