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

fn answer_all(waiting: Vec<Waiting>, answer: impl Fn() -> Result<(), Refusal>) {
    for one in waiting {
        // Who has given up meanwhile need not know.
        let _ = one.done.send(answer());
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
                done = &mut answer => match done {
                    Ok(done) => return done,
                    // Nobody will: it is to be asked for anew.
                    Err(_) => continue,
                },
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
        if waiting.len() > 1 {
            match self.commit(&waiting).await {
                Ok(()) => return answer_all(waiting, || Ok(())),
                // To ask a database that does not answer once for each of them would take as long for each.
                Err(Refusal::Failed(failure)) if !failure.is_about_what_was_written() => {
                    let purpose = failure.purpose;
                    let error = Arc::new(failure.into_error());
                    return answer_all(waiting, || Err(Refusal::FailedForAll(purpose, Arc::clone(&error))));
                }
                // One of them has lost its lease, or brought what cannot be kept: which concerns nobody else.
                Err(_) => {}
            }
        }
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

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn a_database_that_does_not_answer_is_asked_once_for_all() {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("farshore.db").display());
        let store = SqlStore::open(&url).await.unwrap();
        store.close().await;
        let lease = Lease { holder: Uuid::nil(), owner: Uuid::nil(), generation: 1 };
        let work = Arc::new(Work::Entries(Vec::new()));
        let answers = [0; 3].map(|_| store.group.join(lease, &work));
        store.commit_for(store.group.take()).await;
        let mut errors = Vec::new();
        for answer in answers {
            match answer.await.unwrap() {
                Err(Refusal::FailedForAll(_, error)) => errors.push(error),
                other => panic!("{other:?}"),
            }
        }
        assert!(errors.iter().all(|error| Arc::ptr_eq(error, &errors[0])));
    }
}
