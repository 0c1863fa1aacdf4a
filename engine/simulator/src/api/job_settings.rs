//! What a job's settings may be, and how an update changes them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::ApiError;
use crate::quartz::Quartz;

const MAX_TASKS: usize = 1_000;
const MAX_CONCURRENT_RUNS: i64 = 1_000;
const MAX_NAME_BYTES: usize = 4_096;
const MAX_TAGS: usize = 25;

/// The arrays whose entries an update merges, with the field that names an entry.
const KEYED_ARRAYS: [(&str, &str); 4] = [
    ("tasks", "task_key"),
    ("job_clusters", "job_cluster_key"),
    ("parameters", "name"),
    ("environments", "environment_key"),
];

/// What a trigger's settings are called.
const TRIGGERS: [&str; 3] = ["schedule", "continuous", "trigger"];

/// What a task can do when the settings are those of one task, as API 2.0 has them.
const LEGACY_TASKS: [&str; 5] =
    ["notebook_task", "spark_jar_task", "spark_python_task", "spark_submit_task", "pipeline_task"];

/// Checks settings and adds what the service adds. Unknown fields stay as they are.
pub(crate) fn complete(
    mut settings: Map<String, Value>,
    version: u8,
) -> Result<Map<String, Value>, ApiError> {
    settings.retain(|_, value| !value.is_null());
    adopt_legacy_task(&mut settings);
    check_scalars(&settings)?;
    check_keys(&settings)?;
    check_tasks(&settings)?;
    check_triggers(&settings)?;
    for trigger in TRIGGERS {
        if let Some(Value::Object(trigger)) = settings.get_mut(trigger) {
            trigger.entry("pause_status").or_insert_with(|| "UNPAUSED".into());
        }
    }
    let defaults = [
        ("name", json!("Untitled")),
        ("email_notifications", json!({})),
        ("webhook_notifications", json!({})),
        ("timeout_seconds", json!(0)),
        ("max_concurrent_runs", json!(1)),
    ];
    for (name, value) in defaults {
        settings.entry(name).or_insert(value);
    }
    settings.insert("format".into(), "MULTI_TASK".into());
    if version >= 2 {
        // Since API 2.2, jobs queue unless told otherwise.
        settings.entry("queue").or_insert_with(|| json!({"enabled": true}));
    }
    if let Some(Value::Array(tasks)) = settings.get_mut("tasks") {
        tasks.iter_mut().filter_map(Value::as_object_mut).for_each(complete_task);
    }
    Ok(settings)
}

fn complete_task(task: &mut Map<String, Value>) {
    task.retain(|_, value| !value.is_null());
    task.entry("run_if").or_insert_with(|| "ALL_SUCCESS".into());
    task.entry("timeout_seconds").or_insert_with(|| 0.into());
    task.entry("email_notifications").or_insert_with(|| json!({}));
    if let Some(Value::Object(notebook)) = task.get_mut("notebook_task") {
        notebook.entry("source").or_insert_with(|| "WORKSPACE".into());
    }
}

