//! Carries approved runs out.

use std::sync::Arc;

use farshore_model::DurationMs;
use farshore_runbook::{Executor, ExecutorOptions};

use super::Shutdown;
use crate::{Control, problem::chain, runs::NoticeWatcher, steps};

/// Until `stop` becomes true. Runs that are under way then go on where they were, in the next process.
pub(super) async fn work_on_runs(control: Arc<Control>, mut stop: Shutdown) {
    let registry = match steps::registry(&control) {
        Ok(registry) => registry,
        Err(error) => {
            tracing::error!(error = chain(&error), "no run can be carried out");
            return;
        }
    };
    let lease_ms = DurationMs(control.options.lease_ms);
    let options = ExecutorOptions {
        lease_ms,
        renew_ms: DurationMs(lease_ms.0 / 4),
        ..ExecutorOptions::default()
    };
    let executor = Executor::new(
        control.run_store(),
        registry,
        Arc::clone(&control.clock),
        control.ids.as_ref(),
        Arc::new(NoticeWatcher::new(control.notices.clone())),
        Arc::clone(&control.run_wake),
        options,
    );
    let shutdown = async move {
        // A sender that is gone has stopped, too.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    Arc::new(executor).work(shutdown).await;
}
