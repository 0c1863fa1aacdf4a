//! What the engine needs to have kept. SQL lives behind this trait, in another crate;
//! [`contract`](crate::contract) is what an implementation has to pass.

use std::error::Error;

use async_trait::async_trait;
use farshore_model::{
    DurationMs, GroupId, Lease, RunId, Timestamp,
    run::{JournalEntry, RunHead, RunRecord},
};
use uuid::Uuid;

/// Journals of runs, one row a run beside them, and the leases on those rows. Everything that returns has been
/// committed.
#[async_trait]
pub trait RunStore: Send + Sync {
    /// Keeps a new run and its first entry together. [`StoreError::Conflict`] when the id is taken,
    /// [`StoreError::GroupBusy`] when the kind [is exclusive](farshore_model::run::RunbookKind::is_exclusive)
    /// and the group has an open run of an exclusive kind already.
    async fn create_run(&self, record: &RunRecord, first: &JournalEntry) -> Result<(), StoreError>;

    /// Appends one entry, and replaces the row's head, `seq` and `changed_at`, in one transaction.
    ///
    /// [`StoreError::NotFound`] when there is no such run, else [`StoreError::LeaseLost`] when the guard is a
    /// lease that is not current, else [`StoreError::Conflict`] unless `entry.seq` follows the row's `seq`.
    async fn append_entry(&self, entry: &JournalEntry, head: RunHead, guard: Guard)
    -> Result<(), StoreError>;

    /// The whole journal in order; [`StoreError::NotFound`] when there is no such run.
    async fn journal(&self, run: RunId) -> Result<Vec<JournalEntry>, StoreError> {
        self.journal_since(run, 0).await
    }

    /// The entries after number `seq`, in order; [`StoreError::NotFound`] when there is no such run.
    async fn journal_since(&self, run: RunId, seq: i64) -> Result<Vec<JournalEntry>, StoreError>;

    /// Newest request first.
    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRecord>, StoreError>;

    /// Leases one run whose head `is_drivable` and whose lease is free or expired at `now` (`expiry <= now`),
    /// until `now + length`, and increments its generation. The run that has not changed for longest comes
    /// first. However many ask at once, each run goes to one of them.
    async fn claim_next_run(
        &self,
        owner: Uuid,
        now: Timestamp,
        length: DurationMs,
    ) -> Result<Option<Lease>, StoreError>;

    /// Prolongs a lease until `now + length`; false when it is not current, be it that it expired and nobody
    /// has taken the run yet.
    async fn renew_run(&self, lease: &Lease, now: Timestamp, length: DurationMs) -> Result<bool, StoreError>;

    /// Gives a lease back. Does nothing when it is not current; the generation stays.
    async fn release_run(&self, lease: &Lease) -> Result<(), StoreError>;
}

/// On whose behalf an entry is appended. Either way its sequence number has to be the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// An executor. Owner and generation have to be the row's and its expiry after `now`, checked in the same
    /// transaction; `lease.holder` is the run's id.
    Lease { lease: Lease, now: Timestamp },
    /// A person, through a use-case, whoever holds the lease.
    Person,
}

/// Which runs to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Of every group when absent.
    pub group_id: Option<GroupId>,
    pub is_open_only: bool,
    /// All of them when absent.
    pub limit: Option<u32>,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else appended the entry with this number, or created the run with this id.
    #[error("the run was changed by somebody else")]
    Conflict,
    /// The group has another open run of an exclusive kind.
    #[error("run {0} of the same group is open")]
    GroupBusy(RunId),
    #[error("the lease was lost")]
    LeaseLost,
    #[error("there is no such run")]
    NotFound,
    #[error("the database could not {0}")]
    Backend(&'static str, #[source] Box<dyn Error + Send + Sync>),
}
