//! Jobs: on a passive side they have no concurrency, and every trigger is paused.

use async_trait::async_trait;
use farshore_databricks::{ApiError, ErrorKind, WorkspaceClient};
use serde_json::{Map, Value, json};

use super::{Added, Canonical, Kind, LeftTo, Listed, Naming, Write, every, found};
use crate::{
    canonical::{into_map, only, put_mark, take_mark, text, without_empty},
    cluster_spec,
    inventory::Look,
    references::{KeyLookup, to_keys},
};

/// The settings that start runs; each has a pause state, and so may what is inside them. The last one is a list,
/// each element of which has one.
const TRIGGERS: [&str; 4] = ["schedule", "continuous", "trigger", "triggers"];
const PAUSE: &str = "pause_status";
const CONCURRENCY: &str = "max_concurrent_runs";
const DEFAULT_CONCURRENCY: i64 = 1;
const TAGS: &str = "tags";

pub(crate) struct Jobs;

#[async_trait]
impl Kind for Jobs {
    fn naming(&self) -> Naming {
        Naming::AnyName
    }

    fn added(&self) -> Added {
        Added::Settings
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        every(look.client.list_jobs().await?, listed)
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        Ok(found(client.get_job(number(id)?).await)?.and_then(listed))
    }

    fn canonical(&self, raw: &Value, keys: &dyn KeyLookup) -> Canonical {
        let mut settings = settings_of(raw);
        take_mark(&mut settings, TAGS);
        normalise(&mut settings, keys);
        set(&mut settings, &passive_activation(raw));
        let mut form = without_empty(Value::Object(settings));
        let problems = to_keys(&mut form, keys);
        Canonical { form, problems }
    }

    fn tags<'a>(&self, raw: &'a Value) -> Option<&'a Map<String, Value>> {
        raw.get("settings")?.get(TAGS)?.as_object()
    }

    fn left_to(&self, _id: &str, raw: &Value) -> Option<LeftTo> {
        match text(raw.get("settings")?.get("deployment")?, "kind")? {
            "BUNDLE" => Some(LeftTo::Bundle),
            "SYSTEM_MANAGED" => Some(LeftTo::Databricks),
            _ => None,
        }
    }

    fn activation(&self, raw: &Value, _keys: &dyn KeyLookup) -> Option<Value> {
        let settings = raw.get("settings")?;
        let concurrency = settings.get(CONCURRENCY).and_then(Value::as_i64).unwrap_or(DEFAULT_CONCURRENCY);
        Some(activation_of(settings, concurrency, |trigger| {
            text(trigger, PAUSE).unwrap_or("UNPAUSED").to_owned()
        }))
    }

    fn passive(&self, raw: &Value, _keys: &dyn KeyLookup) -> Option<Value> {
        raw.get("settings").map(|_| passive_activation(raw))
    }

    async fn create(
        &self,
        target: &WorkspaceClient,
        _key: &str,
        write: Write<'_>,
        mark: &str,
    ) -> Result<String, ApiError> {
        let mut settings = into_map(write.form.clone());
        put_mark(&mut settings, TAGS, mark);
        target.create_job(&Value::Object(settings)).await.map(|id| id.to_string())
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        let mut settings = into_map(write.form.clone());
        if let Some(mark) = &current.mark {
            put_mark(&mut settings, TAGS, mark);
        }
        target.reset_job(number(&current.id)?, &Value::Object(settings)).await
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        target.delete_job(number(id)?).await
    }

    async fn set_activation(
        &self,
        client: &WorkspaceClient,
        current: &Listed,
        wanted: &Value,
    ) -> Result<(), ApiError> {
        // An update replaces top-level settings as a whole: a trigger goes out with all it has.
        let mut settings = only(&Value::Object(settings_of(&current.raw)), &TRIGGERS);
        set(&mut settings, wanted);
        client.update_job(number(&current.id)?, &Value::Object(settings), &[]).await
    }
}

fn listed(raw: Value) -> Option<Listed> {
    let id = raw.get("job_id").and_then(Value::as_i64)?.to_string();
    let mut settings = settings_of(&raw);
    let name = settings.get("name").and_then(Value::as_str).unwrap_or("Untitled").to_owned();
    let mark = take_mark(&mut settings, TAGS);
    Some(Listed::new(id, name, mark, raw))
}

fn settings_of(raw: &Value) -> Map<String, Value> {
    raw.get("settings").and_then(Value::as_object).cloned().unwrap_or_default()
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| {
        ApiError::new(ErrorKind::Invalid, "jobs", format!("{id:?} in the ledger is no id of a job"))
    })
}

fn passive_activation(raw: &Value) -> Value {
    let settings = raw.get("settings").unwrap_or(&Value::Null);
    activation_of(settings, 0, |_| "PAUSED".to_owned())
}

