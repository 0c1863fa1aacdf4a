//! The tasks of a run as time passes: when they start, how they end, and when they are tried again.

use serde_json::Value;

use super::launch::{self, Launch};
use super::{conditions, requirements};
use crate::state::State;
use crate::state::run::{End, Run, TaskPhase, TaskRun};

/// How deep jobs may start one another.
pub(super) const DEEPEST_NESTING: u32 = 3;

/// How often a task is tried again that is to be tried for ever.
const MOST_RETRIES: i64 = 1_000;

/// Starts and ends tasks; says whether any did. Work only happens until `until_ms`.
pub(super) fn advance(state: &mut State, run: &mut Run, setup_over_ms: i64, until_ms: i64) -> bool {
    let mut has_changed = false;
    for index in 0..run.tasks.len() {
        has_changed |= match run.tasks.get(index).map(|task| task.phase) {
            Some(TaskPhase::Blocked) => start(state, run, index, setup_over_ms, until_ms),
            Some(TaskPhase::Running) => end(state, run, index, until_ms),
            Some(TaskPhase::Over) | None => false,
        };
    }
    has_changed
}

fn start(state: &mut State, run: &mut Run, index: usize, setup_over_ms: i64, until_ms: i64) -> bool {
    let Some((ready_ms, verdict)) = readiness(run, index, setup_over_ms) else { return false };
    if ready_ms > until_ms {
        return false;
    }
    let parent = (run.run_id, run.nesting);
    let Some(task) = run.tasks.get(index) else { return false };
    let is_disabled = task.settings.get("disabled").and_then(Value::as_bool).unwrap_or(false);
    let verdict = if is_disabled { Some("DISABLED") } else { verdict };
    let end = match verdict {
        Some(result) => Some(End::terminated(ready_ms, result)),
        None => requirements::obstacle(state, run, task, ready_ms),
    };
    let Some(task) = run.tasks.get_mut(index) else { return false };
    task.started_ms = Some(ready_ms);
    if end.is_some() {
        task.phase = TaskPhase::Over;
        task.end = end;
        return true;
    }
    task.phase = TaskPhase::Running;
    if let Some(job_id) = task.called_job_id() {
        start_child(state, task, job_id, parent, ready_ms);
    }
    true
}

fn start_child(state: &mut State, task: &mut TaskRun, job_id: i64, parent: (i64, u32), ready_ms: i64) {
    if parent.1 < DEEPEST_NESTING {
        let overrides = task.settings.get("run_job_task").and_then(|task| task.as_object()).cloned();
        let wanted = Launch {
            parent: Some(parent),
            overrides: overrides.unwrap_or_default(),
            ..Launch::of_job(job_id, "RUN_JOB_TASK")
        };
        task.child_run_id = launch::launch(state, wanted);
    }
    if task.child_run_id.is_none() {
        task.phase = TaskPhase::Over;
        let message =
            format!("Job {job_id} could not be started: it does not exist or is nested too deeply.");
        let code = "INVALID_RUN_CONFIGURATION";
        task.end = Some(End::new(ready_ms, "INTERNAL_ERROR", "FAILED", code, "CLIENT_ERROR", &message));
    }
}

fn end(state: &mut State, run: &mut Run, index: usize, until_ms: i64) -> bool {
    let Some(task) = run.tasks.get(index) else { return false };
    let end =
        match task.child_run_id {
            Some(child_id) => match state.runs.get(&child_id) {
                Some(child) => child.end.as_ref().filter(|_| !child.is_active()).map(|end| {
                    End::terminated(end.at_ms, if end.is_success() { "SUCCESS" } else { "FAILED" })
                }),
                None => Some(End::terminated(until_ms, "FAILED")),
            },
            None => own_end(task, until_ms),
        };
    let Some(end) = end else { return false };
    let outcome = task
        .settings
        .get("condition_task")
        .and_then(|condition| condition.as_object())
        .map(|condition| conditions::holds(run, condition).to_string());
    let Some(task) = run.tasks.get_mut(index) else { return false };
    if is_tried_again(task, &end) {
        let integer = |name: &str| task.settings.get(name).and_then(Value::as_i64);
        let pause_ms = integer("min_retry_interval_millis").unwrap_or(0).max(0);
        task.started_ms = Some(end.at_ms.saturating_add(pause_ms));
        task.run_id = state.next_number();
        task.attempt_number += 1;
        task.retries += 1;
        return true;
    }
    task.outcome = outcome.filter(|_| end.is_success());
    task.phase = TaskPhase::Over;
    task.end = Some(end);
    true
}

