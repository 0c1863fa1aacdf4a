//! What the tasks of a job may be.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::api::ApiError;
use crate::state::run::dependencies;

const MAX_KEY_LENGTH: usize = 100;
const RUN_IF: [&str; 6] =
    ["ALL_SUCCESS", "ALL_DONE", "NONE_FAILED", "AT_LEAST_ONE_SUCCESS", "ALL_FAILED", "AT_LEAST_ONE_FAILED"];
const CONDITIONS: [&str; 6] =
    ["EQUAL_TO", "NOT_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL"];

/// What tasks refer to within their job.
struct Job<'a> {
    task_keys: BTreeSet<&'a str>,
    conditions: BTreeSet<&'a str>,
    cluster_keys: BTreeSet<&'a str>,
    environment_keys: BTreeSet<&'a str>,
    has_git_source: bool,
}

/// Refuses tasks that the service refuses.
pub(super) fn check(settings: &Map<String, Value>) -> Result<(), ApiError> {
    let list =
        |name: &str| settings.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names = |array: &str, key: &str| -> BTreeSet<&str> {
        list(array).iter().filter_map(|entry| entry.get(key)?.as_str()).collect()
    };
    let tasks: Vec<&Map<String, Value>> = list("tasks").iter().filter_map(Value::as_object).collect();
    let job = Job {
        task_keys: names("tasks", "task_key"),
        conditions: tasks
            .iter()
            .filter(|task| is_given(task, "condition_task"))
            .map(|task| key_of(task))
            .collect(),
        cluster_keys: names("job_clusters", "job_cluster_key"),
        environment_keys: names("environments", "environment_key"),
        has_git_source: is_given(settings, "git_source"),
    };
    for task in &tasks {
        check_dependencies(task, &job)?;
        check_task(task, &job)?;
    }
    if has_cycle(&tasks) {
        return Err(ApiError::invalid_parameter("The tasks of the job depend on one another in a cycle."));
    }
    Ok(())
}

fn is_given(fields: &Map<String, Value>, name: &str) -> bool {
    fields.get(name).is_some_and(|value| !value.is_null())
}

fn key_of(task: &Map<String, Value>) -> &str {
    task.get("task_key").and_then(Value::as_str).unwrap_or_default()
}

fn check_dependencies(task: &Map<String, Value>, job: &Job<'_>) -> Result<(), ApiError> {
    let key = key_of(task);
    let upstream = task.get("depends_on").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for parent in upstream {
        let name = parent.get("task_key").and_then(Value::as_str).unwrap_or_default();
        if !job.task_keys.contains(name) {
            let message = format!("Task '{key}' depends on '{name}', which is not a task of this job.");
            return Err(ApiError::invalid_parameter(message));
        }
        let has_outcome = parent.get("outcome").is_some_and(|outcome| !outcome.is_null());
        if has_outcome && !job.conditions.contains(name) {
            let message =
                format!("Task '{key}' waits for an outcome of '{name}', which is not a condition task.");
            return Err(ApiError::invalid_parameter(message));
        }
    }
    Ok(())
}

/// What holds for a task and for the one inside a for-each task alike.
fn check_task(task: &Map<String, Value>, job: &Job<'_>) -> Result<(), ApiError> {
    let key = key_of(task);
    let wrong = |message: String| Err(ApiError::invalid_parameter(message));
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    if key.is_empty() || key.len() > MAX_KEY_LENGTH || !key.chars().all(is_letter) {
        return wrong(format!(
            "Invalid task_key '{key}': it must have 1 to {MAX_KEY_LENGTH} letters, digits, '-' and '_'."
        ));
    }
    // A type that came after this was written is a type all the same.
    let types: Vec<&str> = task
        .keys()
        .map(String::as_str)
        .filter(|name| name.ends_with("_task") && is_given(task, name))
        .collect();
    match types.as_slice() {
        [] => {
            return wrong(format!(
                "Task '{key}' does not say what it runs: exactly one type of task is needed."
            ));
        }
        [_] => {}
        _ => {
            return wrong(format!(
                "Task '{key}' must have exactly one type of task, not {}.",
                types.join(", ")
            ));
        }
    }
    let run_if = task.get("run_if").and_then(Value::as_str);
    if let Some(run_if) = run_if.filter(|run_if| !RUN_IF.contains(run_if)) {
        return wrong(format!(
            "Invalid run_if '{run_if}' of task '{key}': it must be one of {}.",
            RUN_IF.join(", ")
        ));
    }
    check_compute(task, job)?;
    check_notebook(task, job.has_git_source)?;
    check_condition(task)?;
    check_loop(task, job)
}

