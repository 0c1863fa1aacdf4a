//! Starting runs within their job's concurrency.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{run_clusters, selection};
use crate::api::permissions;
use crate::state::State;
use crate::state::run::{End, Run, RunPhase, TaskPhase, TaskRun};

/// How long a run takes unless it says otherwise.
const DEFAULT_RUN_MS: i64 = 2_000;

/// How long a run is pending at most.
const SETUP_MS: i64 = 300;

/// What is to be started.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    pub(crate) job_id: i64,
    pub(crate) trigger: &'static str,
    pub(crate) creator: Option<String>,
    pub(crate) overrides: Map<String, Value>,
    /// Whether this run may wait in the queue; as the job says when absent.
    pub(crate) is_queueing: Option<bool>,
    pub(crate) parent: Option<(i64, u32)>,
}

impl Launch {
    pub(crate) fn of_job(job_id: i64, trigger: &'static str) -> Self {
        Self { job_id, trigger, creator: None, overrides: Map::new(), is_queueing: None, parent: None }
    }
}

/// Starts, queues or skips a run of a job, as its concurrency demands; `None` when there is no such job.
pub(crate) fn launch(state: &mut State, launch: Launch) -> Option<i64> {
    let now_ms = state.now_ms;
    let occupied = occupying_runs(state, launch.job_id);
    let run_as = permissions::run_as(state, state.jobs.get(&launch.job_id)?);
    let job = state.jobs.get_mut(&launch.job_id)?;
    job.runs_started += 1;
    let number_in_job = job.runs_started;
    let (limit, is_queueing) =
        (job.max_concurrent_runs(), launch.is_queueing.unwrap_or_else(|| job.is_queueing()));
    let creator = launch.creator.unwrap_or(run_as);
    let name = job.name().to_owned();
    let settings = job.settings.clone();
    let run_type = if launch.parent.is_some() { "WORKFLOW_RUN" } else { "JOB_RUN" };
    let mut run = build(state, launch.job_id, name, creator, run_type, settings, launch.overrides);
    run.number_in_job = number_in_job;
    run.trigger = launch.trigger.to_owned();
    run.parent_run_id = launch.parent.map(|(run_id, _)| run_id);
    run.nesting = launch.parent.map_or(0, |(_, nesting)| nesting + 1);
    let run_id = run.run_id;
    // A concurrency of 0 skips every run, whether the job queues or not.
    if limit > 0 && occupied < limit {
        begin(state, &mut run);
    } else if limit > 0 && is_queueing {
        run.phase = RunPhase::Queued;
        run.queued_ms = Some(now_ms);
    } else {
        run.phase = RunPhase::Over;
        run.tasks.clear();
        run.end = Some(End::skipped(now_ms));
    }
    insert(state, run);
    Some(run_id)
}

/// Starts a run that has no job.
pub(crate) fn submit(state: &mut State, name: String, creator: String, settings: Map<String, Value>) -> i64 {
    let job_id = state.next_number();
    let mut run = build(state, job_id, name, creator, "SUBMIT_RUN", settings, Map::new());
    let run_id = run.run_id;
    begin(state, &mut run);
    insert(state, run);
    run_id
}

/// The runs that count against a job's concurrency.
pub(crate) fn occupying_runs(state: &State, job_id: i64) -> i64 {
    let runs = state.active_runs.iter().filter_map(|run_id| state.runs.get(run_id));
    i64::try_from(runs.filter(|run| run.job_id == job_id && run.is_occupying()).count()).unwrap_or(i64::MAX)
}

fn insert(state: &mut State, run: Run) {
    if run.is_active() {
        state.active_runs.insert(run.run_id);
    }
    state.runs.insert(run.run_id, run);
    state.forget_old_runs();
    state.touch();
}

/// Moves a run from nowhere or from the queue to pending.
pub(crate) fn begin(state: &mut State, run: &mut Run) {
    run.phase = RunPhase::Pending;
    run.started_ms = state.now_ms;
    run_clusters::prepare(state, run);
}

