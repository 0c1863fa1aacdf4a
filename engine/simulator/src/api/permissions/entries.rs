//! The entries of access control lists, as callers give them.

use serde_json::{Map, Value};

use super::kinds::Kind;
use crate::api::ApiError;
use crate::state::State;
use crate::state::directory::ResourceKind;

/// Somebody's level on an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) principal: ResourceKind,
    pub(super) name: String,
    pub(super) level: String,
}

impl Entry {
    pub(super) fn new(principal: ResourceKind, name: impl Into<String>, level: &str) -> Self {
        Self { principal, name: name.into(), level: level.to_owned() }
    }

    pub(super) fn is_owner(&self) -> bool {
        self.level == "IS_OWNER"
    }

    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.principal == other.principal && self.name.eq_ignore_ascii_case(&other.name)
    }

    /// As the state keeps it.
    pub(super) fn stored(&self) -> Map<String, Value> {
        Map::from_iter([
            (self.principal.principal_field().to_owned(), self.name.clone().into()),
            ("permission_level".to_owned(), self.level.clone().into()),
        ])
    }

    pub(super) fn read(stored: &Map<String, Value>) -> Option<Self> {
        let (principal, name) = principal_of(stored)?;
        Some(Self::new(principal, name, stored.get("permission_level")?.as_str()?))
    }

    pub(super) fn in_words(&self) -> String {
        format!("{}={}", self.name, self.level)
    }
}

fn principals(fields: &Map<String, Value>) -> impl Iterator<Item = (ResourceKind, &str)> {
    ResourceKind::ALL.into_iter().filter_map(|kind| {
        let name = fields.get(kind.principal_field())?.as_str()?;
        (!name.is_empty()).then_some((kind, name))
    })
}

fn principal_of(fields: &Map<String, Value>) -> Option<(ResourceKind, &str)> {
    let mut named = principals(fields);
    named.next().filter(|_| named.next().is_none())
}

/// Reads a list that was given for an object of a type. Of several entries for one principal the last holds.
pub(super) fn checked(state: &State, kind: &Kind, list: &Value) -> Result<Vec<Entry>, ApiError> {
    let given = list
        .as_array()
        .ok_or_else(|| ApiError::invalid_parameter("access_control_list must be an array."))?;
    let mut entries = Vec::new();
    for fields in given {
        let entry = fields.as_object().map(|fields| check(state, kind, fields)).transpose()?;
        let entry =
            entry.ok_or_else(|| ApiError::invalid_parameter("access_control_list must hold objects."))?;
        entries = merged(entries, vec![entry]);
    }
    Ok(entries)
}

fn check(state: &State, kind: &Kind, fields: &Map<String, Value>) -> Result<Entry, ApiError> {
    let (principal, name) = principal_of(fields).ok_or_else(|| {
        ApiError::invalid_parameter(
            "Exactly one of user_name, group_name and service_principal_name must be given in each entry.",
        )
    })?;
    let level = fields.get("permission_level").and_then(Value::as_str).unwrap_or_default();
    if level.is_empty() {
        return Err(ApiError::invalid_parameter("Permission type not defined"));
    }
    if !kind.has_level(level) {
        let known: Vec<&str> = kind.levels.iter().map(|(level, _)| *level).collect();
        let message = format!(
            "Permission level {level} is not supported for {}; supported are: {}.",
            kind.object_type,
            known.join(", ")
        );
        return Err(ApiError::invalid_parameter(message));
    }
    let Some(name) = state.directory.principal(principal, name) else {
        let what = match principal {
            ResourceKind::Users => "UserName",
            ResourceKind::Groups => "GroupName",
            ResourceKind::ServicePrincipals => "ServicePrincipalName",
        };
        return Err(ApiError::does_not_exist(format!("Principal: {what}({name}) does not exist")));
    };
    let entry = Entry::new(principal, name, level);
    if principal == ResourceKind::Groups && entry.is_owner() {
        return Err(ApiError::invalid_parameter(format!(
            "Group {name} cannot be an owner: groups own nothing."
        )));
    }
    if principal == ResourceKind::Groups && name == "admins" && level != kind.admin_level() {
        let message = format!("Cannot change permissions for group 'admins' to {level}.");
        return Err(ApiError::invalid_parameter(message));
    }
    Ok(entry)
}

/// The known entries with the changes in their place, new ones at the end.
pub(super) fn merged(mut known: Vec<Entry>, changes: Vec<Entry>) -> Vec<Entry> {
    for change in changes {
        match known.iter_mut().find(|entry| entry.is_of(&change)) {
            Some(entry) => *entry = change,
            None => known.push(change),
        }
    }
    known
}
