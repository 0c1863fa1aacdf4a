//! What an outage does to a workspace.

use crate::state::State;
use crate::state::cluster::Termination;
use crate::state::run::{End, RunPhase, TaskPhase};

/// The region goes down.
pub(crate) fn begin(state: &mut State) {
    if state.is_down {
        return;
    }
    let now_ms = state.now_ms;
    for run_id in std::mem::take(&mut state.active_runs) {
        let Some(run) = state.runs.get_mut(&run_id) else { continue };
        for task in run.tasks.iter_mut().filter(|task| task.phase != TaskPhase::Over) {
            task.phase = TaskPhase::Over;
            task.end = Some(End::outage(now_ms));
        }
        run.phase = RunPhase::Over;
        run.end = Some(End::outage(now_ms));
    }
    for cluster in state.clusters.values_mut().filter(|cluster| cluster.terminated_ms.is_none()) {
        cluster.lose(now_ms, Termination::region_lost());
    }
    for pool in state.pools.values_mut() {
        pool.lose_instances();
    }
    state.is_down = true;
    state.scheduler_resumes_at_ms = None;
    state.touch();
}

/// The region comes back; its scheduler after a delay.
pub(crate) fn end(state: &mut State, scheduler_delay_ms: u64) {
    if !state.is_down {
        return;
    }
    let delay_ms = i64::try_from(scheduler_delay_ms).unwrap_or(i64::MAX);
    state.is_down = false;
    state.scheduler_resumes_at_ms = Some(state.now_ms.saturating_add(delay_ms));
    state.touch();
}
