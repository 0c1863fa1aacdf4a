//! Carries approved runs out.

use std::sync::Arc;

use farshore_model::DurationMs;
use farshore_runbook::{Executor, ExecutorOptions, RegistryError, RunStore};

use super::Shutdown;
use crate::{Control, problem::chain, runs::NoticeWatcher, steps};

impl Control {
    /// The hands of this process, on the panel's own store or on one that stands before it: a test hands in one
    /// that is killed at a certain entry.
    #[doc(hidden)]
    pub fn executor(self: &Arc<Self>, store: Arc<dyn RunStore>) -> Result<Arc<Executor>, RegistryError> {
        let lease_ms = self.options.lease_ms;
        let options = ExecutorOptions {
            lease_ms: DurationMs(lease_ms),
            renew_ms: DurationMs(lease_ms / 4),
            ..ExecutorOptions::default()
        };
        Ok(Arc::new(Executor::new(
            store,
            steps::registry(self)?,
            Arc::clone(&self.clock),
            self.ids.as_ref(),
            Arc::new(NoticeWatcher::new(self.notices.clone())),
            Arc::clone(&self.run_wake),
            options,
        )))
    }
}

/// Until `stop` becomes true. Runs that are under way then go on where they were, in the next process.
pub(super) async fn work_on_runs(control: Arc<Control>, mut stop: Shutdown) {
    let executor = match control.executor(control.run_store()) {
        Ok(executor) => executor,
        Err(error) => {
            tracing::error!(error = chain(&error), "no run can be carried out");
            return;
        }
    };
    let shutdown = async move {
        // A sender that is gone has stopped, too.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    executor.work(shutdown).await;
}