/// `{"max_concurrent_runs": 1, "pause": {"schedule": "UNPAUSED"}}`, with one entry for each place that has a
/// pause state: the triggers, as `trigger.periodic` what inside them has one of its own, and as `triggers.0` the
/// elements of the list.
fn activation_of(settings: &Value, concurrency: i64, pause_of: impl Fn(&Value) -> String) -> Value {
    let mut pause = Map::new();
    for trigger in TRIGGERS {
        match settings.get(trigger) {
            Some(holder @ Value::Object(fields)) => {
                pause.insert(trigger.to_owned(), Value::from(pause_of(holder)));
                for (field, inner) in fields.iter().filter(|(_, inner)| inner.get(PAUSE).is_some()) {
                    pause.insert(format!("{trigger}.{field}"), Value::from(pause_of(inner)));
                }
            }
            Some(Value::Array(elements)) => {
                for (at, element) in elements.iter().enumerate().filter(|(_, element)| element.is_object()) {
                    pause.insert(format!("{trigger}.{at}"), Value::from(pause_of(element)));
                }
            }
            _ => {}
        }
    }
    let mut activation = Map::from_iter([(CONCURRENCY.to_owned(), Value::from(concurrency))]);
    if !pause.is_empty() {
        activation.insert("pause".to_owned(), Value::Object(pause));
    }
    Value::Object(activation)
}

/// Writes an activation into settings. A pause state for a trigger that the job does not have (any more) is
/// left out: it would make half a trigger.
fn set(settings: &mut Map<String, Value>, activation: &Value) {
    if let Some(concurrency) = activation.get(CONCURRENCY) {
        settings.insert(CONCURRENCY.to_owned(), concurrency.clone());
    }
    let pauses = activation.get("pause").and_then(Value::as_object).into_iter().flatten();
    for (place, pause) in pauses {
        let holder = match place.split_once('.') {
            Some((trigger, field)) => settings.get_mut(trigger).and_then(|trigger| inside(trigger, field)),
            None => settings.get_mut(place),
        };
        if let Some(Value::Object(holder)) = holder {
            holder.insert(PAUSE.to_owned(), pause.clone());
        }
    }
}

fn inside<'a>(trigger: &'a mut Value, field: &str) -> Option<&'a mut Value> {
    match trigger {
        Value::Array(elements) => elements.get_mut(field.parse::<usize>().ok()?),
        other => other.get_mut(field),
    }
}

/// Drops what the API adds by itself, and sorts what has no order.
fn normalise(settings: &mut Map<String, Value>, keys: &dyn KeyLookup) {
    settings.remove("format");
    drop_default(settings, "timeout_seconds", &json!(0));
    drop_default(settings, "edit_mode", &json!("EDITABLE"));
    if let Some(Value::Object(git)) = settings.get_mut("git_source") {
        // What the last run has found there.
        git.remove("git_snapshot");
    }
    sort_by(settings, "job_clusters", "job_cluster_key");
    sort_by(settings, "environments", "environment_key");
    sort_by(settings, "parameters", "name");
    sort_by(settings, "tasks", "task_key");
    for job_cluster in elements(settings, "job_clusters") {
        normalise_new_cluster(job_cluster, keys);
    }
    for task in elements(settings, "tasks") {
        normalise_task(task, keys);
    }
}

fn normalise_task(task: &mut Map<String, Value>, keys: &dyn KeyLookup) {
    drop_default(task, "timeout_seconds", &json!(0));
    drop_default(task, "run_if", &json!("ALL_SUCCESS"));
    sort_by(task, "depends_on", "task_key");
    normalise_new_cluster(task, keys);
    if let Some(Value::Object(inner)) = task.get_mut("for_each_task").and_then(|each| each.get_mut("task")) {
        normalise_task(inner, keys);
    }
}

fn normalise_new_cluster(holder: &mut Map<String, Value>, keys: &dyn KeyLookup) {
    if let Some(Value::Object(spec)) = holder.get_mut("new_cluster") {
        cluster_spec::normalise(spec, keys);
    }
}

fn elements<'a>(
    settings: &'a mut Map<String, Value>,
    field: &str,
) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    let array = settings.get_mut(field).and_then(Value::as_array_mut);
    array.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn drop_default(settings: &mut Map<String, Value>, field: &str, default: &Value) {
    if settings.get(field) == Some(default) {
        settings.remove(field);
    }
}

fn sort_by(settings: &mut Map<String, Value>, field: &str, key: &str) {
    if let Some(Value::Array(items)) = settings.get_mut(field) {
        items.sort_by(|left, right| text(left, key).cmp(&text(right, key)));
    }
}

#[cfg(test)]
mod tests;
