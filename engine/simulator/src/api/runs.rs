//! `/api/2.x/jobs/run-now` and `/api/2.x/jobs/runs/*`.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::jobs::{self, limit_or};
use super::paging;
use super::router::Routes;
use super::run_view::{self, Detail};
use super::{ApiError, Call, Reply, job_settings};
use crate::scheduler::launch::{self, Launch};
use crate::scheduler::selection;
use crate::state::State;
use crate::state::run::Run;

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 25;
const MAX_TOKEN_LENGTH: usize = 64;

/// What run-now and repair may override.
const OVERRIDES: [&str; 10] = [
    "job_parameters",
    "notebook_params",
    "jar_params",
    "python_params",
    "python_named_params",
    "spark_submit_params",
    "sql_params",
    "dbt_commands",
    "pipeline_params",
    "only",
];

pub(super) fn routes(routes: Routes) -> Routes {
    let all = &[0, 1, 2];
    routes
        .add(all, MethodFilter::POST, "jobs/run-now", run_now)
        .add(all, MethodFilter::POST, "jobs/runs/submit", submit)
        .add(all, MethodFilter::GET, "jobs/runs/get", get)
        .add(all, MethodFilter::GET, "jobs/runs/list", list)
        .add(all, MethodFilter::POST, "jobs/runs/delete", delete)
}

/// The run that an id stands for: the run itself, or one task of it.
pub(super) fn find(state: &State, run_id: i64) -> Result<(&Run, Option<usize>), ApiError> {
    if let Some(run) = state.runs.get(&run_id) {
        return Ok((run, None));
    }
    state
        .runs
        .values()
        .find_map(|run| {
            run.tasks.iter().position(|task| task.run_id == run_id).map(|index| (run, Some(index)))
        })
        .ok_or_else(|| missing(run_id))
}

pub(super) fn missing(run_id: i64) -> ApiError {
    ApiError::invalid_parameter(format!("Run {run_id} does not exist."))
}

/// The run that was started under an idempotency token before, and the key to remember a new one by.
fn known_token(state: &State, call: &Call, scope: &str) -> Result<(Option<i64>, Option<String>), ApiError> {
    let Some(token) = call.text("idempotency_token").filter(|token| !token.is_empty()) else {
        return Ok((None, None));
    };
    if token.chars().count() > MAX_TOKEN_LENGTH {
        let message = format!("The idempotency token must have at most {MAX_TOKEN_LENGTH} characters.");
        return Err(ApiError::invalid_parameter(message));
    }
    let key = format!("{scope}:{token}");
    let known = state.run_tokens.get(&key).copied();
    match known {
        Some(run_id) if !state.runs.contains_key(&run_id) => {
            let message = format!("The run {run_id} of this idempotency token was deleted.");
            Err(ApiError::invalid_parameter(message))
        }
        known => Ok((known, Some(key))),
    }
}

/// What a call overrides.
pub(super) fn overrides(call: &Call) -> Map<String, Value> {
    let given = OVERRIDES.iter().filter_map(|name| Some(((*name).to_owned(), call.body.get(*name)?.clone())));
    given.filter(|(_, value)| !value.is_null()).collect()
}

fn run_now(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let job_id = jobs::find(state, call)?.job_id;
    let (known, key) = known_token(state, call, &job_id.to_string())?;
    if let Some(run) = known.and_then(|run_id| state.runs.get(&run_id)) {
        return Ok(Reply::Json(json!({"run_id": run.run_id, "number_in_job": run.number_in_job})));
    }
    check_only(state, call)?;
    let overrides = overrides(call);
    let queue = call.object("queue")?;
    let is_queueing = queue.and_then(|queue| queue.get("enabled").and_then(Value::as_bool));
    let wanted = Launch {
        creator: Some(call.user_name.clone()),
        overrides,
        is_queueing,
        ..Launch::of_job(job_id, "ONE_TIME")
    };
    let run_id = launch::launch(state, wanted).ok_or_else(|| jobs::missing(job_id))?;
    if let Some(key) = key {
        state.run_tokens.insert(key, run_id);
    }
    let Some(run) = state.runs.get(&run_id) else { return Err(missing(run_id)) };
    let (summary, number_in_job) = (format!("run job \"{}\" now", run.name), run.number_in_job);
    state.record(call, summary, Some(run_id.to_string()));
    Ok(Reply::Json(json!({"run_id": run_id, "number_in_job": number_in_job})))
}

/// Refuses to run tasks that the job does not have.
fn check_only(state: &State, call: &Call) -> Result<(), ApiError> {
    let tasks = jobs::find(state, call)?.settings.get("tasks").and_then(Value::as_array);
    let tasks = tasks.map(Vec::as_slice).unwrap_or_default();
    selection::selected(tasks, &call.list("only")).map(drop).map_err(|key| {
        ApiError::invalid_parameter(format!("The task '{key}' in field 'only' is not a task of this job."))
    })
}

