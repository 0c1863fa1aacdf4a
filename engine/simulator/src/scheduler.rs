//! Moves the workspace along: clusters reach their states, runs go through their lives, triggers fire.
//!
//! [`settle`] is pure catching up and happens whenever the state is looked at; only [`run`], the task that ticks,
//! fires triggers, so that "the scheduler stands" means exactly that no run starts by itself.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::shared::Shared;
use crate::state::State;

pub(crate) mod clusters;
pub(crate) mod conditions;
pub(crate) mod launch;
pub(crate) mod outage;
pub(crate) mod progress;
mod requirements;
pub(crate) mod run_clusters;
pub(crate) mod selection;
mod task_progress;
pub(crate) mod triggers;

/// Ticks until `stops` becomes true.
pub(crate) async fn run(shared: Arc<Shared>, tick: Duration, mut stops: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(tick);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stops.wait_for(|is_stopping| *is_stopping) => return,
            _ = ticks.tick() => triggers::fire_due(&mut shared.lock()),
        }
    }
}

/// Brings everything to the present moment. Nothing moves in a region that is down.
pub(crate) fn settle(state: &mut State) {
    if state.is_down {
        return;
    }
    if state.scheduler_resumes_at_ms.is_some_and(|resumes_at_ms| state.now_ms >= resumes_at_ms) {
        state.scheduler_resumes_at_ms = None;
        // What fell due while it stood is not made up for.
        state.triggers_since_ms = state.now_ms;
        triggers::forget_due_times(state);
        state.touch();
    }
    let has_changed = clusters::settle(state) | progress::settle(state);
    if has_changed {
        state.touch();
    }
}

/// The clock was moved. Forward, what fell due in between fires once; backward, everything is due anew.
pub(crate) fn clock_moved(state: &mut State) {
    if state.triggers_since_ms > state.now_ms {
        state.triggers_since_ms = state.now_ms;
    }
    let now_ms = state.now_ms;
    for job in state.jobs.values_mut() {
        if job.trigger_since_ms > now_ms {
            job.trigger_since_ms = now_ms;
            job.due_ms = None;
        }
    }
    settle(state);
}
