//! What several want to keep at once goes into one transaction: a flush to the disk takes as long for one row as for
//! fifty, and SQLite has one writer at a time.
//!
//! Whoever comes first writes for itself. Those who come while it does wait, and the first of them writes for all.
//! Nobody is told that anything is kept before it is committed.

use std::{
    collections::BTreeMap,
    slice,
    sync::{Arc, Mutex, PoisonError},
};

use farshore_model::{Lease, PairId, SyncRunId, kind::ObjectKey, ledger::LedgerEntry, sync_run::ItemOutcome};
use tokio::sync::oneshot;

use crate::{SqlStore, batch::ROWS_A_STATEMENT, failure::Refusal, ledger, outcome};

/// What is to be kept under a lease.
#[derive(Debug)]
pub(crate) enum Work {
    Entries(Vec<LedgerEntry>),
    Outcome(SyncRunId, ItemOutcome),
}

/// Those who wait for their work to be committed.
#[derive(Debug, Default)]
pub(crate) struct Group {
    waiting: Mutex<Vec<Waiting>>,
    /// One writes at a time; fair.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Waiting {
    lease: Lease,
    work: Arc<Work>,
    done: oneshot::Sender<Result<(), Refusal>>,
}

impl Group {
    fn join(&self, lease: Lease, work: &Arc<Work>) -> oneshot::Receiver<Result<(), Refusal>> {
        let (done, answer) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(Waiting { lease, work: Arc::clone(work), done });
        answer
    }

    /// All who wait and have not given up, in the order in which they came.
    fn take(&self) -> Vec<Waiting> {
        let mut waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        waiting.retain(|waiting| !waiting.done.is_closed());
        waiting
    }
}

impl SqlStore {
    /// Commits the work, together with that of others if there are any.
    pub(crate) async fn keep(&self, lease: &Lease, work: Work) -> Result<(), Refusal> {
        let work = Arc::new(work);
        loop {
            let mut answer = self.group.join(*lease, &work);
            tokio::select! {
                biased;
                Ok(done) = &mut answer => return done,
                _turn = self.group.turn.lock() => self.commit_for(self.group.take()).await,
            }
            // Without an answer, whoever was to write for all was dropped on the way. To do it again is the same as
            // to do it once.
            if let Ok(done) = answer.await {
                return done;
            }
        }
    }

    async fn commit_for(&self, waiting: Vec<Waiting>) {
        if waiting.len() > 1 && self.commit(&waiting).await.is_ok() {
            for one in waiting {
                // Who has given up meanwhile need not know.
                let _ = one.done.send(Ok(()));
            }
            return;
        }
        // One of them may have lost its lease, which concerns nobody else.
        for one in waiting {
            let done = self.commit(slice::from_ref(&one)).await;
            let _ = one.done.send(done);
        }
    }

    /// In one transaction. What comes later counts, where two are about the same.
    async fn commit(&self, waiting: &[Waiting]) -> Result<(), Refusal> {
        let mut writing = self.write("keep what a sync has done").await?;
        let mut held: Vec<Lease> = Vec::new();
        let mut entries: BTreeMap<(PairId, &ObjectKey), &LedgerEntry> = BTreeMap::new();
        let mut outcomes: BTreeMap<SyncRunId, BTreeMap<u32, &ItemOutcome>> = BTreeMap::new();
        for Waiting { lease, work, .. } in waiting {
            if !held.contains(lease) {
                writing.hold(lease).await?;
                held.push(*lease);
            }
            match &**work {
                Work::Entries(more) => {
                    entries.extend(more.iter().map(|entry| ((entry.pair_id, &entry.object), entry)));
                }
                Work::Outcome(run, outcome) => {
                    outcomes.entry(*run).or_default().insert(outcome.index, outcome);
                }
            }
        }
        let entries: Vec<&LedgerEntry> = entries.into_values().collect();
        for entries in entries.chunks(ROWS_A_STATEMENT) {
            ledger::upsert(&mut writing, entries).await?;
        }
        for (run, outcomes) in outcomes {
            let outcomes: Vec<&ItemOutcome> = outcomes.into_values().collect();
            for outcomes in outcomes.chunks(ROWS_A_STATEMENT) {
                outcome::upsert(&mut writing, run, outcomes).await?;
            }
        }
        Ok(writing.commit().await?)
    }
}
