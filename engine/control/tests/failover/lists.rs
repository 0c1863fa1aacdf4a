//! Lists show what is kept beside the journals: after every entry that is what folding the journal gives.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use farshore_control::RunCommand;
use farshore_model::{
    DurationMs, Lease, RunId, Timestamp,
    run::{JournalEntry, RunHead, RunRecord, RunState, RunbookKind},
};
use farshore_runbook::{Guard, RunFilter, RunStore, StoreError, load_run};
use uuid::Uuid;

use crate::{
    content,
    process::Process,
    world::{World, approver, operator},
};

/// Compares after each append.
struct ComparingStore {
    inner: Arc<dyn RunStore>,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    appends: AtomicU32,
    differences: Mutex<Vec<String>>,
}

/// What differs between the rows of all runs and their journals.
async fn differences(store: &dyn RunStore) -> Vec<String> {
    let mut found = Vec::new();
    for record in store.runs(&RunFilter::default()).await.expect("runs") {
        let folded = load_run(store, record.id).await.expect("journal").record();
        if folded != record {
            found.push(format!("{record:#?} is not {folded:#?}"));
        }
    }
    found
}

#[async_trait]
impl RunStore for ComparingStore {
    async fn create_run(&self, record: &RunRecord, first: &JournalEntry) -> Result<(), StoreError> {
        self.inner.create_run(record, first).await
    }

    async fn append_entry(
        &self,
        entry: &JournalEntry,
        head: RunHead,
        guard: Guard,
    ) -> Result<(), StoreError> {
        self.inner.append_entry(entry, head, guard).await?;
        self.seen.appends.fetch_add(1, Ordering::SeqCst);
        let found = differences(self.inner.as_ref()).await;
        self.seen.differences.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        Ok(())
    }

    async fn journal_since(&self, run: RunId, seq: i64) -> Result<Vec<JournalEntry>, StoreError> {
        self.inner.journal_since(run, seq).await
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRecord>, StoreError> {
        self.inner.runs(filter).await
    }

    async fn claim_next_run(
        &self,
        owner: Uuid,
        now: Timestamp,
        length: DurationMs,
    ) -> Result<Option<Lease>, StoreError> {
        self.inner.claim_next_run(owner, now, length).await
    }

    async fn renew_run(&self, lease: &Lease, now: Timestamp, length: DurationMs) -> Result<bool, StoreError> {
        self.inner.renew_run(lease, now, length).await
    }

    async fn release_run(&self, lease: &Lease) -> Result<(), StoreError> {
        self.inner.release_run(lease).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lists_show_is_the_fold_of_the_journal() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let seen = Arc::new(Seen::default());
    let store = Arc::clone(&seen);
    let process =
        Process::start_behind(&world, |inner, _| Arc::new(ComparingStore { inner, seen: store })).await;
    process.copy(&world).await;
    world.primary.control().set_down();
    let reader = world.open_store().await;
    let agree = async || assert_eq!(differences(&reader).await, Vec::<String>::new());

    // What persons write.
    let withdrawn = process.request(&world, RunbookKind::Failover).await;
    agree().await;
    let cancel = RunCommand::Cancel { reason: "A false alarm.".to_owned() };
    process.control.command_run(&operator(), withdrawn, cancel).await.expect("cancelled");
    agree().await;
    let run = process.request(&world, RunbookKind::Failover).await;
    let decline = RunCommand::Decline { comment: "Not yet.".to_owned() };
    process.control.command_run(&approver(), run, decline).await.expect("declined");
    agree().await;
    process.control.command_run(&operator(), run, RunCommand::Resume).await.expect("resumed");
    agree().await;
    let waiting = process.control.approvals_page(&approver()).await.expect("page").waiting;
    assert_eq!(waiting.iter().map(|item| item.run.id).collect::<Vec<_>>(), [run]);
    assert_eq!((waiting[0].given, waiting[0].why_not.clone()), (0, None));
    process.approve(run).await;

    // What the executor writes.
    let ended = process.settled(run).await;
    assert_eq!(ended.state, RunState::CompletedWithExceptions, "{:#?}", ended.steps);
    agree().await;
    assert!(seen.appends.load(Ordering::SeqCst) > 20);
    let found = std::mem::take(&mut *seen.differences.lock().unwrap_or_else(PoisonError::into_inner));
    assert!(found.is_empty(), "{found:#?}");

    let page = process.control.group_page(&operator(), world.group).await.expect("page");
    assert_eq!(page.runs.iter().map(|run| run.id).collect::<Vec<_>>(), [run, withdrawn]);
    let operational_at = ended.operational_at.expect("it got so far");
    assert_eq!(page.card.recovery_time.measured, Some(operational_at.since(ended.requested_at)));
    assert_eq!(page.card.recovery_time.measured_in, Some(run));
}
