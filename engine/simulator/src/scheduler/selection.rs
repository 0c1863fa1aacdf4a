//! Which tasks of a job run when a call asks for some of them only.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::state::run::dependencies;

/// The keys that an `only` of run-now stands for: `+key` adds all tasks before one, `key+` all after it.
///
/// # Errors
/// The first key that no task has.
pub(crate) fn selected(tasks: &[Value], only: &[String]) -> Result<BTreeSet<String>, String> {
    let tasks: Vec<(&str, Vec<&str>)> = tasks
        .iter()
        .filter_map(Value::as_object)
        .filter_map(|task| Some((task.get("task_key")?.as_str()?, dependencies(task))))
        .collect();
    let mut chosen = BTreeSet::new();
    for wish in only {
        let has_upstream = wish.starts_with('+');
        let has_downstream = wish.ends_with('+');
        let key = wish.trim_matches('+');
        if !tasks.iter().any(|(known, _)| *known == key) {
            return Err(key.to_owned());
        }
        chosen.insert(key.to_owned());
        if has_upstream {
            chosen.extend(reached(key, |key| {
                tasks
                    .iter()
                    .filter(|(known, _)| *known == key)
                    .flat_map(|(_, before)| before.clone())
                    .collect()
            }));
        }
        if has_downstream {
            chosen.extend(reached(key, |key| {
                tasks.iter().filter(|(_, before)| before.contains(&key)).map(|(after, _)| *after).collect()
            }));
        }
    }
    Ok(chosen)
}

/// Everything that is reached from a key step by step.
fn reached<'a>(from: &'a str, next: impl Fn(&'a str) -> Vec<&'a str>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(key) = open.pop() {
        open.extend(next(key).into_iter().filter(|key| found.insert((*key).to_owned())));
    }
    found
}

/// The tasks that the overrides of a run leave, all when they name none.
pub(super) fn kept<'a>(tasks: &'a [Value], overrides: &Map<String, Value>) -> Vec<&'a Map<String, Value>> {
    let only = overrides.get("only").and_then(Value::as_array);
    let only: Option<Vec<String>> =
        only.map(|only| only.iter().filter_map(|key| key.as_str().map(str::to_owned)).collect());
    let chosen = only.filter(|only| !only.is_empty()).and_then(|only| selected(tasks, &only).ok());
    let is_kept = |task: &&Map<String, Value>| {
        let key = task.get("task_key").and_then(Value::as_str).unwrap_or_default();
        chosen.as_ref().is_none_or(|chosen| chosen.contains(key))
    };
    tasks.iter().filter_map(Value::as_object).filter(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chosen(only: &[&str]) -> Result<Vec<String>, String> {
        let after = |key: &str| json!([{"task_key": key}]);
        let tasks = [
            json!({"task_key": "a"}),
            json!({"task_key": "b", "depends_on": after("a")}),
            json!({"task_key": "c", "depends_on": after("b")}),
            json!({"task_key": "d"}),
        ];
        let only: Vec<String> = only.iter().map(|key| (*key).to_owned()).collect();
        selected(&tasks, &only).map(|keys| keys.into_iter().collect())
    }

    #[test]
    fn a_key_brings_what_is_before_and_after_it_when_asked() {
        for (only, expected) in [
            (&["b"] as &[&str], &["b"] as &[&str]),
            (&["+b"], &["a", "b"]),
            (&["b+", "d"], &["b", "c", "d"]),
            (&["+b+"], &["a", "b", "c"]),
        ] {
            let expected: Vec<String> = expected.iter().map(|key| (*key).to_owned()).collect();
            assert_eq!(chosen(only), Ok(expected), "{only:?}");
        }
        assert_eq!(chosen(&["a", "+z"]), Err("z".to_owned()));
    }
}
