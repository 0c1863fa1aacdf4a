//! `/api/2.x/jobs/*`, without the runs.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::paging;
use super::permissions;
use super::router::Routes;
use super::{ApiError, Call, Reply, job_settings};
use crate::scheduler::triggers;
use crate::state::State;
use crate::state::directory::ResourceKind;
use crate::state::job::Job;

/// How many tasks, job clusters, parameters and environments one answer holds.
pub(crate) const ELEMENTS_A_PAGE: usize = 100;

/// The arrays of settings that `jobs/get` pages through.
const PAGED_ARRAYS: [&str; 4] = ["tasks", "job_clusters", "parameters", "environments"];

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 100;

pub(super) fn routes(routes: Routes) -> Routes {
    let all = &[0, 1, 2];
    routes
        .add(all, MethodFilter::POST, "jobs/create", create)
        .add(all, MethodFilter::GET, "jobs/get", get)
        .add(all, MethodFilter::GET, "jobs/list", list)
        .add(all, MethodFilter::POST, "jobs/update", update)
        .add(all, MethodFilter::POST, "jobs/reset", reset)
        .add(all, MethodFilter::POST, "jobs/delete", delete)
}

/// The job that a call names.
pub(crate) fn find<'a>(state: &'a State, call: &Call) -> Result<&'a Job, ApiError> {
    let job_id = call.required_integer("job_id")?;
    state.jobs.get(&job_id).ok_or_else(|| missing(job_id))
}

pub(crate) fn missing(job_id: i64) -> ApiError {
    ApiError::invalid_parameter(format!("Job {job_id} does not exist."))
}

fn create(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let mut settings = call.body.clone();
    let access_control_list = settings.remove("access_control_list");
    check_run_as(state, &settings)?;
    let settings = job_settings::complete(state, settings, &Map::new(), call.version)?;
    if let Some(list) = &access_control_list {
        permissions::check_new(state, "jobs", list)?;
    }
    let job_id = add(state, settings, &call.user_name);
    if let Some(list) = access_control_list {
        permissions::grant(state, "jobs", &job_id.to_string(), &list)?;
    }
    let Some(job) = state.jobs.get(&job_id) else { return Err(missing(job_id)) };
    let summary = format!("create job \"{}\": {}", job.name(), job_settings::essence(&job.settings));
    state.record(call, summary, Some(job_id.to_string()));
    Ok(Reply::Json(json!({"job_id": job_id})))
}

/// Refuses an identity that is not in the workspace.
pub(super) fn check_run_as(state: &State, settings: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(run_as) = settings.get("run_as").filter(|run_as| !run_as.is_null()) else { return Ok(()) };
    let kinds = [ResourceKind::Users, ResourceKind::ServicePrincipals, ResourceKind::Groups];
    let named =
        kinds.into_iter().filter_map(|kind| Some((kind, run_as.get(kind.principal_field())?.as_str()?)));
    let named: Vec<_> = named.collect();
    let &[(kind, name)] = named.as_slice() else {
        let message = "run_as must name exactly one user, group or service principal.";
        return Err(ApiError::invalid_parameter(message));
    };
    if state.directory.principal(kind, name).is_none() {
        let message = format!("The run_as identity '{name}' does not exist in this workspace.");
        return Err(ApiError::invalid_parameter(message));
    }
    Ok(())
}

/// Adds a job whose settings are complete; returns its id.
pub(crate) fn add(state: &mut State, settings: Map<String, Value>, creator: &str) -> i64 {
    let job_id = state.next_number();
    let job = Job {
        job_id,
        sequence: state.sequence(),
        created_ms: state.now_ms,
        creator: creator.to_owned(),
        settings,
        trigger_since_ms: state.now_ms,
        due_ms: None,
        runs_started: 0,
    };
    state.jobs.insert(job_id, job);
    job_id
}

fn view(state: &State, job: &Job, mut settings: Map<String, Value>) -> Map<String, Value> {
    job_settings::new_clusters::add_cloud_defaults(&state.region, &mut settings);
    let view = json!({
        "job_id": job.job_id,
        "creator_user_name": job.creator,
        "run_as_user_name": permissions::run_as(state, job),
        "created_time": job.created_ms,
        "settings": settings,
    });
    view.as_object().cloned().unwrap_or_default()
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let job = find(state, call)?;
    let start = match call.text("page_token").filter(|token| !token.is_empty()) {
        Some(token) => paging::offset("job", &token)?,
        None => 0,
    };
    let mut settings = job.settings.clone();
    let has_more = cut_arrays(&mut settings, start);
    let mut view = view(state, job, settings);
    view.insert(
        "run_as_owner".into(),
        (permissions::run_as(state, job) == permissions::owner_of_job(state, job)).into(),
    );
    if has_more {
        view.insert("has_more".into(), true.into());
        view.insert("next_page_token".into(), paging::token("job", start + ELEMENTS_A_PAGE).into());
    }
    Ok(Reply::Json(Value::Object(view)))
}