fn build(
    state: &mut State,
    job_id: i64,
    name: String,
    creator: String,
    run_type: &str,
    mut settings: Map<String, Value>,
    overrides: Map<String, Value>,
) -> Run {
    let run_id = state.next_number();
    let (setup_ms, tasks) = plan_tasks(state, &settings, &overrides);
    settings.remove("tasks");
    Run {
        run_id,
        job_id,
        sequence: state.sequence(),
        number_in_job: 1,
        name,
        creator,
        run_type: run_type.to_owned(),
        trigger: "ONE_TIME".to_owned(),
        settings: Arc::new(settings),
        overrides,
        phase: RunPhase::Pending,
        queued_ms: None,
        started_ms: state.now_ms,
        setup_ms,
        tasks,
        cancelled_at_ms: None,
        end: None,
        parent_run_id: None,
        nesting: 0,
        repairs: Vec::new(),
        original: None,
        job_clusters: Vec::new(),
        original_task_run_ids: Vec::new(),
    }
}

/// How long a run is pending, and its tasks as they will go.
pub(crate) fn plan_tasks(
    state: &mut State,
    settings: &Map<String, Value>,
    overrides: &Map<String, Value>,
) -> (i64, Vec<TaskRun>) {
    let tasks = settings.get("tasks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let total_ms = simulated(settings, overrides, "simulated_run_ms")
        .and_then(|text| text.parse().ok())
        .unwrap_or(DEFAULT_RUN_MS)
        .max(0);
    let result = simulated(settings, overrides, "simulated_result").unwrap_or_else(|| "SUCCESS".to_owned());
    let setup_ms = (total_ms / 10).min(SETUP_MS);
    let task_ms = (total_ms - setup_ms) / longest_chain(tasks).max(1);
    let tasks = selection::kept(tasks, overrides).into_iter().cloned();
    (setup_ms, tasks.map(|task| build_task(state, task, task_ms, &result)).collect())
}

fn build_task(state: &mut State, task: Map<String, Value>, task_ms: i64, result: &str) -> TaskRun {
    let own = |name: &str| {
        let parameters = task
            .get("notebook_task")
            .and_then(|notebook| notebook.get("base_parameters"))
            .or_else(|| task.get("python_wheel_task").and_then(|wheel| wheel.get("named_parameters")))?;
        text_of(parameters.get(name)?)
    };
    TaskRun {
        run_id: state.next_number(),
        task_key: task.get("task_key").and_then(Value::as_str).unwrap_or_default().to_owned(),
        duration_ms: own("simulated_run_ms").and_then(|text| text.parse().ok()).unwrap_or(task_ms).max(0),
        destined_result: own("simulated_result").unwrap_or_else(|| result.to_owned()),
        settings: Arc::new(task),
        phase: TaskPhase::Blocked,
        started_ms: None,
        end: None,
        child_run_id: None,
        cluster_id: None,
        attempt_number: 0,
        outcome: None,
        retries: 0,
        cluster_refusal: None,
    }
}

/// A wish of the job about its simulation: overridden parameter, job parameter or tag.
fn simulated(settings: &Map<String, Value>, overrides: &Map<String, Value>, name: &str) -> Option<String> {
    for parameters in ["job_parameters", "notebook_params", "python_named_params"] {
        if let Some(value) = overrides.get(parameters).and_then(|values| values.get(name)) {
            return text_of(value);
        }
    }
    let parameters = settings.get("parameters").and_then(Value::as_array);
    let defined = parameters
        .and_then(|list| list.iter().find(|entry| entry.get("name").and_then(Value::as_str) == Some(name)))
        .and_then(|entry| entry.get("default"));
    defined.or_else(|| settings.get("tags").and_then(|tags| tags.get(name))).and_then(text_of)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// How many tasks follow one another at most.
fn longest_chain(tasks: &[Value]) -> i64 {
    let key = |task: &Value| task.get("task_key").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut depths: std::collections::BTreeMap<String, i64> =
        tasks.iter().map(|task| (key(task), 1)).collect();
    // A chain cannot be longer than there are tasks, which also ends cycles.
    for _ in 0..tasks.len() {
        let mut is_stable = true;
        for task in tasks {
            let parents =
                task.get("depends_on").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let above =
                parents.iter().filter_map(|parent| depths.get(&key(parent))).max().copied().unwrap_or(0);
            if let Some(depth) = depths.get_mut(&key(task))
                && *depth <= above
                && above < tasks.len() as i64
            {
                *depth = above + 1;
                is_stable = false;
            }
        }
        if is_stable {
            break;
        }
    }
    depths.into_values().max().unwrap_or(1)
}