fn submit(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (known, key) = known_token(state, call, "submit")?;
    if let Some(run_id) = known {
        return Ok(Reply::Json(json!({"run_id": run_id})));
    }
    let mut settings = call.body.clone();
    for name in ["access_control_list", "idempotency_token", "run_name"] {
        settings.remove(name);
    }
    let name = call.text("run_name").unwrap_or_else(|| "Untitled".to_owned());
    settings.insert("name".into(), name.clone().into());
    jobs::check_run_as(state, &settings)?;
    let settings = job_settings::complete(state, settings, &Map::new(), call.version)?;
    let has_tasks = settings.get("tasks").and_then(Value::as_array).is_some_and(|tasks| !tasks.is_empty());
    if !has_tasks {
        return Err(ApiError::invalid_parameter("One-time runs need at least one task."));
    }
    let run_id = launch::submit(state, name.clone(), call.user_name.clone(), settings);
    if let Some(key) = key {
        state.run_tokens.insert(key, run_id);
    }
    state.record(call, format!("submit run \"{name}\""), Some(run_id.to_string()));
    Ok(Reply::Json(json!({"run_id": run_id})))
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let run_id = call.required_integer("run_id")?;
    let start = match call.text("page_token").filter(|token| !token.is_empty()) {
        Some(token) => paging::offset("run", &token)?,
        None => 0,
    };
    let (run, task) = find(state, run_id)?;
    let detail = Detail::Full { start, has_history: call.flag("include_history") };
    let view = match task {
        Some(index) => run_view::task_as_run(state, run, index, start),
        None => run_view::view(state, run, &detail),
    };
    Ok(Reply::Json(Value::Object(view)))
}

fn list(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (is_active_only, is_completed_only) = (call.flag("active_only"), call.flag("completed_only"));
    if is_active_only && is_completed_only {
        return Err(ApiError::invalid_parameter("active_only and completed_only cannot both be true."));
    }
    let highest = if call.version == 0 { 1_000 } else { MAX_LIMIT };
    let limit = match call.integer("limit")? {
        // The service takes 0 for "as many as possible".
        Some(0) => highest,
        Some(limit) if !(1..=highest).contains(&limit) => {
            return Err(ApiError::invalid_parameter(format!("limit must be between 1 and {highest}.")));
        }
        limit => limit.unwrap_or(DEFAULT_LIMIT),
    };
    let offset = usize::try_from(call.integer("offset")?.unwrap_or(0))
        .map_err(|_| ApiError::invalid_parameter("offset must not be negative."))?;
    let job_id = call.integer("job_id")?;
    let (from_ms, to_ms) = (call.integer("start_time_from")?, call.integer("start_time_to")?);
    let run_type = call.text("run_type").filter(|kind| !kind.is_empty());
    let mut runs: Vec<&Run> = state
        .runs
        .values()
        .filter(|run| job_id.is_none_or(|job_id| run.job_id == job_id))
        .filter(|run| !is_active_only || run.is_active())
        .filter(|run| !is_completed_only || !run.is_active())
        .filter(|run| from_ms.is_none_or(|from_ms| run.started_ms >= from_ms))
        .filter(|run| to_ms.is_none_or(|to_ms| run.started_ms <= to_ms))
        .filter(|run| run_type.as_ref().is_none_or(|kind| run.run_type == *kind))
        .collect();
    runs.sort_by_key(|run| std::cmp::Reverse((run.started_ms, run.sequence)));
    let limit = limit_or(Some(limit), DEFAULT_LIMIT);
    let page = paging::page("runs", runs, call.text("page_token").as_deref(), offset, limit)?;
    let detail =
        if call.flag("expand_tasks") || call.version == 0 { Detail::Expanded } else { Detail::Short };
    let views: Vec<Value> =
        page.items.into_iter().map(|run| Value::Object(run_view::view(state, run, &detail))).collect();
    let mut reply = Map::new();
    if !views.is_empty() {
        reply.insert("runs".into(), Value::Array(views));
    }
    reply.insert("has_more".into(), page.has_more.into());
    if let Some(next) = page.next {
        reply.insert("next_page_token".into(), next.into());
    }
    if let Some(previous) = page.previous {
        reply.insert("prev_page_token".into(), previous.into());
    }
    Ok(Reply::Json(Value::Object(reply)))
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let run_id = call.required_integer("run_id")?;
    let run = state.runs.get(&run_id).ok_or_else(|| missing(run_id))?;
    if run.is_active() {
        let message = format!("Run {run_id} is active and cannot be deleted; cancel it first.");
        return Err(ApiError::invalid_state(message));
    }
    let summary = format!("delete run of \"{}\"", run.name);
    state.runs.remove(&run_id);
    state.record(call, summary, Some(run_id.to_string()));
    Ok(Reply::empty())
}
