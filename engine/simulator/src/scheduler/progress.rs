//! Runs as time passes.

use super::clusters;
use super::conditions;
use super::launch::{self, Launch};
use crate::state::State;
use crate::state::cluster::Termination;
use crate::state::run::{End, Run, RunPhase, TaskPhase};

/// How deep jobs may start one another.
const DEEPEST_NESTING: u32 = 3;

/// Moves every active run along until nothing more happens now; says whether anything did.
pub(crate) fn settle(state: &mut State) -> bool {
    let mut has_changed = false;
    // Each pass can end a run that another waits for; nesting bounds how often that matters.
    for _ in 0..=DEEPEST_NESTING + 1 {
        let mut is_stable = true;
        let run_ids: Vec<i64> = state.active_runs.iter().copied().collect();
        for run_id in run_ids {
            is_stable &= !settle_run(state, run_id);
        }
        if is_stable {
            break;
        }
        has_changed = true;
    }
    has_changed
}

fn settle_run(state: &mut State, run_id: i64) -> bool {
    let Some(mut run) = state.runs.remove(&run_id) else { return state.active_runs.remove(&run_id) };
    let has_changed = advance(state, &mut run);
    let is_over = !run.is_active();
    if is_over {
        state.active_runs.remove(&run_id);
        let (now_ms, over_ms) = (state.now_ms, clusters::termination_ms(state));
        for (_, cluster_id) in &run.job_clusters {
            if let Some(cluster) =
                state.clusters.get_mut(cluster_id).filter(|cluster| cluster.has_instances())
            {
                cluster.begin_termination(now_ms, now_ms + over_ms, Termination::job_finished());
            }
        }
    }
    for cluster_id in run.tasks.iter().filter_map(|task| task.cluster_id.as_ref()) {
        if let Some(cluster) = state.clusters.get_mut(cluster_id) {
            cluster.active_ms = state.now_ms;
        }
    }
    state.runs.insert(run_id, run);
    has_changed
}

fn advance(state: &mut State, run: &mut Run) -> bool {
    let now_ms = state.now_ms;
    if let Some(cancelled_at_ms) = run.cancelled_at_ms {
        if now_ms < cancelled_at_ms {
            return false;
        }
        end_all(run, cancelled_at_ms, "CANCELED");
        return true;
    }
    if run.phase == RunPhase::Queued {
        let limit = state.jobs.get(&run.job_id).map_or(0, |job| job.max_concurrent_runs());
        if launch::occupying_runs(state, run.job_id) >= limit {
            return false;
        }
        launch::begin(state, run);
        return true;
    }
    let mut has_changed = false;
    let setup_over_ms = run.started_ms + run.setup_ms;
    if run.phase == RunPhase::Pending && now_ms >= setup_over_ms {
        run.phase = RunPhase::Running;
        has_changed = true;
    }
    if run.phase != RunPhase::Running {
        return has_changed;
    }
    let deadline_ms = run.timeout_ms().map(|timeout_ms| run.started_ms.saturating_add(timeout_ms));
    // Work only happens up to the time limit.
    let until_ms = deadline_ms.map_or(now_ms, |deadline_ms| deadline_ms.min(now_ms));
    while advance_tasks(state, run, setup_over_ms, until_ms) {
        has_changed = true;
    }
    if run.tasks.iter().all(|task| task.phase == TaskPhase::Over) {
        let ends = run.tasks.iter().filter_map(|task| task.end.as_ref().map(|end| end.at_ms));
        let ended_ms = ends.max().unwrap_or(setup_over_ms).max(setup_over_ms);
        finish(run, End::terminated(ended_ms, result_of(run)));
        return true;
    }
    if let Some(deadline_ms) = deadline_ms.filter(|deadline_ms| now_ms >= *deadline_ms) {
        end_all(run, deadline_ms, "TIMEDOUT");
        return true;
    }
    has_changed
}

