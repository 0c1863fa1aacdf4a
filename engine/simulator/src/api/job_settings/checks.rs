//! What a job's settings may be.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{KEYED_ARRAYS, TRIGGERS, task_checks};
use crate::api::ApiError;
use crate::quartz::Quartz;

const MAX_TASKS: usize = 1_000;
const MAX_CONCURRENT_RUNS: i64 = 1_000;
const MAX_NAME_BYTES: usize = 4_096;
const MAX_TAGS: usize = 25;

/// Compared without case: the service takes both `GITHUB` and `gitHub`.
const GIT_PROVIDERS: [&str; 8] = [
    "github",
    "gitlab",
    "bitbucketcloud",
    "gitlabenterpriseedition",
    "bitbucketserver",
    "azuredevopsservices",
    "githubenterprise",
    "awscodecommit",
];

/// Refuses settings that the service refuses.
pub(super) fn check(settings: &Map<String, Value>) -> Result<(), ApiError> {
    check_scalars(settings)?;
    check_keys(settings)?;
    task_checks::check(settings)?;
    check_triggers(settings)
}

fn check_scalars(settings: &Map<String, Value>) -> Result<(), ApiError> {
    if let Some(name) = settings.get("name") {
        let name = name.as_str().ok_or_else(|| wrong_type("name", "a string"))?;
        if name.len() > MAX_NAME_BYTES {
            return Err(ApiError::invalid_parameter("The job name is longer than 4096 bytes."));
        }
    }
    if let Some(value) = settings.get("max_concurrent_runs") {
        let runs = value.as_i64().ok_or_else(|| wrong_type("max_concurrent_runs", "an integer"))?;
        if !(0..=MAX_CONCURRENT_RUNS).contains(&runs) {
            let message =
                format!("max_concurrent_runs must be between 0 and {MAX_CONCURRENT_RUNS}, got {runs}.");
            return Err(ApiError::invalid_parameter(message));
        }
    }
    if let Some(value) = settings.get("timeout_seconds")
        && value.as_i64().is_none_or(|seconds| seconds < 0)
    {
        return Err(ApiError::invalid_parameter("timeout_seconds must be a number of at least 0."));
    }
    if let Some(tags) = settings.get("tags") {
        let tags = tags.as_object().ok_or_else(|| wrong_type("tags", "an object"))?;
        if tags.len() > MAX_TAGS {
            return Err(ApiError::invalid_parameter(format!("A job can have at most {MAX_TAGS} tags.")));
        }
        if !tags.values().all(Value::is_string) {
            return Err(wrong_type("tags", "an object of strings"));
        }
    }
    for name in ["schedule", "continuous", "trigger", "queue", "email_notifications", "run_as", "git_source"]
    {
        if settings.get(name).is_some_and(|value| !value.is_object()) {
            return Err(wrong_type(name, "an object"));
        }
    }
    check_git_source(settings)
}

fn check_git_source(settings: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(source) = settings.get("git_source") else { return Ok(()) };
    let text = |name: &str| source.get(name).and_then(Value::as_str).unwrap_or_default();
    let provider = text("git_provider").to_lowercase();
    if !GIT_PROVIDERS.contains(&provider.as_str()) {
        let message = format!("git_source.git_provider must be one of: {}", GIT_PROVIDERS.join(","));
        return Err(ApiError::invalid_parameter(message));
    }
    if text("git_url").is_empty() {
        return Err(ApiError::invalid_parameter("Missing required field: settings.git_source.git_url"));
    }
    let refs = ["git_branch", "git_tag", "git_commit"];
    if refs.into_iter().filter(|name| !text(name).is_empty()).count() > 1 {
        let message = format!("git_source must name only one of {}.", refs.join(", "));
        return Err(ApiError::invalid_parameter(message));
    }
    Ok(())
}

fn check_keys(settings: &Map<String, Value>) -> Result<(), ApiError> {
    for (array, key) in KEYED_ARRAYS {
        let Some(value) = settings.get(array) else { continue };
        let entries = value.as_array().ok_or_else(|| wrong_type(array, "an array"))?;
        if array == "tasks" && entries.len() > MAX_TASKS {
            return Err(ApiError::invalid_parameter(format!("A job can have at most {MAX_TASKS} tasks.")));
        }
        let mut seen = BTreeSet::new();
        for entry in entries {
            let name = entry.get(key).and_then(Value::as_str).filter(|name| !name.is_empty());
            let name = name.ok_or_else(|| {
                ApiError::invalid_parameter(format!("Every entry of '{array}' must have a '{key}'."))
            })?;
            if !seen.insert(name) {
                let message =
                    format!("Duplicate {key} '{name}' in '{array}': it must be unique within the job.");
                return Err(ApiError::invalid_parameter(message));
            }
        }
    }
    Ok(())
}

fn check_triggers(settings: &Map<String, Value>) -> Result<(), ApiError> {
    let given: Vec<&str> = TRIGGERS.into_iter().filter(|name| settings.contains_key(*name)).collect();
    if given.len() > 1 {
        let message =
            format!("Only one of schedule, continuous and trigger can be set, got {}.", given.join(" and "));
        return Err(ApiError::invalid_parameter(message));
    }
    for trigger in given {
        let pause = settings.get(trigger).and_then(|trigger| trigger.get("pause_status"));
        if let Some(pause) = pause.filter(|pause| !pause.is_null())
            && !matches!(pause.as_str(), Some("PAUSED" | "UNPAUSED"))
        {
            return Err(ApiError::invalid_parameter(format!("Invalid pause_status: {pause}.")));
        }
    }
    if let Some(schedule) = settings.get("schedule") {
        let text = |name: &str| {
            schedule.get(name).and_then(Value::as_str).ok_or_else(|| {
                ApiError::invalid_parameter(format!("Missing required field: settings.schedule.{name}"))
            })
        };
        Quartz::parse(text("quartz_cron_expression")?, text("timezone_id")?)
            .map_err(ApiError::invalid_parameter)?;
    }
    if let Some(trigger) = settings.get("trigger") {
        let kinds = ["file_arrival", "table_update", "table", "periodic", "model", "sql_condition"];
        if !kinds.iter().any(|kind| trigger.get(*kind).is_some_and(|kind| !kind.is_null())) {
            return Err(ApiError::invalid_parameter("A trigger must say what it waits for."));
        }
        if let Some(periodic) = trigger.get("periodic") {
            let is_valid =
                periodic.get("interval").and_then(Value::as_i64).is_some_and(|interval| interval > 0)
                    && matches!(
                        periodic.get("unit").and_then(Value::as_str),
                        Some("MINUTES" | "HOURS" | "DAYS" | "WEEKS")
                    );
            if !is_valid {
                let message =
                    "A periodic trigger needs a positive interval and a unit of HOURS, DAYS or WEEKS.";
                return Err(ApiError::invalid_parameter(message));
            }
        }
        if let Some(arrival) = trigger.get("file_arrival")
            && arrival.get("url").and_then(Value::as_str).is_none()
        {
            return Err(ApiError::invalid_parameter("A file arrival trigger needs a url."));
        }
    }
    Ok(())
}

fn wrong_type(field: &str, wanted: &str) -> ApiError {
    ApiError::invalid_parameter(format!("Field '{field}' must be {wanted}."))
}
