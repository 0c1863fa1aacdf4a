//! A [`RunStore`] that stops answering, for tests: to whoever uses it, it looks as if their process had been
//! killed there.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use async_trait::async_trait;
use farshore_model::{
    DurationMs, Lease, RunId, Timestamp,
    run::{JournalEntry, RunHead, RunRecord},
};
use uuid::Uuid;

use crate::{Guard, RunFilter, RunStore, StoreError};

/// Where in an append the crash falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// What the caller did is not written down.
    BeforeCommit,
    /// It is written down, but the caller never learns that.
    AfterCommit,
}

/// Passes everything on until the given number of appends has gone through, crashes at the next one, and
/// answers nothing from then on.
pub struct CrashingStore {
    inner: Arc<dyn RunStore>,
    appends_left: AtomicU32,
    point: CrashPoint,
    is_crashed: AtomicBool,
}

impl CrashingStore {
    pub fn new(inner: Arc<dyn RunStore>, appends: u32, point: CrashPoint) -> Self {
        Self { inner, appends_left: AtomicU32::new(appends), point, is_crashed: AtomicBool::new(false) }
    }

    /// False when there were too few appends to get as far as the crash.
    pub fn is_crashed(&self) -> bool {
        self.is_crashed.load(Ordering::SeqCst)
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.is_crashed() { Err(crashed()) } else { Ok(()) }
    }
}

fn crashed() -> StoreError {
    StoreError::Backend("answer: it has crashed", "crashed on purpose".into())
}

#[async_trait]
impl RunStore for CrashingStore {
    async fn create_run(&self, record: &RunRecord, first: &JournalEntry) -> Result<(), StoreError> {
        self.check()?;
        self.inner.create_run(record, first).await
    }

    async fn append_entry(
        &self,
        entry: &JournalEntry,
        head: RunHead,
        guard: Guard,
    ) -> Result<(), StoreError> {
        self.check()?;
        let left = self.appends_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if left.is_ok() {
            return self.inner.append_entry(entry, head, guard).await;
        }
        self.is_crashed.store(true, Ordering::SeqCst);
        if self.point == CrashPoint::AfterCommit {
            self.inner.append_entry(entry, head, guard).await?;
        }
        Err(crashed())
    }

    async fn journal_since(&self, run: RunId, seq: i64) -> Result<Vec<JournalEntry>, StoreError> {
        self.check()?;
        self.inner.journal_since(run, seq).await
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRecord>, StoreError> {
        self.check()?;
        self.inner.runs(filter).await
    }

    async fn claim_next_run(
        &self,
        owner: Uuid,
        now: Timestamp,
        length: DurationMs,
    ) -> Result<Option<Lease>, StoreError> {
        self.check()?;
        self.inner.claim_next_run(owner, now, length).await
    }

    async fn renew_run(&self, lease: &Lease, now: Timestamp, length: DurationMs) -> Result<bool, StoreError> {
        self.check()?;
        self.inner.renew_run(lease, now, length).await
    }

    async fn release_run(&self, lease: &Lease) -> Result<(), StoreError> {
        self.check()?;
        self.inner.release_run(lease).await
    }
}
