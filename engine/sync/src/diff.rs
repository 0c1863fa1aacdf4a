//! What differs between two canonical forms, field by field, as a person reads it.

mod text;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use farshore_model::{kind::ObjectKey, plan::FieldChange};
use serde_json::Value;

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
/// Longer values and lines are cut in a plan; the object itself is carried whole.
const LONGEST_TEXT: usize = 400;
/// What is shown of two long values before the place where they part.
const LEAD: usize = 40;

type Fields<'a> = BTreeMap<String, Cow<'a, str>>;

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
        .map(|path| match (before.get(path), after.get(path)) {
            (Some(before), Some(after)) if before.contains('\n') || after.contains('\n') => {
                text::change(path.clone(), before, after)
            }
            (before, after) => {
                let (before, after) = shortened(before.map(Cow::as_ref), after.map(Cow::as_ref));
                FieldChange { path: path.clone(), before, after, text: None }
            }
        })
        .collect()
}

/// What changes in a notebook.
pub(crate) fn source(before: &str, after: &str) -> FieldChange {
    text::change("source".to_owned(), before, after)
}

fn flat<'a>(value: &'a Value, name_of: &dyn Fn(&ObjectKey) -> Option<String>) -> Fields<'a> {
    let mut fields = BTreeMap::new();
    flatten(value, String::new(), name_of, &mut fields);
    fields
}

fn flatten<'a>(
    value: &'a Value,
    path: String,
    name_of: &dyn Fn(&ObjectKey) -> Option<String>,
    fields: &mut Fields<'a>,
) {
    if let Some(key) = referred(value) {
        let name = name_of(&key).unwrap_or_else(|| key.key.to_string());
        fields.insert(path, format!("{} \"{name}\"", key.kind.singular()).into());
        return;
    }
    if let Some(id) = unresolved(value) {
        fields.insert(path, format!("{id} (not found)").into());
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
            fields.insert(path, text.into());
        }
        other => {
            fields.insert(path, other.to_string().into());
        }
    }
}

fn element(item: &Value, at: usize) -> String {
    let key = ELEMENT_KEYS.iter().find_map(|key| item.get(key).and_then(Value::as_str));
    key.map_or_else(|| at.to_string(), str::to_owned)
}

/// Both values, the long ones cut to where they differ.
fn shortened(before: Option<&str>, after: Option<&str>) -> (Option<String>, Option<String>) {
    let pairs = before.unwrap_or_default().chars().zip(after.unwrap_or_default().chars());
    let common = pairs.take_while(|(before, after)| before == after).count();
    let begin = if common < LONGEST_TEXT / 2 { 0 } else { common - LEAD };
    let shown = |text: &str| {
        let lead = if begin > 0 { "…" } else { "" };
        let from = text.char_indices().nth(begin).map_or(text.len(), |(at, _)| at);
        lead.to_owned() + &cut(text.get(from..).unwrap_or_default())
    };
    (before.map(shown), after.map(shown))
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
    fn long_values_are_cut_to_where_they_differ() {
        let long = |end: &str| json!({ "conf": "é".repeat(1_000) + end });
        let change = fields(&long("a"), &long("b"), &|_| None).remove(0);
        let expected = |end: &str| Some(format!("…{}{end}", "é".repeat(LEAD)));
        assert_eq!((change.before, change.after), (expected("a"), expected("b")));
        let change = fields(&json!({}), &long("a"), &|_| None).remove(0);
        assert_eq!((change.before, change.after), (None, Some("é".repeat(LONGEST_TEXT) + "…")));
        let change = fields(&long(""), &long("a"), &|_| None).remove(0);
        assert_eq!(change.before, expected(""));
    }

    #[test]
    fn a_value_of_several_lines_is_told_line_by_line() {
        let query = |line: &str| json!({ "query": format!("SELECT 1\n{line}") });
        let change = fields(&query("FROM a"), &query("FROM b"), &|_| None).remove(0);
        assert_eq!(change.path, "query");
        assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("FROM a"), Some("FROM b")));
        assert!(change.text.is_some());
        let change = fields(&json!({}), &query("FROM b"), &|_| None).remove(0);
        assert_eq!((change.after.as_deref(), change.text), (Some("SELECT 1\nFROM b"), None));
    }
}
