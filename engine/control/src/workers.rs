//! What goes on without anybody asking. Every worker is idempotent, takes no input, does one round at a time,
//! and finds its work in the store: a panel that is killed and started again goes on where it was.

pub mod fence;
pub mod health;
pub mod readiness;
pub mod runs;
pub mod schedule;
pub mod sync;

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};

use crate::Control;

/// Set to true when the server stops.
pub type Shutdown = watch::Receiver<bool>;

impl Control {
    /// Starts all workers; they end after `shutdown` becomes true.
    pub fn start_workers(self: &Arc<Self>, shutdown: &Shutdown) -> JoinSet<()> {
        let mut workers = JoinSet::new();
        let options = &self.options;
        self.every(&mut workers, shutdown, options.health_interval_ms, Self::check_health);
        self.every(&mut workers, shutdown, 1_000, Self::start_due_syncs);
        self.every(&mut workers, shutdown, 250, Self::work_on_syncs);
        self.every(&mut workers, shutdown, options.fence_interval_ms, Self::work_on_fences);
        self.every(&mut workers, shutdown, options.readiness_interval_ms, Self::evaluate_all_readiness);
        let control = Arc::clone(self);
        let stop = shutdown.clone();
        workers.spawn(async move { runs::work_on_runs(control, stop).await });
        workers
    }

    /// One round after another, `interval_ms` between the end of one and the start of the next.
    fn every<F>(
        self: &Arc<Self>,
        workers: &mut JoinSet<()>,
        shutdown: &Shutdown,
        interval_ms: i64,
        round: impl Fn(Arc<Self>) -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let pause = Duration::from_millis(u64::try_from(interval_ms).unwrap_or(1_000));
        let control = Arc::clone(self);
        let mut stop = shutdown.clone();
        workers.spawn(async move {
            loop {
                tokio::select! {
                    () = round(Arc::clone(&control)) => {}
                    _ = stop.wait_for(|stop| *stop) => return,
                }
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            }
        });
    }
}
