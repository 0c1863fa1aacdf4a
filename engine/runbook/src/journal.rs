//! The journal of one run as its executor holds it: every write under the lease, and what persons wrote in the
//! meantime read before judging anew.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use farshore_model::{
    Clock, Lease, RunId, Timestamp,
    run::{FoldError, JournalEntry, Run, RunEvent},
};
use tokio::sync::Mutex;

use crate::{Guard, LoadError, RunStore, RunWatcher, StoreError, load_run};

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// What a person did meanwhile makes the event impossible.
    #[error("the run has moved on")]
    Overtaken(#[source] FoldError),
    #[error("another process owns the run now")]
    LeaseLost,
    #[error("could not keep what happened")]
    Store(#[source] StoreError),
    #[error("could not read the run")]
    Load(#[from] LoadError),
}

pub(crate) struct Journal {
    store: Arc<dyn RunStore>,
    clock: Arc<dyn Clock>,
    watcher: Arc<dyn RunWatcher>,
    lease: Lease,
    run: Mutex<Run>,
    is_lost: AtomicBool,
}

impl Journal {
    pub(crate) async fn open(
        store: Arc<dyn RunStore>,
        clock: Arc<dyn Clock>,
        watcher: Arc<dyn RunWatcher>,
        lease: Lease,
    ) -> Result<Self, JournalError> {
        let run = load_run(store.as_ref(), RunId(lease.holder)).await?;
        Ok(Self { store, clock, watcher, lease, run: Mutex::new(run), is_lost: AtomicBool::new(false) })
    }

    pub(crate) const fn lease(&self) -> Lease {
        self.lease
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A write was refused because the lease is not current: nothing more can be written.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }

    /// The run with everything that has been written so far.
    pub(crate) async fn refreshed(&self) -> Result<Run, JournalError> {
        let mut run = self.run.lock().await;
        self.catch_up(&mut run).await?;
        Ok(run.clone())
    }

    /// Commits one event and returns the run after it.
    pub(crate) async fn append(&self, event: RunEvent) -> Result<Run, JournalError> {
        let mut run = self.run.lock().await;
        loop {
            let now = self.clock.now();
            // Processes' clocks differ a little; the journal's times never run backwards.
            let at = now.max(run.changed_at);
            let entry = JournalEntry { run_id: run.id, seq: run.seq + 1, at, event: event.clone() };
            let mut next = run.clone();
            next.apply(&entry).map_err(JournalError::Overtaken)?;
            let guard = Guard::Lease { lease: self.lease, now };
            match self.store.append_entry(&entry, next.head(), guard).await {
                Ok(()) => {
                    run.clone_from(&next);
                    self.watcher.run_changed(&run);
                    return Ok(next);
                }
                Err(StoreError::Conflict) => {
                    if self.catch_up(&mut run).await? == 0 {
                        return Err(JournalError::Store(StoreError::Conflict));
                    }
                }
                Err(StoreError::LeaseLost) => {
                    self.is_lost.store(true, Ordering::Relaxed);
                    return Err(JournalError::LeaseLost);
                }
                Err(source) => return Err(JournalError::Store(source)),
            }
        }
    }

    /// Reads what others have written, and returns how many entries that were.
    async fn catch_up(&self, run: &mut Run) -> Result<usize, JournalError> {
        let id = run.id;
        let entries = self
            .store
            .journal_since(id, run.seq)
            .await
            .map_err(|source| JournalError::Load(LoadError::Store(id, source)))?;
        let mut next = run.clone();
        for entry in &entries {
            next.apply(entry).map_err(|source| JournalError::Load(LoadError::Fold(id, source)))?;
        }
        *run = next;
        Ok(entries.len())
    }
}
