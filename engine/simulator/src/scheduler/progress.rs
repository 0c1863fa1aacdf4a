//! Runs as time passes.

use super::task_progress::{self, DEEPEST_NESTING};
use super::{clusters, launch};
use crate::state::State;
use crate::state::cluster::Termination;
use crate::state::run::{End, Run, RunPhase, TaskPhase, TaskRun};

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
    while task_progress::advance(state, run, setup_over_ms, until_ms) {
        has_changed = true;
    }
    if run.tasks.iter().all(|task| task.phase == TaskPhase::Over) {
        let ends = run.tasks.iter().filter_map(|task| task.end.as_ref().map(|end| end.at_ms));
        let ended_ms = ends.max().unwrap_or(setup_over_ms).max(setup_over_ms);
        finish(run, end_of(run, ended_ms));
        return true;
    }
    if let Some(deadline_ms) = deadline_ms.filter(|deadline_ms| now_ms >= *deadline_ms) {
        end_all(run, deadline_ms, "TIMEDOUT");
        return true;
    }
    has_changed
}

/// The end of a run whose tasks are over; one that failed tells of the task to blame.
fn end_of(run: &Run, at_ms: i64) -> End {
    let result = result_of(run);
    let failed = |task: &&TaskRun| task.end.as_ref().is_some_and(|end| end.result_state == "FAILED");
    let Some((task, end)) = run
        .tasks
        .iter()
        .find(failed)
        .filter(|_| result == "FAILED")
        .and_then(|task| Some((task, task.end.as_ref()?)))
    else {
        return End::terminated(at_ms, result);
    };
    let message =
        format!("Task {} failed with message: {}.", task.task_key, end.message.trim_end_matches('.'));
    End::new(at_ms, &end.life_cycle_state, result, &end.code, &end.code_type, &message)
}

/// The result of a run whose tasks are over: its last tasks decide.
fn result_of(run: &Run) -> &'static str {
    let has_failed = |end: &Option<End>| end.as_ref().is_some_and(|end| !end.is_harmless());
    let upstream: Vec<&str> = run.tasks.iter().flat_map(|task| task.dependencies()).collect();
    let mut leaves = run.tasks.iter().filter(|task| !upstream.contains(&task.task_key.as_str()));
    if leaves.any(|leaf| has_failed(&leaf.end)) {
        let mut ends = run.tasks.iter().filter_map(|task| task.end.as_ref()).filter(|end| !end.is_harmless());
        return match ends.next().map(|end| end.result_state.as_str()) {
            Some("TIMEDOUT") => "TIMEDOUT",
            Some("CANCELED") => "CANCELED",
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
