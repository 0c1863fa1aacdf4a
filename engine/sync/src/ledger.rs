//! Where the object ledger is kept. SQL implements this for the panel, [`MemoryLedger`](crate::MemoryLedger)
//! for tests; [`contract`](crate::contract) holds both to the same promises.

use async_trait::async_trait;
use farshore_model::{PairId, PlanId, Timestamp, group::Side, kind::ObjectKey, ledger::LedgerEntry};
use serde::{Deserialize, Serialize};

/// The right to write: one owner holds one leased row, and loses it when somebody else takes the row over.
pub use farshore_model::Lease as SyncLease;

#[async_trait]
pub trait LedgerStore: Send + Sync {
    /// Every entry of the pair, in any order.
    async fn load(&self, pair: PairId) -> Result<Vec<LedgerEntry>, LedgerError>;

    /// Inserts or replaces the entries, each by its pair, kind and key, in one transaction. When it returns,
    /// they are durable: a create's intent goes through here before the call goes out.
    async fn put(&self, lease: &SyncLease, entries: &[LedgerEntry]) -> Result<(), LedgerError>;

    /// The objects are in force on that side: they do not await their release there any more. Nothing else of
    /// their entries is touched, because the other side may be fenced at the same time. Keys that are not
    /// known are ignored.
    async fn mark_released(
        &self,
        lease: &SyncLease,
        pair: PairId,
        side: Side,
        keys: &[ObjectKey],
    ) -> Result<(), LedgerError>;

    /// Forgets objects that are on neither side any more. Keys that are not known are ignored.
    async fn remove(&self, lease: &SyncLease, pair: PairId, keys: &[ObjectKey]) -> Result<(), LedgerError>;

    /// The default when none were set.
    async fn watermarks(&self, pair: PairId) -> Result<Watermarks, LedgerError>;

    async fn set_watermarks(
        &self,
        lease: &SyncLease,
        pair: PairId,
        watermarks: &Watermarks,
    ) -> Result<(), LedgerError>;
}

/// Up to when the content of notebooks is known to be what the ledger says. A store keeps it as it is and
/// does not look into it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watermarks {
    /// Milliseconds since 1970 by the clock of the primary workspace.
    pub primary_ms: Option<i64>,
    /// Milliseconds since 1970 by the clock of the secondary workspace.
    pub secondary_ms: Option<i64>,
    /// What the two become once the plan named here is applied.
    pub pending: Option<PendingWatermarks>,
    /// What was carried and not looked at again, the latest last.
    pub carried: Vec<Carried>,
}

/// One application of a plan. Content that it has carried was read on one side and written on the other: no listing
/// that may lag was trusted, so that what the next listings do not show as changed since is as it was carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// By our own clock, when it began.
    pub from: Timestamp,
    /// By our own clock, when it ended. What was carried has an `agreed_at` in between.
    pub until: Timestamp,
    /// Milliseconds since 1970 by the clock of the primary workspace: when it began, if that was the source, and else
    /// when it ended. Never ahead of that clock.
    pub primary_ms: i64,
    /// The same by the clock of the secondary workspace.
    pub secondary_ms: i64,
}

impl Carried {
    pub const fn on(&self, side: Side) -> i64 {
        match side {
            Side::Primary => self.primary_ms,
            Side::Secondary => self.secondary_ms,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingWatermarks {
    pub plan_id: PlanId,
    pub primary_ms: i64,
    pub secondary_ms: i64,
}

impl Watermarks {
    pub const fn on(&self, side: Side) -> Option<i64> {
        match side {
            Side::Primary => self.primary_ms,
            Side::Secondary => self.secondary_ms,
        }
    }

    /// Puts the pending ones in force when they belong to this plan; false: they do not.
    pub fn promote(&mut self, plan_id: PlanId) -> bool {
        match self.pending.take() {
            Some(pending) if pending.plan_id == plan_id => {
                self.primary_ms = Some(pending.primary_ms);
                self.secondary_ms = Some(pending.secondary_ms);
                true
            }
            other => {
                self.pending = other;
                false
            }
        }
    }
}

/// The ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Somebody else has taken over: whoever gets this stops, and writes nothing more.
    #[error("another process has taken over this work; it goes on there")]
    LeaseLost,
    #[error("the ledger could not be read or written; what was recorded so far is kept")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}
