//! The store in memory keeps the contract; and a slow one, which gives a kill the time to fall.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use farshore_model::{
    DurationMs, Lease, RunId, Timestamp,
    run::{JournalEntry, RunHead, RunRecord},
};
use farshore_runbook::{Guard, MemoryRunStore, RunFilter, RunStore, StoreError, contract};
use tokio::task::yield_now;
use uuid::Uuid;

#[tokio::test]
async fn memory_store_keeps_the_contract() {
    contract::verify(async |_| MemoryRunStore::default()).await.unwrap();
}

/// Lets others run before and after each commit, and can be made to leave renewals unanswered.
pub struct SlowStore {
    inner: Arc<MemoryRunStore>,
    pub is_mute: AtomicBool,
}

impl SlowStore {
    pub fn new(inner: Arc<MemoryRunStore>) -> Self {
        Self { inner, is_mute: AtomicBool::new(false) }
    }
}

async fn slowly<T>(call: impl Future<Output = T>) -> T {
    yield_now().await;
    let answer = call.await;
    yield_now().await;
    answer
}

#[async_trait]
impl RunStore for SlowStore {
    async fn create_run(&self, record: &RunRecord, first: &JournalEntry) -> Result<(), StoreError> {
        slowly(self.inner.create_run(record, first)).await
    }

    async fn append_entry(
        &self,
        entry: &JournalEntry,
        head: RunHead,
        guard: Guard,
    ) -> Result<(), StoreError> {
        slowly(self.inner.append_entry(entry, head, guard)).await
    }

    async fn journal_since(&self, run: RunId, seq: i64) -> Result<Vec<JournalEntry>, StoreError> {
        slowly(self.inner.journal_since(run, seq)).await
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRecord>, StoreError> {
        slowly(self.inner.runs(filter)).await
    }

    async fn claim_next_run(
        &self,
        owner: Uuid,
        now: Timestamp,
        length: DurationMs,
    ) -> Result<Option<Lease>, StoreError> {
        slowly(self.inner.claim_next_run(owner, now, length)).await
    }

    async fn renew_run(&self, lease: &Lease, now: Timestamp, length: DurationMs) -> Result<bool, StoreError> {
        if self.is_mute.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        slowly(self.inner.renew_run(lease, now, length)).await
    }

    async fn release_run(&self, lease: &Lease) -> Result<(), StoreError> {
        slowly(self.inner.release_run(lease)).await
    }
}