fn check_compute(task: &Map<String, Value>, job: &Job<'_>) -> Result<(), ApiError> {
    let text = |name: &str| task.get(name).and_then(Value::as_str);
    if let Some(cluster) = text("job_cluster_key").filter(|key| !job.cluster_keys.contains(key)) {
        let message = format!("Job cluster '{cluster}' is not defined in field 'job_clusters'.");
        return Err(ApiError::invalid_parameter(message));
    }
    if let Some(environment) = text("environment_key").filter(|key| !job.environment_keys.contains(key)) {
        let message = format!("Environment '{environment}' is not defined in field 'environments'.");
        return Err(ApiError::invalid_parameter(message));
    }
    let compute = ["existing_cluster_id", "new_cluster", "job_cluster_key"];
    if compute.iter().filter(|name| is_given(task, name)).count() > 1 {
        let message = format!("Task '{}' must name only one of {}.", key_of(task), compute.join(", "));
        return Err(ApiError::invalid_parameter(message));
    }
    Ok(())
}

fn check_notebook(task: &Map<String, Value>, has_git_source: bool) -> Result<(), ApiError> {
    let Some(notebook) = task.get("notebook_task").filter(|notebook| !notebook.is_null()) else {
        return Ok(());
    };
    let text = |name: &str| notebook.get(name).and_then(Value::as_str);
    let Some(path) = text("notebook_path").filter(|path| !path.is_empty()) else {
        return Err(ApiError::invalid_parameter(format!(
            "Task '{}' must have a notebook_path.",
            key_of(task)
        )));
    };
    let default = if has_git_source { "GIT" } else { "WORKSPACE" };
    let is_in_workspace = text("source").unwrap_or(default) == "WORKSPACE";
    if is_in_workspace && !path.starts_with('/') {
        let message = format!(
            "Invalid notebook_path: {path}. Only absolute paths are currently supported. Paths must begin with '/'."
        );
        return Err(ApiError::invalid_parameter(message));
    }
    Ok(())
}

fn check_condition(task: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(condition) = task.get("condition_task").filter(|condition| !condition.is_null()) else {
        return Ok(());
    };
    let key = key_of(task);
    let text = |name: &str| condition.get(name).and_then(Value::as_str);
    if let Some(missing) = ["left", "right"].into_iter().find(|side| text(side).is_none()) {
        return Err(ApiError::invalid_parameter(format!("The condition of task '{key}' needs '{missing}'.")));
    }
    if text("op").is_none_or(|op| !CONDITIONS.contains(&op)) {
        let message = format!("The condition of task '{key}' needs an op out of {}.", CONDITIONS.join(", "));
        return Err(ApiError::invalid_parameter(message));
    }
    Ok(())
}

fn check_loop(task: &Map<String, Value>, job: &Job<'_>) -> Result<(), ApiError> {
    let Some(repeated) = task.get("for_each_task").filter(|repeated| !repeated.is_null()) else {
        return Ok(());
    };
    let key = key_of(task);
    if repeated.get("inputs").and_then(Value::as_str).is_none() {
        return Err(ApiError::invalid_parameter(format!("The for-each task '{key}' needs inputs.")));
    }
    let Some(inner) = repeated.get("task").and_then(Value::as_object) else {
        return Err(ApiError::invalid_parameter(format!(
            "The for-each task '{key}' needs a task to repeat."
        )));
    };
    if is_given(inner, "for_each_task") {
        let message = format!("The for-each task '{key}' cannot have another one inside.");
        return Err(ApiError::invalid_parameter(message));
    }
    check_task(inner, job)
}

fn has_cycle(tasks: &[&Map<String, Value>]) -> bool {
    let mut left = tasks.to_vec();
    loop {
        let open: BTreeSet<&str> = left.iter().map(|task| key_of(task)).collect();
        let before = left.len();
        left.retain(|task| dependencies(task).iter().any(|parent| open.contains(parent)));
        if left.is_empty() || left.len() == before {
            return !left.is_empty();
        }
    }
}
