//! What differs between two canonical forms, field by field, as a person reads it.

use std::collections::{BTreeMap, BTreeSet};

use farshore_model::{kind::ObjectKey, plan::FieldChange};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::references::{referred, unresolved};

/// Fields by which the elements of a list are told apart.
const ELEMENT_KEYS: [&str; 9] = [
    "task_key",
    "job_cluster_key",
    "environment_key",
    "name",
    "key",
    "destination",
    "user_name",
    "group_name",
    "service_principal_name",
];
/// Longer texts are cut in a plan; the object itself is carried whole.
const LONGEST_TEXT: usize = 400;
/// Changed lines of a notebook that a plan shows.
const MOST_LINES: usize = 40;

/// The fields that differ, sorted by path. References are shown by the name of what they refer to.
pub(crate) fn fields(
    before: &Value,
    after: &Value,
    name_of: &dyn Fn(&ObjectKey) -> Option<String>,
) -> Vec<FieldChange> {
    let (before, after) = (flat(before, name_of), flat(after, name_of));
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
    changed
        .map(|path| FieldChange {
            path: path.clone(),
            before: before.get(path).cloned(),
            after: after.get(path).cloned(),
        })
        .collect()
}

/// The changed lines of a notebook: those that go and those that come.
pub(crate) fn source(before: &str, after: &str) -> FieldChange {
    let diff = TextDiff::from_lines(before, after);
    let lines = |tag: ChangeTag| {
        let changed: Vec<&str> = diff
            .iter_all_changes()
            .filter(|change| change.tag() == tag)
            .map(|change| change.value())
            .collect();
        let shown = changed.iter().take(MOST_LINES);
        let mut text: String = shown.map(|line| cut(line.trim_end_matches('\n')) + "\n").collect();
        if changed.len() > MOST_LINES {
            text.push_str(&format!("… and {} more lines\n", changed.len() - MOST_LINES));
        }
        let text = text.trim_end_matches('\n').to_owned();
        (!text.is_empty()).then_some(text)
    };
    FieldChange {
        path: "source".to_owned(),
        before: lines(ChangeTag::Delete),
        after: lines(ChangeTag::Insert),
    }
}

fn flat(value: &Value, name_of: &dyn Fn(&ObjectKey) -> Option<String>) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    flatten(value, String::new(), name_of, &mut fields);
    fields
}

fn flatten(
    value: &Value,
    path: String,
    name_of: &dyn Fn(&ObjectKey) -> Option<String>,
    fields: &mut BTreeMap<String, String>,
) {
    if let Some(key) = referred(value) {
        let name = name_of(&key).unwrap_or_else(|| key.key.to_string());
        fields.insert(path, format!("{} \"{name}\"", key.kind.singular()));
        return;
    }
    if let Some(id) = unresolved(value) {
        fields.insert(path, format!("{id} (not found)"));
        return;
    }
    match value {
        Value::Object(map) => {
            for (field, value) in map {
                let path = if path.is_empty() { field.clone() } else { format!("{path}.{field}") };
                flatten(value, path, name_of, fields);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                flatten(item, format!("{path}[{}]", element(item, at)), name_of, fields);
            }
        }
        Value::String(text) => {
            fields.insert(path, cut(text));
        }
        other => {
            fields.insert(path, other.to_string());
        }
    }
}

fn element(item: &Value, at: usize) -> String {
    let key = ELEMENT_KEYS.iter().find_map(|key| item.get(key).and_then(Value::as_str));
    key.map_or_else(|| at.to_string(), str::to_owned)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_are_told_apart_by_their_keys() {
        let before = json!({"tasks": [{"task_key": "b", "n": 1}, {"task_key": "c", "n": 1}], "gone": true});
        let after = json!({"tasks": [{"task_key": "a", "n": 0}, {"task_key": "b", "n": 2}, {"task_key": "c", "n": 1}]});
        let changes = fields(&before, &after, &|_| None);
        let paths: Vec<_> = changes.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["gone", "tasks[a].n", "tasks[a].task_key", "tasks[b].n"]);
        assert_eq!((changes[3].before.as_deref(), changes[3].after.as_deref()), (Some("1"), Some("2")));
    }

    #[test]
    fn references_are_shown_by_name() {
        let before = json!({"policy_id": {"$ref": "cluster_policies/1:a"}});
        let after = json!({"policy_id": {"$unresolved": "cluster_policies/b"}});
        let change = fields(&before, &after, &|_| Some("Small".to_owned())).remove(0);
        assert_eq!(change.before.as_deref(), Some("cluster policy \"Small\""));
        assert_eq!(change.after.as_deref(), Some("cluster_policies/b (not found)"));
    }

    #[test]
    fn only_changed_lines_of_a_notebook_are_shown() {
        let change = source("a\nb\nc\n", "a\nx\nc\n");
        assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("b"), Some("x")));
        let long: String = (0..100).map(|line| format!("{line}\n")).collect();
        assert!(source("", &long).after.unwrap().ends_with("… and 60 more lines"));
    }
}
