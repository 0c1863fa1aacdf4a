//! `/api/2.x/jobs/runs/repair`: runs some tasks of a finished run again.

use std::collections::BTreeSet;

use axum::routing::MethodFilter;
use serde_json::{Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply, runs};
use crate::scheduler::launch;
use crate::state::State;
use crate::state::run::{End, Repair, RunPhase, TaskRun};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(&[1, 2], MethodFilter::POST, "jobs/runs/repair", repair)
}

fn repair(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let run_id = call.required_integer("run_id")?;
    let run = state.runs.get(&run_id).ok_or_else(|| runs::missing(run_id))?;
    let Some(end) = run.end.clone().filter(|_| !run.is_active()) else {
        return Err(ApiError::invalid_state(format!("Run {run_id} is active and cannot be repaired.")));
    };
    if run.tasks.is_empty() {
        return Err(ApiError::invalid_state(format!("Run {run_id} was skipped and has no task to repair.")));
    }
    let latest = run.repairs.last().map(|repair| repair.id);
    if latest.is_some() && call.integer("latest_repair_id")? != latest {
        let message = format!("latest_repair_id must be {} for this run.", latest.unwrap_or_default());
        return Err(ApiError::invalid_parameter(message));
    }
    let named: BTreeSet<String> = call.list("rerun_tasks").into_iter().collect();
    if let Some(unknown) = named.iter().find(|key| !run.tasks.iter().any(|task| task.task_key == **key)) {
        return Err(ApiError::invalid_parameter(format!("Run {run_id} has no task '{unknown}'.")));
    }
    let is_all_failed = call.flag("rerun_all_failed_tasks");
    if named.is_empty() && !is_all_failed {
        let message = "Either rerun_tasks or rerun_all_failed_tasks must be given.";
        return Err(ApiError::invalid_parameter(message));
    }
    let mut chosen = named;
    if is_all_failed {
        let failed = run.tasks.iter().filter(|task| task.end.as_ref().is_none_or(|end| !end.is_harmless()));
        chosen.extend(failed.map(|task| task.task_key.clone()));
    }
    if chosen.is_empty() {
        return Err(ApiError::invalid_parameter(format!("Run {run_id} has no failed task to repair.")));
    }
    if call.flag("rerun_dependent_tasks") {
        for _ in 0..run.tasks.len() {
            let below =
                run.tasks.iter().filter(|task| task.dependencies().iter().any(|key| chosen.contains(*key)));
            let below: Vec<String> = below.map(|task| task.task_key.clone()).collect();
            chosen.extend(below);
        }
    }
    restart_tasks(state, call, run_id, &chosen, end)
}

fn restart_tasks(
    state: &mut State,
    call: &Call,
    run_id: i64,
    chosen: &BTreeSet<String>,
    end: End,
) -> Result<Reply, ApiError> {
    let repair_id = state.next_number();
    let now_ms = state.now_ms;
    let run = state.runs.get(&run_id).ok_or_else(|| runs::missing(run_id))?;
    // A repair runs the job as it is now, and remembers the run's own parameters unless it has others.
    let mut overrides = run.overrides.clone();
    overrides.extend(runs::overrides(call));
    let settings = match state.jobs.get(&run.job_id) {
        Some(job) => job.settings.clone(),
        None => {
            let mut settings = (*run.settings).clone();
            let tasks = run.tasks.iter().map(|task| Value::Object((*task.settings).clone())).collect();
            settings.insert("tasks".into(), tasks);
            settings
        }
    };
    let (_, planned) = launch::plan_tasks(state, &settings, &overrides);
    let run = state.runs.get_mut(&run_id).ok_or_else(|| runs::missing(run_id))?;
    if run.original.is_none() {
        run.original_task_run_ids = run.tasks.iter().map(|task| task.run_id).collect();
    }
    let mut new_ids = Vec::new();
    for new in planned.into_iter().filter(|task| chosen.contains(&task.task_key)) {
        let Some(old) = run.tasks.iter_mut().find(|task| task.task_key == new.task_key) else { continue };
        new_ids.push(new.run_id);
        let (attempt_number, cluster_id) = (old.attempt_number + 1, old.cluster_id.take());
        *old = TaskRun { attempt_number, cluster_id, ..new };
    }
    run.original.get_or_insert((run.started_ms, end));
    run.overrides = overrides;
    run.end = None;
    run.cancelled_at_ms = None;
    run.phase = RunPhase::Pending;
    run.started_ms = now_ms;
    run.repairs.push(Repair { id: repair_id, started_ms: now_ms, task_run_ids: new_ids, end: None });
    let summary = format!("repair run of \"{}\"", run.name);
    state.active_runs.insert(run_id);
    state.record(call, summary, Some(run_id.to_string()));
    Ok(Reply::Json(json!({"repair_id": repair_id})))
}
