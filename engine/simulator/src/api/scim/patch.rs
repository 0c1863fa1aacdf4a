//! One operation of a SCIM PATCH.

use http::StatusCode;
use serde_json::{Map, Value};

use crate::api::ApiError;

/// Applies `add`, `remove` or `replace`.
pub(super) fn apply(resource: &mut Map<String, Value>, operation: &Value) -> Result<(), ApiError> {
    let text = |name: &str| operation.get(name).and_then(Value::as_str).unwrap_or_default();
    let (op, path) = (text("op").to_lowercase(), text("path").to_owned());
    let value = operation.get("value").cloned().unwrap_or_default();
    let wrong = |detail: String| ApiError::scim(StatusCode::BAD_REQUEST, Some("invalidSyntax"), detail);
    match op.as_str() {
        "add" | "replace" if path.is_empty() => {
            let fields =
                value.as_object().ok_or_else(|| wrong("A value without a path must be an object.".into()))?;
            for (name, value) in fields {
                put(resource, name, value.clone(), op == "add");
            }
            Ok(())
        }
        "add" | "replace" => {
            put(resource, &path, value, op == "add");
            Ok(())
        }
        "remove" => {
            remove(resource, &path, &value);
            Ok(())
        }
        _ => Err(wrong(format!("Unknown operation: {op}"))),
    }
}

fn put(resource: &mut Map<String, Value>, name: &str, value: Value, is_adding: bool) {
    match (resource.get_mut(name), value) {
        (Some(Value::Array(known)), Value::Array(entries)) if is_adding => {
            for entry in entries {
                if !known
                    .iter()
                    .any(|old| old.get("value").is_some() && old.get("value") == entry.get("value"))
                {
                    known.push(entry);
                }
            }
        }
        (_, value) => {
            resource.insert(name.to_owned(), value);
        }
    }
}

/// Removes an attribute, or the entries that `members[value eq "1"]` or the operation's value name.
fn remove(resource: &mut Map<String, Value>, path: &str, value: &Value) {
    let (name, condition) = path.split_once('[').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let named: Vec<String> = match (condition, value) {
        (Some(condition), _) => condition.split('"').nth(1).map(str::to_owned).into_iter().collect(),
        (None, Value::Array(entries)) => {
            entries.iter().filter_map(|entry| entry.get("value")?.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    };
    if condition.is_none() && named.is_empty() {
        resource.remove(name);
        return;
    }
    if let Some(Value::Array(entries)) = resource.get_mut(name) {
        entries.retain(|entry| {
            !entry
                .get("value")
                .and_then(Value::as_str)
                .is_some_and(|id| named.iter().any(|named| named == id))
        });
    }
}
