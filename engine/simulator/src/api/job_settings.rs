//! What a job's settings may be, and how an update changes them.

use serde_json::{Map, Value, json};

use super::ApiError;
use crate::state::State;

mod checks;
pub(crate) mod new_clusters;
mod task_checks;

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

/// Checks settings and adds what the service adds. Unknown fields stay as they are. What the job is already, as
/// `known` has it, is not checked against the workspace again; of a new one that is empty.
pub(crate) fn complete(
    state: &State,
    mut settings: Map<String, Value>,
    known: &Map<String, Value>,
    version: u8,
) -> Result<Map<String, Value>, ApiError> {
    settings.retain(|_, value| !value.is_null());
    adopt_legacy_task(&mut settings);
    checks::check(&settings)?;
    new_clusters::check(state, &settings, known)?;
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
    if let Some(Value::Array(clusters)) = settings.get_mut("job_clusters") {
        clusters
            .iter_mut()
            .filter_map(Value::as_object_mut)
            .for_each(|cluster| new_clusters::complete(state, cluster));
    }
    if version >= 2 {
        // Since API 2.2, jobs queue unless told otherwise.
        settings.entry("queue").or_insert_with(|| json!({"enabled": true}));
    }
    let has_git_source = settings.contains_key("git_source");
    if let Some(Value::Array(tasks)) = settings.get_mut("tasks") {
        let source = if has_git_source { "GIT" } else { "WORKSPACE" };
        tasks.iter_mut().filter_map(Value::as_object_mut).for_each(|task| complete_task(state, task, source));
    }
    Ok(settings)
}

/// `source` is where notebooks come from that do not say it.
fn complete_task(state: &State, task: &mut Map<String, Value>, source: &str) {
    task.retain(|_, value| !value.is_null());
    task.entry("run_if").or_insert_with(|| "ALL_SUCCESS".into());
    task.entry("timeout_seconds").or_insert_with(|| 0.into());
    task.entry("email_notifications").or_insert_with(|| json!({}));
    new_clusters::complete(state, task);
    if let Some(Value::Object(inner)) = task.get_mut("for_each_task").and_then(|task| task.get_mut("task")) {
        complete_task(state, inner, source);
    }
    if let Some(Value::Object(notebook)) = task.get_mut("notebook_task") {
        notebook.entry("source").or_insert_with(|| source.into());
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

#[cfg(test)]
mod tests;
