//! How a run is shown: the older `state` beside the newer `status`.

use serde_json::{Map, Value, json};

use super::jobs::ELEMENTS_A_PAGE;
use super::paging;
use crate::state::State;
use crate::state::run::{End, Run, RunPhase, TaskPhase, TaskRun};

mod loops;

/// How much of a run is shown.
pub(super) enum Detail {
    /// As `runs/list` shows it.
    Short,
    /// With the first hundred tasks.
    Expanded,
    /// As `runs/get` shows it, from one task on.
    Full { start: usize, has_history: bool },
}

/// The run as JSON.
pub(super) fn view(state: &State, run: &Run, detail: &Detail) -> Map<String, Value> {
    let (state_view, status_view) = run_state(run);
    let ended_ms = run.end.as_ref().map_or(0, |end| end.at_ms);
    let running_ms = if run.end.is_some() { (ended_ms - run.started_ms).max(0) } else { 0 };
    let queue_ms = run.queued_ms.map_or(0, |queued_ms| (run.started_ms - queued_ms).max(0));
    let view = json!({
        "run_id": run.run_id,
        "job_id": run.job_id,
        "job_run_id": run.run_id,
        "original_attempt_run_id": run.run_id,
        "number_in_job": run.number_in_job,
        "attempt_number": 0,
        "creator_user_name": run.creator,
        "run_name": run.name,
        "run_page_url": page_url(state, run.job_id, run.run_id),
        "run_type": run.run_type,
        "format": "MULTI_TASK",
        "trigger": run.trigger,
        "start_time": run.queued_ms.unwrap_or(run.started_ms),
        "end_time": ended_ms,
        "setup_duration": 0,
        "execution_duration": 0,
        "cleanup_duration": 0,
        "run_duration": running_ms,
        "queue_duration": queue_ms,
        "state": state_view,
        "status": status_view,
    });
    let mut view = view.as_object().cloned().unwrap_or_default();
    if let Some(schedule) = run.settings.get("schedule") {
        view.insert("schedule".into(), schedule.clone());
    }
    if let Some(git_source) = run.settings.get("git_source") {
        view.insert("git_source".into(), git_source.clone());
    }
    if let Some(parent_id) = run.parent_run_id {
        view.insert("trigger_info".into(), json!({"run_id": parent_id}));
    }
    let overrides: Map<String, Value> = run
        .overrides
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "job_parameters" | "only"))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    if !overrides.is_empty() {
        view.insert("overriding_parameters".into(), Value::Object(overrides));
    }
    let (start, has_history) = match detail {
        Detail::Short => return view,
        Detail::Expanded => (0, false),
        Detail::Full { start, has_history } => (*start, *has_history),
    };
    let page =
        |values: Vec<Value>| -> Vec<Value> { values.into_iter().skip(start).take(ELEMENTS_A_PAGE).collect() };
    let parameters = job_parameters(run);
    let job_clusters =
        run.settings.get("job_clusters").and_then(Value::as_array).cloned().unwrap_or_default();
    let longest = run.tasks.len().max(parameters.len()).max(job_clusters.len());
    let tasks = run.tasks.iter().skip(start).take(ELEMENTS_A_PAGE);
    view.insert("tasks".into(), tasks.map(|task| task_view(state, run, task)).collect());
    view.insert("job_clusters".into(), Value::Array(page(job_clusters)));
    view.insert("job_parameters".into(), Value::Array(page(parameters)));
    if longest > start + ELEMENTS_A_PAGE {
        view.insert("has_more".into(), true.into());
        if matches!(detail, Detail::Full { .. }) {
            view.insert("next_page_token".into(), paging::token("run", start + ELEMENTS_A_PAGE).into());
        }
    }
    if has_history && start == 0 {
        view.insert("repair_history".into(), Value::Array(history(run)));
    }
    view
}