/// Starts and ends tasks; says whether any did.
fn advance_tasks(state: &mut State, run: &mut Run, setup_over_ms: i64, until_ms: i64) -> bool {
    let mut has_changed = false;
    for index in 0..run.tasks.len() {
        let Some(task) = run.tasks.get(index) else { break };
        match task.phase {
            TaskPhase::Over => {}
            TaskPhase::Blocked => {
                let Some((ready_ms, verdict)) = readiness(run, index, setup_over_ms) else { continue };
                if ready_ms > until_ms {
                    continue;
                }
                let called_job_id = task.called_job_id();
                let parent = (run.run_id, run.nesting);
                let overrides = task.settings.get("run_job_task").and_then(|task| task.as_object()).cloned();
                let Some(task) = run.tasks.get_mut(index) else { break };
                has_changed = true;
                task.started_ms = Some(ready_ms);
                if let Some(result) = verdict {
                    task.phase = TaskPhase::Over;
                    task.end = Some(End::terminated(ready_ms, result));
                    continue;
                }
                task.phase = TaskPhase::Running;
                let Some(job_id) = called_job_id else { continue };
                if parent.1 < DEEPEST_NESTING {
                    task.child_run_id = launch::launch(
                        state,
                        Launch {
                            parent: Some(parent),
                            overrides: overrides.unwrap_or_default(),
                            ..Launch::of_job(job_id, "RUN_JOB_TASK")
                        },
                    );
                }
                if task.child_run_id.is_none() {
                    task.phase = TaskPhase::Over;
                    let message = format!(
                        "Job {job_id} could not be started: it does not exist or is nested too deeply."
                    );
                    let code = "INVALID_RUN_CONFIGURATION";
                    task.end =
                        Some(End::new(ready_ms, "INTERNAL_ERROR", "FAILED", code, "CLIENT_ERROR", &message));
                }
            }
            TaskPhase::Running => {
                let end = match task.child_run_id {
                    Some(child_id) => match state.runs.get(&child_id) {
                        Some(child) => child.end.as_ref().filter(|_| !child.is_active()).map(|end| {
                            End::terminated(end.at_ms, if end.is_success() { "SUCCESS" } else { "FAILED" })
                        }),
                        None => Some(End::terminated(until_ms, "FAILED")),
                    },
                    None => {
                        let ended_ms = task.started_ms.unwrap_or(until_ms) + task.duration_ms;
                        (ended_ms <= until_ms).then(|| End::terminated(ended_ms, &task.destined_result))
                    }
                };
                let outcome = task
                    .settings
                    .get("condition_task")
                    .and_then(|condition| condition.as_object())
                    .map(|condition| conditions::holds(run, condition).to_string());
                if let (Some(end), Some(task)) = (end, run.tasks.get_mut(index)) {
                    task.outcome = outcome.filter(|_| end.is_success());
                    task.phase = TaskPhase::Over;
                    task.end = Some(end);
                    has_changed = true;
                }
            }
        }
    }
    has_changed
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
            "SUCCESS" | "EXCLUDED" => succeeded += 1,
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

/// The result of a run whose tasks are over: its last tasks decide.
fn result_of(run: &Run) -> &'static str {
    let has_failed = |end: &Option<End>| {
        end.as_ref().is_some_and(|end| !matches!(end.result_state.as_str(), "SUCCESS" | "EXCLUDED"))
    };
    let upstream: Vec<&str> = run.tasks.iter().flat_map(|task| task.dependencies()).collect();
    let mut leaves = run.tasks.iter().filter(|task| !upstream.contains(&task.task_key.as_str()));
    if leaves.any(|leaf| has_failed(&leaf.end)) {
        let results =
            run.tasks.iter().filter_map(|task| task.end.as_ref()).map(|end| end.result_state.as_str());
        let mut results = results.filter(|result| !matches!(*result, "SUCCESS" | "EXCLUDED")).peekable();
        return match results.peek() {
            Some(&"TIMEDOUT") => "TIMEDOUT",
            Some(&"CANCELED") => "CANCELED",
            _ => "FAILED",
        };
    }
    if run.tasks.iter().any(|task| has_failed(&task.end)) { "SUCCESS_WITH_FAILURES" } else { "SUCCESS" }
}

/// Ends a run with everything in it.
fn end_all(run: &mut Run, at_ms: i64, result: &str) {
    for task in run.tasks.iter_mut().filter(|task| task.phase != TaskPhase::Over) {
        task.phase = TaskPhase::Over;
        task.end = Some(End::terminated(at_ms, result));
    }
    finish(run, End::terminated(at_ms, result));
}

fn finish(run: &mut Run, end: End) {
    run.phase = RunPhase::Over;
    if let Some(repair) = run.repairs.last_mut().filter(|repair| repair.end.is_none()) {
        repair.end = Some(end.clone());
    }
    run.end = Some(end);
}
