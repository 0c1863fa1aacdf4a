//! One operation of a SCIM PATCH.

use serde_json::{Map, Value};

use super::filter::{Filter, without_schema};
use super::{attributes, refused};
use crate::api::ApiError;
use crate::state::directory::{Resource, ResourceKind};

/// Where an operation applies: `displayName`, `name.givenName`, `members[value eq "1"]`, …
struct Path {
    attribute: &'static str,
    filter: Option<Filter>,
    part: Option<String>,
}

impl Path {
    fn parse(kind: ResourceKind, text: &str) -> Result<Self, ApiError> {
        let wrong = || refused("invalidPath", format!("The path {text} is not supported."));
        let (head, filter, rest) = match text.split_once('[') {
            None => (text, None, ""),
            Some((head, rest)) => {
                let (condition, rest) = rest.rsplit_once(']').ok_or_else(wrong)?;
                (head, Some(Filter::parse_on_entries(condition)?), rest)
            }
        };
        let (head, part) = match head.strip_prefix("urn:") {
            // The version in the name of the schema has a dot of its own.
            Some(_) => (without_schema(head), None),
            None => head.split_once('.').map_or((head, None), |(head, part)| (head, Some(part))),
        };
        let (name, in_urn) = head.split_once('.').map_or((head, None), |(name, part)| (name, Some(part)));
        let after = rest.strip_prefix('.').filter(|part| !part.is_empty());
        let attribute = attributes::canonical(kind, name).ok_or_else(wrong)?;
        Ok(Self { attribute, filter, part: after.or(part).or(in_urn).map(str::to_owned) })
    }
}

/// Applies `add`, `remove` or `replace`.
pub(super) fn apply(kind: ResourceKind, resource: &mut Resource, operation: &Value) -> Result<(), ApiError> {
    let text = |name: &str| operation.get(name).and_then(Value::as_str).unwrap_or_default();
    let (op, path) = (text("op").to_lowercase(), text("path").trim());
    let value = operation.get("value").cloned().unwrap_or_default();
    match op.as_str() {
        "add" | "replace" if path.is_empty() => {
            let fields = value
                .as_object()
                .ok_or_else(|| refused("invalidValue", "A value without a path must be an object."))?;
            for (path, value) in fields {
                put(kind, resource, path, value.clone(), op == "add")?;
            }
            Ok(())
        }
        "add" | "replace" => put(kind, resource, path, value, op == "add"),
        "remove" if path.is_empty() => Err(refused("noTarget", "An operation that removes needs a path.")),
        "remove" => remove(kind, resource, path, &value),
        _ => Err(refused("invalidSyntax", format!("The operation {op} is not supported."))),
    }
}

/// Whether the service ignores changes of the attribute.
fn is_ignored(kind: ResourceKind, attribute: &str) -> bool {
    matches!(attribute, "id" | "schemas") || attributes::fixed(kind).contains(&attribute)
}

fn put(
    kind: ResourceKind,
    resource: &mut Resource,
    path: &str,
    value: Value,
    is_adding: bool,
) -> Result<(), ApiError> {
    let path = Path::parse(kind, path)?;
    if is_ignored(kind, path.attribute) {
        return Ok(());
    }
    match (&path.filter, &path.part) {
        (Some(filter), part) => edit_entries(resource, path.attribute, |entries| {
            let chosen = entries.iter_mut().filter_map(Value::as_object_mut);
            for entry in chosen.filter(|entry| filter.matches(entry)) {
                match (part, &value) {
                    (Some(part), value) => drop(entry.insert(part.clone(), value.clone())),
                    (None, Value::Object(fields)) => entry.extend(fields.clone()),
                    (None, _) => {}
                }
            }
        }),
        (None, Some(part)) => {
            let whole = resource.entry(path.attribute).or_insert_with(|| Value::Object(Map::new()));
            let fields = whole
                .as_object_mut()
                .ok_or_else(|| refused("invalidPath", format!("{} has no parts.", path.attribute)))?;
            fields.insert(part.clone(), value);
        }
        (None, None) if attributes::is_list(path.attribute) => {
            let given = match value {
                Value::Array(given) => given,
                Value::Null => Vec::new(),
                alone => vec![alone],
            };
            edit_entries(resource, path.attribute, |entries| {
                if !is_adding {
                    entries.clear();
                }
                // What is there twice is taken out when the whole is checked.
                entries.extend(given);
            });
        }
        // A client that leaves out what it holds for false means false.
        (None, None) if path.attribute == "active" && value.is_null() => {
            resource.insert("active".into(), false.into());
        }
        (None, None) => {
            resource.insert(path.attribute.to_owned(), value);
        }
    }
    Ok(())
}

fn edit_entries(resource: &mut Resource, attribute: &str, edit: impl FnOnce(&mut Vec<Value>)) {
    let mut entries = match resource.remove(attribute) {
        Some(Value::Array(entries)) => entries,
        _ => Vec::new(),
    };
    edit(&mut entries);
    resource.insert(attribute.to_owned(), Value::Array(entries));
}

/// Removes an attribute, or the entries that `members[value eq "1"]` or the operation's value name.
fn remove(kind: ResourceKind, resource: &mut Resource, path: &str, value: &Value) -> Result<(), ApiError> {
    let path = Path::parse(kind, path)?;
    if is_ignored(kind, path.attribute) {
        return Ok(());
    }
    if let Some(filter) = &path.filter {
        edit_entries(resource, path.attribute, |entries| {
            entries.retain(|entry| entry.as_object().is_none_or(|entry| !filter.matches(entry)));
        });
        return Ok(());
    }
    if let Some(part) = &path.part {
        if let Some(Value::Object(fields)) = resource.get_mut(path.attribute) {
            fields.remove(part);
        }
        return Ok(());
    }
    let named: Vec<&str> = match value {
        Value::Null => {
            resource.remove(path.attribute);
            return Ok(());
        }
        Value::Array(entries) => entries.iter().filter_map(value_of).collect(),
        alone => value_of(alone).into_iter().collect(),
    };
    edit_entries(resource, path.attribute, |entries| {
        entries.retain(|entry| value_of(entry).is_none_or(|id| !named.contains(&id)));
    });
    Ok(())
}

fn value_of(entry: &Value) -> Option<&str> {
    entry.get("value").unwrap_or(entry).as_str()
}