/// Leaves one page of each long array; says whether any goes on.
fn cut_arrays(settings: &mut Map<String, Value>, start: usize) -> bool {
    let mut has_more = false;
    for name in PAGED_ARRAYS {
        if let Some(Value::Array(entries)) = settings.get_mut(name) {
            has_more |= entries.len() > start + ELEMENTS_A_PAGE;
            *entries = entries.drain(..).skip(start).take(ELEMENTS_A_PAGE).collect();
        }
    }
    has_more
}

fn list(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let limit = call.integer("limit")?;
    if limit.is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit)) {
        return Err(ApiError::invalid_parameter(format!("limit must be between 1 and {MAX_LIMIT}.")));
    }
    let offset = call.integer("offset")?.unwrap_or(0);
    let offset =
        usize::try_from(offset).map_err(|_| ApiError::invalid_parameter("offset must not be negative."))?;
    let name = call.text("name").filter(|name| !name.is_empty()).map(|name| name.to_lowercase());
    let mut jobs: Vec<&Job> = state
        .jobs
        .values()
        .filter(|job| name.as_ref().is_none_or(|name| job.name().to_lowercase() == *name))
        .collect();
    jobs.sort_by_key(|job| std::cmp::Reverse(job.sequence));
    // API 2.0 knew neither pages nor short entries.
    let is_first_api = call.version == 0 && limit.is_none() && call.text("page_token").is_none();
    let limit = if is_first_api { jobs.len().max(1) } else { limit_or(limit, DEFAULT_LIMIT) };
    let is_expanded = call.flag("expand_tasks") || call.version == 0;
    let page = paging::page("jobs", jobs, call.text("page_token").as_deref(), offset, limit)?;
    let entries: Vec<Value> = page
        .items
        .into_iter()
        .map(|job| {
            let mut settings = job.settings.clone();
            let mut has_more = false;
            if is_expanded {
                has_more = cut_arrays(&mut settings, 0);
            } else {
                for name in ["tasks", "job_clusters", "environments", "parameters", "git_source"] {
                    settings.remove(name);
                }
            }
            let mut view = view(state, job, settings);
            if has_more {
                view.insert("has_more".into(), true.into());
            }
            Value::Object(view)
        })
        .collect();
    let mut reply = Map::new();
    if !entries.is_empty() {
        reply.insert("jobs".into(), Value::Array(entries));
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

/// A checked limit as a length.
pub(crate) fn limit_or(limit: Option<i64>, default: i64) -> usize {
    usize::try_from(limit.unwrap_or(default)).unwrap_or(1)
}

fn update(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let job = find(state, call)?;
    let new_settings = call.object("new_settings")?.unwrap_or_default();
    let merged = job_settings::merge(job.settings.clone(), new_settings, &call.list("fields_to_remove"))?;
    replace_settings(state, call, merged, "update")
}

fn reset(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let run_as = find(state, call)?.settings.get("run_as").cloned();
    let settings = call.object("new_settings")?;
    let mut settings =
        settings.ok_or_else(|| ApiError::invalid_parameter("Missing required field: new_settings"))?;
    // A reset replaces everything but the identity: that stays unless another is given.
    if let Some(run_as) = run_as {
        settings.entry("run_as").or_insert(run_as);
    }
    replace_settings(state, call, settings, "reset")
}

fn replace_settings(
    state: &mut State,
    call: &Call,
    mut settings: Map<String, Value>,
    verb: &str,
) -> Result<Reply, ApiError> {
    let job_id = find(state, call)?.job_id;
    let access_control_list = settings.remove("access_control_list");
    // An identity that was valid when it was given stays, whatever has become of it.
    if find(state, call)?.settings.get("run_as") != settings.get("run_as") {
        check_run_as(state, &settings)?;
    }
    let settings = job_settings::complete(state, settings, &find(state, call)?.settings, call.version)?;
    if let Some(list) = access_control_list {
        permissions::grant(state, "jobs", &job_id.to_string(), &list)?;
    }
    keep_settings(state, call, job_id, settings, verb);
    Ok(Reply::empty())
}

/// Gives a job settings that are complete.
pub(super) fn keep_settings(
    state: &mut State,
    call: &Call,
    job_id: i64,
    settings: Map<String, Value>,
    verb: &str,
) {
    let now_ms = state.now_ms;
    let Some(job) = state.jobs.get_mut(&job_id).filter(|job| job.settings != settings) else { return };
    let is_same_trigger = ["schedule", "continuous", "trigger"]
        .iter()
        .all(|name| job.settings.get(*name) == settings.get(*name));
    if !is_same_trigger {
        triggers::trigger_changed(job, now_ms);
    }
    job.settings = settings;
    let summary = format!("{verb} job \"{}\": {}", job.name(), job_settings::essence(&job.settings));
    state.record(call, summary, Some(job_id.to_string()));
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let job_id = call.required_integer("job_id")?;
    let job = state.jobs.remove(&job_id).ok_or_else(|| missing(job_id))?;
    state.grants.remove(&format!("jobs/{job_id}"));
    state.record(call, format!("delete job \"{}\"", job.name()), Some(job_id.to_string()));
    Ok(Reply::empty())
}
