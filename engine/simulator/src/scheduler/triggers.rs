//! What starts runs without anybody calling.

use super::launch::{self, Launch};
use crate::quartz::Quartz;
use crate::state::State;
use crate::state::job::{Job, Trigger};

/// Starts every run that is due now.
pub(crate) fn fire_due(state: &mut State) {
    if !state.is_scheduler_running() {
        return;
    }
    let job_ids: Vec<i64> = state.jobs.keys().copied().collect();
    for job_id in job_ids {
        let (now_ms, since_ms) = (state.now_ms, state.triggers_since_ms);
        let Some(job) = state.jobs.get_mut(&job_id) else { continue };
        let Some((trigger, is_paused)) = job.trigger() else { continue };
        if is_paused {
            continue;
        }
        match trigger {
            Trigger::Event { .. } => {}
            Trigger::Continuous => {
                if job.max_concurrent_runs() > 0 && !has_run(state, job_id) {
                    launch::launch(state, Launch::of_job(job_id, "CONTINUOUS"));
                }
            }
            Trigger::Cron { .. } | Trigger::Periodic { .. } => {
                let from_ms = job.trigger_since_ms.max(since_ms);
                let due_ms = match job.due_ms {
                    Some(due_ms) => due_ms,
                    None => due_after(&trigger, from_ms),
                };
                if now_ms < due_ms {
                    job.due_ms = Some(due_ms);
                    continue;
                }
                job.due_ms = Some(next_due(&trigger, due_ms, now_ms));
                job.trigger_since_ms = due_ms;
                launch::launch(state, Launch::of_job(job_id, "PERIODIC"));
            }
        }
    }
}

/// Does what the trigger of a job would do now.
pub(crate) fn fire(state: &mut State, job_id: i64) -> Option<i64> {
    if !state.is_scheduler_running() {
        return None;
    }
    let name = match state.jobs.get(&job_id)?.trigger() {
        Some((_, true)) => return None,
        Some((Trigger::Event { name }, false)) => name,
        Some((Trigger::Continuous, false)) => "CONTINUOUS",
        Some((Trigger::Cron { .. } | Trigger::Periodic { .. }, false)) => "PERIODIC",
        None => "ONE_TIME",
    };
    let run_id = launch::launch(state, Launch::of_job(job_id, name))?;
    let is_started = state.runs.get(&run_id).is_some_and(|run| run.is_active());
    is_started.then_some(run_id)
}

/// Forgets when jobs are due, because what that was computed from has changed.
pub(crate) fn forget_due_times(state: &mut State) {
    for job in state.jobs.values_mut() {
        job.due_ms = None;
    }
}

/// The trigger of a job was changed now.
pub(crate) fn trigger_changed(job: &mut Job, now_ms: i64) {
    job.trigger_since_ms = now_ms;
    job.due_ms = None;
}

fn has_run(state: &State, job_id: i64) -> bool {
    state.active_runs.iter().filter_map(|run_id| state.runs.get(run_id)).any(|run| run.job_id == job_id)
}

fn due_after(trigger: &Trigger, after_ms: i64) -> i64 {
    match trigger {
        Trigger::Cron { expression, timezone_id } => Quartz::parse(expression, timezone_id)
            .ok()
            .and_then(|schedule| schedule.next_after_ms(after_ms))
            .unwrap_or(i64::MAX),
        Trigger::Periodic { interval_ms } => after_ms.saturating_add(*interval_ms),
        Trigger::Continuous | Trigger::Event { .. } => i64::MAX,
    }
}

/// The next time after one that fired; several missed ones have fired as one.
fn next_due(trigger: &Trigger, due_ms: i64, now_ms: i64) -> i64 {
    match trigger {
        Trigger::Periodic { interval_ms } => {
            let missed = (now_ms - due_ms) / interval_ms.max(&1);
            due_ms.saturating_add((missed + 1).saturating_mul(*interval_ms))
        }
        _ => due_after(trigger, now_ms),
    }
}
