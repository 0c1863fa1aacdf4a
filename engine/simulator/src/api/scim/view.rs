//! How resources are shown.

use serde_json::{Map, Value, json};

use super::attributes;
use crate::api::Call;
use crate::state::directory::{Directory, Memberships, Resource, ResourceKind};

pub(super) fn schemas(kind: ResourceKind) -> Value {
    match kind {
        ResourceKind::Users => json!([
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:workspace:2.0:User",
        ]),
        ResourceKind::Groups => json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]),
        ResourceKind::ServicePrincipals => json!(["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"]),
    }
}

/// A resource with everything that follows from the rest of the directory.
pub(super) fn resource(
    memberships: &Memberships<'_>,
    directory: &Directory,
    kind: ResourceKind,
    id: &str,
    resource: &Resource,
) -> Map<String, Value> {
    let mut shown = resource.clone();
    shown.insert("id".into(), id.into());
    shown.insert("schemas".into(), schemas(kind));
    shown.insert("groups".into(), memberships.shown(kind, id).into());
    if let Some(Value::Array(roles)) = shown.get_mut("roles") {
        for role in roles.iter_mut().filter_map(Value::as_object_mut) {
            role.insert("type".into(), "direct".into());
        }
    }
    if kind == ResourceKind::Groups {
        shown.insert("members".into(), directory.members_shown(id, resource).into());
        shown.entry("meta").or_insert_with(|| json!({"resourceType": "WorkspaceGroup"}));
    }
    // What is empty is left out, as the service does.
    shown.retain(|_, value| value.as_array().is_none_or(|entries| !entries.is_empty()));
    shown
}

/// Leaves what the call asks for by `attributes` and `excludedAttributes`; the id always stays.
pub(super) fn narrowed(mut shown: Map<String, Value>, call: &Call) -> Value {
    let asked = call.list("attributes");
    if !asked.is_empty() {
        shown.retain(|name, _| {
            name == "id" || asked.iter().any(|path| top_of(path).eq_ignore_ascii_case(name))
        });
    }
    for path in call.list("excludedAttributes") {
        let name = shown.keys().find(|name| top_of(&path).eq_ignore_ascii_case(name)).cloned();
        let Some(name) = name.filter(|name| name != "id") else { continue };
        match path.trim().split_once('.') {
            None => {
                shown.remove(&name);
            }
            Some((_, part)) => {
                if let Some(value) = shown.get_mut(&name) {
                    remove_part(value, part);
                }
            }
        }
    }
    Value::Object(shown)
}

fn top_of(path: &str) -> &str {
    path.trim().split('.').next().unwrap_or_default()
}

fn remove_part(value: &mut Value, part: &str) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| remove_part(entry, part)),
        Value::Object(fields) => fields.retain(|name, _| !name.eq_ignore_ascii_case(part)),
        _ => {}
    }
}

/// The texts under a path such as `userName`, `emails.value` or `name.givenName`, whatever its case.
pub(super) fn values(fields: &Map<String, Value>, path: &str) -> Vec<String> {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let value = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(head)).map(|(_, value)| value);
    match (value, rest) {
        (None | Some(Value::Null), _) => Vec::new(),
        (Some(Value::Array(entries)), rest) => {
            let entries = entries.iter().filter_map(Value::as_object);
            entries.flat_map(|entry| values(entry, rest.unwrap_or("value"))).collect()
        }
        (Some(Value::Object(fields)), Some(rest)) => values(fields, rest),
        (Some(Value::String(text)), None) => vec![text.clone()],
        (Some(Value::Bool(flag)), None) => vec![flag.to_string()],
        (Some(Value::Number(number)), None) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

/// Whether a filter or an order can be by this path.
pub(super) fn is_path(kind: ResourceKind, path: &str) -> bool {
    attributes::canonical(kind, top_of(path)).is_some()
}