/// Makes one task of the fields that API 2.0 has at the top.
fn adopt_legacy_task(settings: &mut Map<String, Value>) {
    if settings.contains_key("tasks") || !LEGACY_TASKS.iter().any(|name| settings.contains_key(*name)) {
        return;
    }
    let mut task = Map::new();
    task.insert("task_key".into(), "main".into());
    for name in LEGACY_TASKS.iter().chain(&["existing_cluster_id", "new_cluster", "libraries", "max_retries"])
    {
        if let Some(value) = settings.remove(*name) {
            task.insert((*name).into(), value);
        }
    }
    settings.insert("tasks".into(), Value::Array(vec![Value::Object(task)]));
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

fn check_tasks(settings: &Map<String, Value>) -> Result<(), ApiError> {
    let list =
        |name: &str| settings.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names = |array: &str, key: &str| -> BTreeSet<String> {
        list(array).iter().filter_map(|entry| entry.get(key)?.as_str().map(str::to_owned)).collect()
    };
    let (task_keys, cluster_keys) = (names("tasks", "task_key"), names("job_clusters", "job_cluster_key"));
    for task in list("tasks") {
        let key = task.get("task_key").and_then(Value::as_str).unwrap_or_default();
        let upstream =
            task.get("depends_on").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for parent in upstream.iter().map(|parent| parent.get("task_key").and_then(Value::as_str)) {
            if parent.is_none_or(|parent| !task_keys.contains(parent)) {
                let parent = parent.unwrap_or_default();
                let message = format!("Task '{key}' depends on '{parent}', which is not a task of this job.");
                return Err(ApiError::invalid_parameter(message));
            }
        }
        if let Some(cluster) = task.get("job_cluster_key").and_then(Value::as_str)
            && !cluster_keys.contains(cluster)
        {
            let message = format!("Job cluster '{cluster}' is not defined in field 'job_clusters'.");
            return Err(ApiError::invalid_parameter(message));
        }
        let compute = ["existing_cluster_id", "new_cluster", "job_cluster_key"];
        if compute.iter().filter(|name| task.get(**name).is_some()).count() > 1 {
            let message = format!("Task '{key}' must name only one of {}.", compute.join(", "));
            return Err(ApiError::invalid_parameter(message));
        }
        if let Some(notebook) = task.get("notebook_task")
            && notebook.get("notebook_path").and_then(Value::as_str).is_none()
        {
            return Err(ApiError::invalid_parameter(format!("Task '{key}' must have a notebook_path.")));
        }
    }
    if has_cycle(list("tasks")) {
        return Err(ApiError::invalid_parameter("The tasks of the job depend on one another in a cycle."));
    }
    Ok(())
}

fn has_cycle(tasks: &[Value]) -> bool {
    let key = |task: &Value| task.get("task_key").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut left: Vec<&Value> = tasks.iter().collect();
    loop {
        let open: BTreeSet<String> = left.iter().map(|task| key(task)).collect();
        let before = left.len();
        left.retain(|task| {
            let upstream =
                task.get("depends_on").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            upstream.iter().any(|parent| open.contains(&key(parent)))
        });
        if left.is_empty() || left.len() == before {
            return !left.is_empty();
        }
    }
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

/// What `jobs/update` makes of settings: keyed arrays are merged, other fields replaced, some removed.
pub(crate) fn merge(
    mut settings: Map<String, Value>,
    new_settings: Map<String, Value>,
    fields_to_remove: &[String],
) -> Result<Map<String, Value>, ApiError> {
    for (name, value) in new_settings {
        let key = KEYED_ARRAYS.iter().find(|(array, _)| *array == name).map(|(_, key)| *key);
        match (key, value) {
            (_, Value::Null) => {}
            (Some(key), Value::Array(entries)) => {
                let known = settings.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(known) = known {
                    merge_entries(known, entries, key);
                }
            }
            (_, value) => {
                // A job has one trigger: a new kind takes the place of the old one.
                if TRIGGERS.contains(&name.as_str()) {
                    TRIGGERS.iter().filter(|other| **other != name).for_each(|other| {
                        settings.remove(*other);
                    });
                }
                settings.insert(name, value);
            }
        }
    }
    for field in fields_to_remove {
        remove_field(&mut settings, field)?;
    }
    Ok(settings)
}

fn merge_entries(known: &mut Vec<Value>, entries: Vec<Value>, key: &str) {
    for entry in entries {
        let place = known.iter_mut().find(|old| old.get(key).is_some() && old.get(key) == entry.get(key));
        match place {
            Some(place) => *place = entry,
            None => known.push(entry),
        }
    }
}

fn remove_field(settings: &mut Map<String, Value>, field: &str) -> Result<(), ApiError> {
    let Some((array, name)) = field.split_once('/') else {
        settings.remove(field);
        return Ok(());
    };
    let key = KEYED_ARRAYS.iter().find(|(known, _)| *known == array).map(|(_, key)| *key);
    let key = key.ok_or_else(|| {
        ApiError::invalid_parameter(format!("Removing the nested field '{field}' is not supported."))
    })?;
    if let Some(Value::Array(entries)) = settings.get_mut(array) {
        entries.retain(|entry| entry.get(key).and_then(Value::as_str) != Some(name));
    }
    Ok(())
}

/// What matters of settings in one line, without ids.
pub(crate) fn essence(settings: &Map<String, Value>) -> String {
    let mut parts = Vec::new();
    if let Some(runs) = settings.get("max_concurrent_runs") {
        parts.push(format!("max_concurrent_runs={runs}"));
    }
    for trigger in TRIGGERS {
        let Some(value) = settings.get(trigger) else { continue };
        let pause = value.get("pause_status").and_then(Value::as_str).unwrap_or("UNPAUSED");
        let cron = value.get("quartz_cron_expression").and_then(Value::as_str);
        parts.push(format!("{trigger}={}{pause}", cron.map(|cron| format!("{cron} ")).unwrap_or_default()));
    }
    if let Some(tasks) = settings.get("tasks").and_then(Value::as_array) {
        parts.push(format!("tasks={}", tasks.len()));
    }
    parts.join(", ")
}

fn wrong_type(field: &str, wanted: &str) -> ApiError {
    ApiError::invalid_parameter(format!("Field '{field}' must be {wanted}."))
}

#[cfg(test)]
mod tests;
