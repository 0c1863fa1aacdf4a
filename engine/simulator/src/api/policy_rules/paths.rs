//! Settings by the paths that rules name them by: `spark_conf.spark.speculation`, `init_scripts.*.s3.destination`.

use serde_json::{Map, Value};

/// Maps whose keys are not settings of their own, and may have dots.
const FREE_MAPS: [&str; 3] = ["spark_conf", "custom_tags", "spark_env_vars"];

/// The value at a path without stars.
pub(super) fn lookup(settings: &Map<String, Value>, path: &str) -> Option<Value> {
    found(settings, path).into_iter().next().map(|(_, value)| value)
}

/// The values at a path, each with the place where it is; a star stands for any key or index.
pub(super) fn found(settings: &Map<String, Value>, path: &str) -> Vec<(String, Value)> {
    if path == "*" {
        return settings.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    }
    if let Some(value) = settings.get(path) {
        return vec![(path.to_owned(), value.clone())];
    }
    let Some((head, rest)) = path.split_once('.') else { return Vec::new() };
    let inner = |key: &str, value: &Value| found_within(value, rest, key);
    if head == "*" {
        return settings.iter().flat_map(|(key, value)| inner(key, value)).collect();
    }
    settings.get(head).map(|value| inner(head, value)).unwrap_or_default()
}

fn found_within(value: &Value, path: &str, above: &str) -> Vec<(String, Value)> {
    let entries = match value {
        Value::Object(fields) => found(fields, path),
        Value::Array(values) => {
            let numbered = values.iter().enumerate().map(|(index, value)| (index.to_string(), value.clone()));
            found(&numbered.collect(), path)
        }
        _ => Vec::new(),
    };
    entries.into_iter().map(|(place, value)| (format!("{above}.{place}"), value)).collect()
}

/// Puts a value at a path without stars.
pub(super) fn insert(settings: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((head, rest)) = path.split_once('.') else {
        settings.insert(path.to_owned(), value);
        return;
    };
    let inner = settings.entry(head).or_insert_with(|| Value::Object(Map::new()));
    match inner {
        Value::Object(inner) if FREE_MAPS.contains(&head) => {
            inner.insert(rest.to_owned(), plain(&value).into());
        }
        Value::Object(inner) => insert(inner, rest, value),
        _ => {}
    }
}

/// Takes away what is at a path, and what is empty without it.
pub(super) fn remove(settings: &mut Map<String, Value>, path: &str) {
    if settings.remove(path).is_some() {
        return;
    }
    let Some((head, rest)) = path.split_once('.') else { return };
    if let Some(Value::Object(inner)) = settings.get_mut(head) {
        remove(inner, rest);
        if inner.is_empty() {
            settings.remove(head);
        }
    }
}

/// A value as rules compare it.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