/// How a task ends that works itself: as it is destined to, or by its own time limit.
fn own_end(task: &TaskRun, until_ms: i64) -> Option<End> {
    let started_ms = task.started_ms.unwrap_or(until_ms);
    let limit_ms =
        task.settings.get("timeout_seconds").and_then(Value::as_i64).filter(|limit_s| *limit_s > 0);
    let limit_ms = limit_ms.map(|limit_s| limit_s.saturating_mul(1_000));
    let (took_ms, result) = match limit_ms.filter(|limit_ms| *limit_ms < task.duration_ms) {
        Some(limit_ms) => (limit_ms, "TIMEDOUT"),
        None => (task.duration_ms, task.destined_result.as_str()),
    };
    let ended_ms = started_ms.saturating_add(took_ms);
    (ended_ms <= until_ms).then(|| End::terminated(ended_ms, result))
}

fn is_tried_again(task: &TaskRun, end: &End) -> bool {
    let is_wanted = match end.result_state.as_str() {
        "FAILED" => true,
        "TIMEDOUT" => task.settings.get("retry_on_timeout").and_then(Value::as_bool).unwrap_or(false),
        _ => false,
    };
    let most = match task.settings.get("max_retries").and_then(Value::as_i64).unwrap_or(0) {
        -1 => MOST_RETRIES,
        most => most.min(MOST_RETRIES),
    };
    is_wanted && task.child_run_id.is_none() && task.retries < most
}

/// When a blocked task can go on, and the result it has at once because of what came before it.
fn readiness(run: &Run, index: usize, setup_over_ms: i64) -> Option<(i64, Option<&'static str>)> {
    let task = run.tasks.get(index)?;
    let keys = task.dependencies();
    let mut ready_ms = setup_over_ms;
    let (mut succeeded, mut failed, mut cancelled) = (0, 0, 0);
    let mut is_other_branch = false;
    for upstream in run.tasks.iter().filter(|upstream| keys.contains(&upstream.task_key.as_str())) {
        let end = upstream.end.as_ref().filter(|_| upstream.phase == TaskPhase::Over)?;
        ready_ms = ready_ms.max(end.at_ms);
        // Of a condition only the branch goes on that it has decided for; what is excluded excludes what follows.
        let wanted = task.wanted_outcome(&upstream.task_key);
        is_other_branch |= wanted.is_some_and(|wanted| upstream.outcome.as_deref() != Some(wanted));
        match end.result_state.as_str() {
            "SUCCESS" | "EXCLUDED" | "DISABLED" => succeeded += 1,
            "CANCELED" | "UPSTREAM_CANCELED" => cancelled += 1,
            _ => failed += 1,
        }
    }
    if is_other_branch && failed + cancelled == 0 {
        return Some((ready_ms, Some("EXCLUDED")));
    }
    let bad = failed + cancelled;
    let runs = match task.settings.get("run_if").and_then(|run_if| run_if.as_str()).unwrap_or("ALL_SUCCESS") {
        "ALL_DONE" => true,
        // What the run leaves out holds nothing up.
        _ if succeeded + bad == 0 => true,
        "AT_LEAST_ONE_SUCCESS" => succeeded > 0,
        "NONE_FAILED" => failed == 0,
        "ALL_FAILED" => succeeded == 0,
        "AT_LEAST_ONE_FAILED" => bad > 0,
        _ => bad == 0,
    };
    let verdict = match (runs, failed, cancelled) {
        (true, _, _) => None,
        (false, 0, 0) => Some("EXCLUDED"),
        (false, 0, _) => Some("UPSTREAM_CANCELED"),
        (false, _, _) => Some("UPSTREAM_FAILED"),
    };
    Some((ready_ms, verdict))
}
