//! What goes on without anybody asking. Every worker is idempotent, takes no input, does one round at a time,
//! and finds its work in the store: a panel that is killed and started again goes on where it was.

pub mod fence;
pub mod health;
mod lease;
pub mod people;
pub mod readiness;
pub mod runs;
pub mod schedule;
pub mod sync;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};

use crate::Control;

/// Set to true when the server stops.
pub type Shutdown = watch::Receiver<bool>;

impl Control {
    /// Starts all workers; they end after `shutdown` becomes true.
    pub fn start_workers(self: &Arc<Self>, shutdown: &Shutdown) -> JoinSet<()> {
        let mut workers = JoinSet::new();
        let options = &self.options;
        let unwoken = || Arc::new(Notify::new());
        self.every(&mut workers, shutdown, options.health_interval_ms, unwoken(), Self::check_health);
        // No schedule is finer than a minute.
        self.every(&mut workers, shutdown, 2_000, unwoken(), Self::start_due_syncs);
        // What this process asks for wakes it; the rest was left by another one.
        self.every(&mut workers, shutdown, 1_000, Arc::clone(&self.sync_wake), Self::work_on_syncs);
        self.every(&mut workers, shutdown, options.fence_interval_ms, unwoken(), Self::work_on_fences);
        // A look at the store; the pairs that are due are compared.
        self.every(&mut workers, shutdown, 5_000, Arc::clone(&self.people_wake), Self::compare_due_people);
        let readiness_ms = options.readiness_interval_ms;
        self.every(&mut workers, shutdown, readiness_ms, unwoken(), Self::evaluate_all_readiness);
        let control = Arc::clone(self);
        let stop = shutdown.clone();
        workers.spawn(async move { runs::work_on_runs(control, stop).await });
        workers
    }

    /// One round after another, `interval_ms` between the end of one and the start of the next, or less when it
    /// is woken.
    fn every<F>(
        self: &Arc<Self>,
        workers: &mut JoinSet<()>,
        shutdown: &Shutdown,
        interval_ms: i64,
        wake: Arc<Notify>,
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
                    () = wake.notified() => {}
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            }
        });
    }
}
