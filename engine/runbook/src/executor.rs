//! Drives runs: claims them, carries their steps out, and lets go of them when a person's turn has come.

mod attempt;
mod lease;
mod work;

use std::sync::Arc;

use farshore_model::{
    Clock, DurationMs, IdSource, Lease,
    run::{NextMove, Run, RunEvent},
};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    RunStore, RunWatcher, StepRegistry, StoreError,
    journal::{Journal, JournalError},
};

/// How long things take, and how many at once.
#[derive(Clone, Copy, Debug)]
pub struct ExecutorOptions {
    /// After so long without a renewal another process may take the run.
    pub lease_ms: DurationMs,
    /// A fraction of `lease_ms`, so that one lost renewal does no harm.
    pub renew_ms: DurationMs,
    /// How often to look for runs that nobody was woken for.
    pub poll_ms: DurationMs,
    /// How often a retryable error is retried before a person is asked.
    pub retry_limit: u32,
    /// The wait before the first retry; it doubles with each.
    pub retry_backoff_ms: DurationMs,
    /// At most one journal entry about progress in so long.
    pub progress_interval_ms: DurationMs,
    pub max_concurrent_runs: usize,
}

impl Default for ExecutorOptions {
    fn default() -> Self {
        Self {
            lease_ms: DurationMs::from_secs(15),
            renew_ms: DurationMs::from_secs(4),
            poll_ms: DurationMs::from_secs(1),
            retry_limit: 3,
            retry_backoff_ms: DurationMs::from_secs(1),
            progress_interval_ms: DurationMs(500),
            max_concurrent_runs: 8,
        }
    }
}

/// One process' hands. Any number of them may share a store.
pub struct Executor {
    store: Arc<dyn RunStore>,
    registry: StepRegistry,
    clock: Arc<dyn Clock>,
    watcher: Arc<dyn RunWatcher>,
    wake: Arc<Notify>,
    owner: Uuid,
    options: ExecutorOptions,
}

/// Why a run was let go of before a person's turn had come. The run itself is unharmed: whoever claims it next
/// goes on from its journal.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    #[error("another process owns the run now")]
    LeaseLost,
    #[error("could not write the run's journal")]
    Journal(#[source] JournalError),
}

impl From<JournalError> for DriveError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::LeaseLost => Self::LeaseLost,
            other => Self::Journal(other),
        }
    }
}

impl Executor {
    /// `ids` names this executor: no two may ever have the same owner. `wake` is shared with
    /// [`RunCommands`](crate::RunCommands), so that a command takes effect at once.
    pub fn new(
        store: Arc<dyn RunStore>,
        registry: StepRegistry,
        clock: Arc<dyn Clock>,
        ids: &dyn IdSource,
        watcher: Arc<dyn RunWatcher>,
        wake: Arc<Notify>,
        options: ExecutorOptions,
    ) -> Self {
        Self { store, registry, clock, watcher, wake, owner: ids.next(), options }
    }

    /// Claims one run that has something to do; none when there is no such run.
    pub async fn claim(&self) -> Result<Option<Lease>, StoreError> {
        self.store.claim_next_run(self.owner, self.clock.now(), self.options.lease_ms).await
    }

    /// Drives a claimed run until it waits for a person or has ended, and releases it. After an error the
    /// lease is left to expire, which keeps a run that cannot be driven from being claimed over and over.
    pub async fn drive(&self, lease: Lease) -> Result<Run, DriveError> {
        let run = tokio::select! {
            result = self.advance(lease) => result?,
            () = self.keep(&lease) => return Err(DriveError::LeaseLost),
        };
        self.store
            .release_run(&lease)
            .await
            .map_err(|source| DriveError::Journal(JournalError::Store(source)))?;
        Ok(run)
    }

    /// Claims and drives, one run after another, until there is nothing to do.
    pub async fn run_until_idle(&self) -> Result<(), DriveError> {
        loop {
            let claimed = self.claim().await;
            match claimed.map_err(|source| DriveError::Journal(JournalError::Store(source)))? {
                Some(lease) => self.drive(lease).await?,
                None => return Ok(()),
            };
        }
    }

    async fn advance(&self, lease: Lease) -> Result<Run, DriveError> {
        let journal =
            Journal::open(self.store.clone(), self.clock.clone(), self.watcher.clone(), lease).await?;
        let journal = Arc::new(journal);
        loop {
            let run = journal.refreshed().await?;
            let Some(next) = run.next_move() else { return Ok(run) };
            let result = match next {
                NextMove::Begin => journal.append(RunEvent::Started).await.map(drop),
                NextMove::Step(index) => self.attempt(&journal, &run, index).await,
                NextMove::Finish(state) => journal.append(RunEvent::Finished { state }).await.map(drop),
            };
            match result {
                // A person was faster, with a pause for instance: look again what there is to do.
                Ok(()) | Err(JournalError::Overtaken(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
