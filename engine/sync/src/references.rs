//! References from one object to another: ids of a workspace inside settings, and the keys that stand for
//! them in canonical forms.

mod slot;

use std::collections::BTreeSet;

use farshore_model::kind::{ObjectKey, ObjectKind};
use serde_json::{Map, Value, json};

use self::slot::{APPLICATION, MAPS_OF_PEOPLE, SINGLE_USER, Slot, slot};
pub(crate) use self::slot::{not_replicated, referring_kinds};
use crate::kinds::{self, application_id};

/// A reference in a canonical form: `{"$ref": "clusters/1234:0923-…"}`.
const REF: &str = "$ref";
/// A reference to something that its own side does not have: `{"$unresolved": "clusters/0923-…"}`.
const UNRESOLVED: &str = "$unresolved";

/// Finds the key of an object by its id on the side that is looked at.
pub(crate) trait KeyLookup {
    fn key_of(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey>;

    /// The same of an object that is known on both sides, or was listed on the one that is read. What is not may have
    /// another id there, or none.
    fn known_key_of(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey> {
        self.key_of(kind, id)
    }

    /// Whether a sync does not see to the principal with this id on both sides: that it belongs to a group is this
    /// side's own affair.
    fn is_apart(&self, _kind: ObjectKind, _id: &str) -> bool {
        false
    }

    /// Whether it is a principal with which we work, on this side or on the other one.
    fn is_own(&self, _key: &ObjectKey) -> bool {
        false
    }

    /// Whether the region map tells what the other side has in place of this value of a field.
    fn is_told(&self, _field: &[&str], _value: &str) -> bool {
        false
    }

    /// Whether both workspaces have the kind at all. Of one that they have not, an id that is also a name is as good on
    /// the other side.
    fn is_offered(&self, _kind: ObjectKind) -> bool {
        true
    }

    /// Whether both workspaces tell what is installed on clusters.
    fn compares_libraries(&self) -> bool {
        true
    }
}

impl<F: Fn(ObjectKind, &str) -> Option<ObjectKey>> KeyLookup for F {
    fn key_of(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey> {
        self(kind, id)
    }
}

/// Replaces the ids in the settings of a job or a cluster by keys. Answers, for each that has none, why the
/// object cannot be carried over as it is.
pub(crate) fn to_keys(settings: &mut Value, lookup: &dyn KeyLookup) -> Vec<String> {
    let mut problems = Vec::new();
    walk(settings, "", &mut |parent, field, value| {
        let Some(id) = id_text(value) else { return };
        match slot(parent, field) {
            Some(Slot::Mapped(kind))
                if !lookup.is_offered(kind) && kinds::of(kind).name_field().is_some() => {}
            Some(Slot::Mapped(kind)) => *value = to_key(kind, &id, lookup, &mut problems),
            Some(Slot::Principal) => {
                if let Some(key) = lookup.known_key_of(ObjectKind::ServicePrincipals, &id) {
                    *value = reference(&key);
                }
            }
            // Whoever made the other one says so in the region map.
            Some(Slot::Foreign { .. }) if value.is_string() && lookup.is_told(&[parent, field], &id) => {}
            Some(Slot::Foreign { one, many }) => {
                let place = if field == "id" { format!("{parent}.{field}") } else { field.to_owned() };
                problems.push(format!(
                    "it needs the {one} {id}, and {many} are not replicated; a rule of the region map for {place} can \
                     name its counterpart"
                ));
            }
            None => {}
        }
    });
    problems.sort();
    problems.dedup();
    problems
}

/// What stands for an id in a canonical form. An id that names nothing is a problem.
pub(crate) fn to_key(
    kind: ObjectKind,
    id: &str,
    lookup: &dyn KeyLookup,
    problems: &mut Vec<String>,
) -> Value {
    match lookup.key_of(kind, id) {
        Some(key) => reference(&key),
        None => {
            problems.push(format!("it refers to the {} {id}, which does not exist", kind.singular()));
            json!({ UNRESOLVED: format!("{kind}/{id}") })
        }
    }
}

/// A reference to the object with this key, as canonical forms hold it.
pub(crate) fn reference(key: &ObjectKey) -> Value {
    json!({ REF: key.to_string() })
}

/// The key that a value refers to, if it is a reference.
pub(crate) fn referred(value: &Value) -> Option<ObjectKey> {
    let text = single_field(value, REF)?;
    let (kind, key) = text.split_once('/')?;
    Some(ObjectKey { kind: kind.parse().ok()?, key: key.into() })
}

/// The kind and the id of a reference that could not be resolved, as `clusters/0923-…`.
pub(crate) fn unresolved(value: &Value) -> Option<&str> {
    single_field(value, UNRESOLVED)
}

/// The form with every reference to something that its own side does not have left empty: all of them refer to
/// nothing, whatever it once was.
pub(crate) fn without_dangling(form: &Value, is_there: &dyn Fn(&ObjectKey) -> bool) -> Value {
    if unresolved(form).is_some() || referred(form).is_some_and(|key| !is_there(&key)) {
        return Value::Null;
    }
    match form {
        Value::Object(map) => {
            map.iter().map(|(field, value)| (field.clone(), without_dangling(value, is_there))).collect()
        }
        Value::Array(items) => items.iter().map(|value| without_dangling(value, is_there)).collect(),
        leaf => leaf.clone(),
    }
}

/// Every object that a canonical form refers to.
pub(crate) fn referred_keys(form: &Value) -> BTreeSet<ObjectKey> {
    let mut keys = BTreeSet::new();
    collect(form, &mut keys);
    keys
}

fn collect(value: &Value, keys: &mut BTreeSet<ObjectKey>) {
    if let Some(key) = referred(value) {
        keys.insert(key);
        return;
    }
    match value {
        Value::Object(map) => map.values().for_each(|value| collect(value, keys)),
        Value::Array(items) => items.iter().for_each(|value| collect(value, keys)),
        _ => {}
    }
}

/// Replaces keys by the ids that the objects have on the side that is written. Answers the keys that have
/// no id there.
pub(crate) fn to_ids(
    form: &mut Value,
    id_of: &dyn Fn(&ObjectKey) -> Option<String>,
) -> Result<(), Vec<ObjectKey>> {
    let mut missing = Vec::new();
    replace(form, "", id_of, &mut missing);
    missing.sort();
    missing.dedup();
    if missing.is_empty() { Ok(()) } else { Err(missing) }
}

fn replace(
    value: &mut Value,
    field: &str,
    id_of: &dyn Fn(&ObjectKey) -> Option<String>,
    missing: &mut Vec<ObjectKey>,
) {
    if let Some(key) = referred(value) {
        match id_of(&key) {
            Some(id) if field == APPLICATION || field == SINGLE_USER => {
                *value = Value::from(application_id(&id))
            }
            Some(id) => *value = id_value(key.kind, id),
            None => missing.push(key),
        }
        return;
    }
    match value {
        Value::Object(map) => {
            map.iter_mut().for_each(|(field, value)| replace(value, field, id_of, missing));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| replace(value, field, id_of, missing)),
        _ => {}
    }
}

/// Ids of jobs are numbers, all others are texts.
fn id_value(kind: ObjectKind, id: String) -> Value {
    match (kind, id.parse::<i64>()) {
        (ObjectKind::Jobs, Ok(number)) => Value::from(number),
        _ => Value::from(id),
    }
}

/// An id as text; None for what holds none, such as `{{job.parameters.cluster}}`.
fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() || text.contains("{{") => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn single_field<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    let map = value.as_object()?;
    if map.len() != 1 {
        return None;
    }
    map.get(field)?.as_str()
}

/// Visits every field that is no container, with the name of the map that it is in.
fn walk(value: &mut Value, parent: &str, visit: &mut dyn FnMut(&str, &str, &mut Value)) {
    match value {
        Value::Object(map) => walk_map(map, parent, visit),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, parent, visit)),
        _ => {}
    }
}

fn walk_map(map: &mut Map<String, Value>, parent: &str, visit: &mut dyn FnMut(&str, &str, &mut Value)) {
    for (field, value) in map.iter_mut() {
        match value {
            Value::Object(_) | Value::Array(_) if MAPS_OF_PEOPLE.contains(&field.as_str()) => {}
            Value::Object(_) | Value::Array(_) => walk(value, field, visit),
            leaf => visit(parent, field, leaf),
        }
    }
}

#[cfg(test)]
mod tests;
