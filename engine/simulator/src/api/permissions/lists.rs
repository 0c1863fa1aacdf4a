//! Whole access control lists: what is granted directly, what comes from above, and what must be so.

use serde_json::{Map, Value, json};

use super::entries::{Entry, merged};
use super::kinds::{self, Kind};
use super::objects::{self, Object};
use crate::api::ApiError;
use crate::state::State;
use crate::state::directory::ResourceKind;
use crate::state::tree;

const ADMINS: &str = "admins";
const EVERYBODY: &str = "users";

fn group(name: &str, level: &str) -> Entry {
    Entry::new(ResourceKind::Groups, name, level)
}

/// What is granted on the object itself.
pub(super) fn direct(state: &State, object: &Object) -> Vec<Entry> {
    let mut entries = match state.grants.get(&object.key()) {
        Some(stored) => stored.iter().filter_map(Entry::read).collect(),
        None => initial(state, object),
    };
    if let Some(entry) = irrevocable(state, object) {
        entries = merged(entries, vec![entry]);
    }
    entries
}

/// What an object has before anybody says anything.
fn initial(state: &State, object: &Object) -> Vec<Entry> {
    let level = if object.kind.has_owner() { "IS_OWNER" } else { "CAN_MANAGE" };
    let creator = object.creator.as_deref();
    let creator = creator.and_then(|name| Some(Entry::new(state.directory.actor_kind(name)?, name, level)));
    let granted = match (object.kind.object_type, object.path.as_deref()) {
        ("tokens", _) => vec![group(EVERYBODY, "CAN_USE"), group(ADMINS, "CAN_MANAGE")],
        ("passwords", _) => vec![group(EVERYBODY, "CAN_USE"), group(ADMINS, "CAN_USE")],
        (_, Some("/Shared")) => vec![group(EVERYBODY, "CAN_MANAGE")],
        _ => Vec::new(),
    };
    creator.into_iter().chain(granted).collect()
}

/// What nobody can take away: the root is the administrators', a home is its owner's.
fn irrevocable(state: &State, object: &Object) -> Option<Entry> {
    let path = object.path.as_deref()?;
    if path == "/" {
        return Some(group(ADMINS, "CAN_MANAGE"));
    }
    let name = path.strip_prefix("/Users/").filter(|name| !name.contains('/'))?;
    Some(Entry::new(state.directory.actor_kind(name)?, name, "CAN_MANAGE"))
}

/// What comes from above, nearest first, with the object from which it comes.
fn inherited(state: &State, object: &Object) -> Vec<(Entry, String)> {
    let Some(path) = object.path.as_deref() else {
        if object.kind.path == "authorization" {
            return Vec::new();
        }
        return vec![(group(ADMINS, object.kind.admin_level()), object.kind.root.to_owned())];
    };
    let mut found = Vec::new();
    let mut below = path;
    while below != "/" {
        let above = tree::parent_of(below);
        let folder = state.tree.get(above).and_then(|node| {
            let kind = kinds::named(node.kind.permission_type(), "").ok()?;
            objects::find(state, kind, &node.object_id.to_string()).ok()
        });
        for entry in folder.iter().flat_map(|folder| direct(state, folder)) {
            let is_admins = above == "/" && entry.name == ADMINS;
            let from = folder.as_ref().filter(|_| !is_admins).map(Object::object_id);
            found.push((entry, from.unwrap_or_else(|| "/directories/".to_owned())));
        }
        below = above;
    }
    found
}

/// Everything that is granted, on the object and above it.
pub(super) fn all(state: &State, object: &Object) -> Vec<Entry> {
    let from_above = inherited(state, object).into_iter().map(|(entry, _)| entry);
    direct(state, object).into_iter().chain(from_above).collect()
}

/// The whole list as it is answered.
pub(super) fn shown(state: &State, object: &Object) -> Value {
    let mut people: Vec<(Entry, Vec<Value>)> = Vec::new();
    let mut add = |entry: Entry, from: Option<String>| {
        let index = people.iter().position(|(known, _)| known.is_of(&entry)).unwrap_or_else(|| {
            people.push((entry.clone(), Vec::new()));
            people.len() - 1
        });
        let Some((_, permissions)) = people.get_mut(index) else { return };
        let Some(from) = from else {
            permissions.push(json!({"permission_level": entry.level, "inherited": false}));
            return;
        };
        let same = permissions.iter_mut().find(|known| {
            known.get("permission_level").and_then(Value::as_str) == Some(&entry.level)
                && known.get("inherited_from_object").is_some()
        });
        match same.and_then(|known| known.get_mut("inherited_from_object")).and_then(Value::as_array_mut) {
            Some(sources) => sources.push(from.into()),
            None => permissions.push(json!({
                "permission_level": entry.level, "inherited": true, "inherited_from_object": [from],
            })),
        }
    };
    for entry in direct(state, object) {
        add(entry, None);
    }
    for (entry, from) in inherited(state, object) {
        add(entry, Some(from));
    }
    let list: Vec<Value> = people
        .into_iter()
        .map(|(entry, permissions)| {
            let mut fields = Map::new();
            if entry.principal != ResourceKind::Groups {
                let display = state.directory.display_name(entry.principal, &entry.name);
                fields.insert("display_name".into(), display.unwrap_or(&entry.name).into());
            }
            fields.insert(entry.principal.principal_field().into(), entry.name.into());
            fields.insert("all_permissions".into(), permissions.into());
            Value::Object(fields)
        })
        .collect();
    json!({
        "object_id": object.object_id(),
        "object_type": object.kind.object_type,
        "access_control_list": list,
    })
}

pub(super) fn one_owner(kind: &Kind) -> ApiError {
    let noun = match kind.path {
        "jobs" => "job",
        "pipelines" => "pipeline",
        "warehouses" => "warehouse",
        other => other,
    };
    ApiError::invalid_parameter(format!("The {noun} must have exactly one owner."))
}

/// What must hold for the direct entries of an object as a whole.
pub(super) fn check_whole(object: &Object, entries: &[Entry]) -> Result<(), ApiError> {
    if object.kind.has_owner() && entries.iter().filter(|entry| entry.is_owner()).count() != 1 {
        return Err(one_owner(object.kind));
    }
    let needs_admins = object.kind.object_type == "tokens" || object.path.as_deref() == Some("/");
    let is_admins = |entry: &Entry| entry.principal == ResourceKind::Groups && entry.name == ADMINS;
    if needs_admins && !entries.iter().any(is_admins) {
        return Err(ApiError::invalid_parameter("Cannot change permissions for group 'admins' to None."));
    }
    Ok(())
}

/// Writes the direct entries down; says whether anything changed.
pub(super) fn keep(state: &mut State, object: &Object, entries: Vec<Entry>) -> bool {
    let before = direct(state, object);
    if entries == before {
        return false;
    }
    let stored = entries.iter().map(Entry::stored).collect();
    state.grants.insert(object.key(), stored);
    direct(state, object) != before
}
