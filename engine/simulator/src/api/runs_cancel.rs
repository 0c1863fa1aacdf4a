//! `/api/2.x/jobs/runs/cancel` and `cancel-all`.

use axum::routing::MethodFilter;

use super::router::Routes;
use super::runs::find;
use super::{ApiError, Call, Reply, jobs};
use crate::scheduler::progress;
use crate::state::State;
use crate::state::run::{End, RunPhase, TaskPhase};

/// How long a cancelled run is terminating.
const CANCELLATION_MS: i64 = 200;

pub(super) fn routes(routes: Routes) -> Routes {
    let all = &[0, 1, 2];
    routes.add(all, MethodFilter::POST, "jobs/runs/cancel", cancel).add(
        all,
        MethodFilter::POST,
        "jobs/runs/cancel-all",
        cancel_all,
    )
}

fn cancel(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let run_id = call.required_integer("run_id")?;
    let (run, task) = find(state, run_id)?;
    let (owner_id, name) = (run.run_id, run.name.clone());
    let has_changed = match task {
        None => cancel_run(state, owner_id),
        Some(index) => cancel_task(state, owner_id, index),
    };
    if has_changed {
        state.record(call, format!("cancel run of \"{name}\""), Some(run_id.to_string()));
        progress::settle(state);
    }
    Ok(Reply::empty())
}

fn cancel_run(state: &mut State, run_id: i64) -> bool {
    let now_ms = state.now_ms;
    let Some(run) = state.runs.get_mut(&run_id) else { return false };
    if !run.is_active() || run.cancelled_at_ms.is_some() {
        return false;
    }
    // What only waits in the queue has nothing to wind down.
    let wind_down_ms = if run.phase == RunPhase::Queued { 0 } else { CANCELLATION_MS };
    run.phase = RunPhase::Terminating;
    run.cancelled_at_ms = Some(now_ms + wind_down_ms);
    let children: Vec<i64> = run.tasks.iter().filter_map(|task| task.child_run_id).collect();
    for child_id in children {
        cancel_run(state, child_id);
    }
    true
}

fn cancel_task(state: &mut State, run_id: i64, index: usize) -> bool {
    let now_ms = state.now_ms;
    let Some(task) = state.runs.get_mut(&run_id).and_then(|run| run.tasks.get_mut(index)) else {
        return false;
    };
    if task.phase == TaskPhase::Over {
        return false;
    }
    task.phase = TaskPhase::Over;
    task.end = Some(End::terminated(now_ms, "CANCELED"));
    true
}

fn cancel_all(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let job_id = call.integer("job_id")?;
    let is_queued_only = call.flag("all_queued_runs");
    match job_id {
        Some(job_id) if !state.jobs.contains_key(&job_id) => return Err(jobs::missing(job_id)),
        None if !is_queued_only => {
            return Err(ApiError::invalid_parameter("Missing required field: job_id"));
        }
        _ => {}
    }
    let run_ids: Vec<i64> = state
        .active_runs
        .iter()
        .filter_map(|run_id| state.runs.get(run_id))
        .filter(|run| job_id.is_none_or(|job_id| run.job_id == job_id))
        .filter(|run| !is_queued_only || run.phase == RunPhase::Queued)
        .map(|run| run.run_id)
        .collect();
    let cancelled = run_ids.into_iter().filter(|run_id| cancel_run(state, *run_id)).count();
    if cancelled > 0 {
        let name = job_id.and_then(|job_id| state.jobs.get(&job_id)).map(|job| job.name().to_owned());
        let summary = format!("cancel all runs of \"{}\"", name.unwrap_or_else(|| "every job".into()));
        state.record(call, summary, job_id.map(|job_id| job_id.to_string()));
        progress::settle(state);
    }
    Ok(Reply::empty())
}
