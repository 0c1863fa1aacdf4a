//! The loop that a server runs for as long as it lives.

use std::{collections::HashMap, sync::Arc};

use farshore_model::Lease;
use tokio::task::{Id, JoinError, JoinSet};

use super::{DriveError, Executor, lease::millis};

impl Executor {
    /// Claims and drives runs, several at a time, until `shutdown` is ready. It then stops the steps that are
    /// under way, as a kill would, and releases their runs, so that the next process goes on at once.
    pub async fn work(self: Arc<Self>, shutdown: impl Future<Output = ()> + Send) {
        tokio::pin!(shutdown);
        let mut drives = JoinSet::new();
        let mut leases: HashMap<Id, Lease> = HashMap::new();
        loop {
            while drives.len() < self.options.max_concurrent_runs {
                match self.claim().await {
                    Ok(Some(lease)) => {
                        let executor = self.clone();
                        let drive = drives.spawn(async move { executor.drive_and_report(lease).await });
                        leases.insert(drive.id(), lease);
                    }
                    Ok(None) => break,
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, "could not look for runs to drive");
                        break;
                    }
                }
            }
            tokio::select! {
                () = &mut shutdown => break,
                Some(ended) = drives.join_next_with_id() => {
                    leases.remove(&ended.map_or_else(|error: JoinError| error.id(), |(id, ())| id));
                }
                () = self.wake.notified() => {}
                () = tokio::time::sleep(millis(self.options.poll_ms)) => {}
            }
        }
        drives.shutdown().await;
        for lease in leases.values() {
            if let Err(error) = self.store.release_run(lease).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(run = %lease.holder, error, "could not release the run; its lease will expire");
            }
        }
    }

    async fn drive_and_report(&self, lease: Lease) {
        match self.drive(lease).await {
            Ok(run) => tracing::info!(run = %run.id, state = run.state.as_str(), "the run needs no hand now"),
            Err(DriveError::LeaseLost) => {
                tracing::warn!(run = %lease.holder, "the run went to another process")
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(run = %lease.holder, error, "the run is taken up again when its lease expires");
            }
        }
    }
}