/// One task in the shape of a run, as `runs/get` shows it for the task's own id, iterations from one on.
pub(super) fn task_as_run(state: &State, run: &Run, index: usize, start: usize) -> Map<String, Value> {
    let mut shown = view(state, run, &Detail::Short);
    let Some(task) = run.tasks.get(index) else { return shown };
    let task_shown = task_view(state, run, task);
    let taken = [
        "run_id",
        "start_time",
        "end_time",
        "setup_duration",
        "execution_duration",
        "cleanup_duration",
        "run_duration",
        "queue_duration",
        "state",
        "status",
        "attempt_number",
        "cluster_instance",
        "run_page_url",
    ];
    for name in taken {
        if let Some(value) = task_shown.get(name) {
            shown.insert(name.into(), value.clone());
        }
    }
    shown.insert("job_run_id".into(), run.run_id.into());
    shown.insert("original_attempt_run_id".into(), task.run_id.into());
    shown.insert("run_name".into(), task.task_key.clone().into());
    shown.insert("task".into(), Value::Object((*task.settings).clone()));
    shown.insert("tasks".into(), Value::Array(vec![task_shown]));
    if task.settings.contains_key("for_each_task") {
        let mut iterations = loops::iterations(state, run, task);
        if iterations.len() > start + ELEMENTS_A_PAGE {
            shown.insert("next_page_token".into(), paging::token("run", start + ELEMENTS_A_PAGE).into());
        }
        iterations = iterations.into_iter().skip(start).take(ELEMENTS_A_PAGE).collect();
        shown.insert("iterations".into(), Value::Array(iterations));
    }
    shown
}

fn page_url(state: &State, job_id: i64, run_id: i64) -> String {
    let org_id = state.org_id;
    format!("https://{}.simulated.databricks.example/?o={org_id}#job/{job_id}/run/{run_id}", state.region)
}

fn run_state(run: &Run) -> (Value, Value) {
    if run.phase == RunPhase::Queued {
        let message = "Queued because the job's maximum of concurrent runs is reached.";
        let details = json!({"code": "MAX_CONCURRENT_RUNS_REACHED", "message": message});
        return (
            json!({"life_cycle_state": "QUEUED", "state_message": "", "queue_reason": message}),
            json!({"state": "QUEUED", "queue_details": details}),
        );
    }
    state_and_status(run.life_cycle_state(), run.end.as_ref().filter(|_| run.phase == RunPhase::Over))
}

fn state_and_status(life_cycle_state: &str, end: Option<&End>) -> (Value, Value) {
    let Some(end) = end else {
        let message = match life_cycle_state {
            "PENDING" => "Waiting for cluster",
            "RUNNING" => "In run",
            "TERMINATING" => "Terminating the run",
            _ => "",
        };
        return (
            json!({
                "life_cycle_state": life_cycle_state,
                "state_message": message,
                "user_cancelled_or_timedout": false,
            }),
            json!({"state": life_cycle_state}),
        );
    };
    let is_ended_by_hand = matches!(end.result_state.as_str(), "CANCELED" | "TIMEDOUT");
    (
        json!({
            "life_cycle_state": end.life_cycle_state,
            "result_state": end.result_state,
            "state_message": end.message,
            "user_cancelled_or_timedout": is_ended_by_hand,
        }),
        json!({
            "state": "TERMINATED",
            "termination_details": {"code": end.code, "type": end.code_type, "message": end.message},
        }),
    )
}

