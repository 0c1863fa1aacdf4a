//! What the log of changes says of a resource: names instead of ids.

use serde_json::Value;

use crate::state::State;
use crate::state::directory::{Memberships, Resource, ResourceKind, text};

fn label(kind: ResourceKind, resource: &Resource) -> &str {
    match kind {
        ResourceKind::Users => text(resource, "userName"),
        // Workspaces hand out application ids; the name is what a person chose.
        ResourceKind::Groups | ResourceKind::ServicePrincipals => text(resource, "displayName"),
    }
}

/// `delete group "claims"`.
pub(super) fn name(state: &State, verb: &str, kind: ResourceKind, id: &str) -> String {
    let label = state.directory.of(kind).get(id).map(|resource| label(kind, resource)).unwrap_or_default();
    format!("{verb} {} \"{label}\"", kind.noun().to_lowercase())
}

/// `change group "claims": displayName=claims, members=[lead@x.example]`.
pub(super) fn of(state: &State, verb: &str, kind: ResourceKind, id: &str) -> String {
    let name = name(state, verb, kind, id);
    let parts: Vec<String> =
        evidence(state, kind, id).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{name}: {}", parts.join(", "))
}

/// Everything about a resource that a call can change, in words.
pub(super) fn evidence(state: &State, kind: ResourceKind, id: &str) -> Vec<(String, String)> {
    let Some(resource) = state.directory.of(kind).get(id) else { return Vec::new() };
    let mut parts: Vec<(String, String)> = resource
        .iter()
        .filter(|(name, _)| {
            !matches!(name.as_str(), "userName" | "applicationId" | "emails" | "name" | "meta")
        })
        .map(|(name, value)| (name.clone(), in_words(state, value)))
        .collect();
    if let Some(name) = resource.get("name") {
        parts.push(("name".into(), name.to_string()));
    }
    let groups = Memberships::new(&state.directory).groups_of(kind, id);
    let direct = groups.into_iter().filter(|(_, is_direct)| *is_direct);
    let mut names: Vec<&str> = direct
        .filter_map(|(group_id, _)| state.directory.of(ResourceKind::Groups).get(group_id))
        .map(|group| text(group, "displayName"))
        .collect();
    names.sort_unstable();
    parts.push(("groups".into(), format!("[{}]", names.join(" "))));
    parts
}

fn in_words(state: &State, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(entries) => {
            let values = entries.iter().filter_map(|entry| entry.get("value")?.as_str());
            let mut words: Vec<&str> = values
                .map(|id| state.directory.find(id).map_or(id, |(kind, resource)| label(kind, resource)))
                .collect();
            words.sort_unstable();
            format!("[{}]", words.join(" "))
        }
        other => other.to_string(),
    }
}