fn task_view(state: &State, run: &Run, task: &TaskRun) -> Value {
    let mut shown = (*task.settings).clone();
    let end = task.end.as_ref().filter(|_| task.phase == TaskPhase::Over);
    let life_cycle_state = match (task.phase, end) {
        (TaskPhase::Blocked, _) if run.phase == RunPhase::Queued => "QUEUED",
        (TaskPhase::Blocked, _) if run.phase == RunPhase::Pending && task.dependencies().is_empty() => {
            "PENDING"
        }
        (TaskPhase::Blocked, _) => "BLOCKED",
        (TaskPhase::Running, _) if run.phase == RunPhase::Terminating => "TERMINATING",
        (TaskPhase::Running, _) => "RUNNING",
        (TaskPhase::Over, Some(end)) => &end.life_cycle_state,
        (TaskPhase::Over, None) => "TERMINATED",
    };
    let (state_view, status_view) = state_and_status(life_cycle_state, end);
    let started_ms = task.started_ms.unwrap_or(run.started_ms);
    let ended_ms = end.map_or(0, |end| end.at_ms);
    let setup_ms = if task.dependencies().is_empty() { run.setup_ms } else { 0 };
    let fields = json!({
        "run_id": task.run_id,
        "start_time": started_ms,
        "end_time": ended_ms,
        "setup_duration": setup_ms,
        "execution_duration": if end.is_some() { (ended_ms - started_ms).max(0) } else { 0 },
        "cleanup_duration": 0,
        "attempt_number": task.attempt_number,
        "run_page_url": page_url(state, run.job_id, task.run_id),
        "state": state_view,
        "status": status_view,
    });
    shown.extend(fields.as_object().cloned().unwrap_or_default());
    if let (Some(outcome), Some(Value::Object(condition))) = (&task.outcome, shown.get_mut("condition_task"))
    {
        condition.insert("outcome".into(), outcome.clone().into());
    }
    if let Some(Value::Object(loop_task)) = shown.get_mut("for_each_task") {
        loop_task.insert("stats".into(), json!({"task_run_stats": loops::stats(run, task)}));
    }
    if let Some(cluster_id) = &task.cluster_id {
        let instance = json!({"cluster_id": cluster_id, "spark_context_id": task.run_id.to_string()});
        shown.insert("cluster_instance".into(), instance);
    }
    Value::Object(shown)
}

fn job_parameters(run: &Run) -> Vec<Value> {
    let defined =
        run.settings.get("parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let overridden =
        run.overrides.get("job_parameters").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut shown: Vec<Value> = defined
        .iter()
        .filter_map(|parameter| {
            let name = parameter.get("name")?.as_str()?;
            let default = parameter.get("default").cloned().unwrap_or_default();
            let value = overridden.get(name).cloned().unwrap_or_else(|| default.clone());
            Some(json!({"name": name, "default": default, "value": value}))
        })
        .collect();
    let is_defined =
        |name: &str| defined.iter().any(|known| known.get("name").and_then(Value::as_str) == Some(name));
    let extra = overridden.iter().filter(|(name, _)| !is_defined(name));
    shown.extend(extra.map(|(name, value)| json!({"name": name, "value": value})));
    shown
}

fn history(run: &Run) -> Vec<Value> {
    let Some((started_ms, end)) = &run.original else {
        let (state_view, status_view) = run_state(run);
        let task_run_ids: Vec<i64> = run.tasks.iter().map(|task| task.run_id).collect();
        return vec![json!({
            "type": "ORIGINAL", "start_time": run.started_ms, "end_time": run.end.as_ref().map_or(0, |end| end.at_ms),
            "state": state_view, "status": status_view, "task_run_ids": task_run_ids,
        })];
    };
    let (state_view, status_view) = state_and_status("TERMINATED", Some(end));
    let original = json!({
        "type": "ORIGINAL", "start_time": started_ms, "end_time": end.at_ms, "state": state_view, "status": status_view,
        "task_run_ids": run.original_task_run_ids,
    });
    let repairs = run.repairs.iter().map(|repair| {
        let (state_view, status_view) = state_and_status("RUNNING", repair.end.as_ref());
        json!({
            "type": "REPAIR", "id": repair.id, "start_time": repair.started_ms,
            "end_time": repair.end.as_ref().map_or(0, |end| end.at_ms),
            "state": state_view, "status": status_view, "task_run_ids": repair.task_run_ids,
        })
    });
    std::iter::once(original).chain(repairs).collect()
}
