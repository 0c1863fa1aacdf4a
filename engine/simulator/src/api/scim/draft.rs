//! A resource as somebody wants it, checked against the rest of the directory.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::refused;
use crate::api::ApiError;
use crate::state::State;
use crate::state::directory::{self, Resource, ResourceKind, text};

const ENTITLEMENTS: [&str; 5] = [
    "allow-cluster-create",
    "allow-instance-pool-create",
    "databricks-sql-access",
    "workspace-access",
    "workspace-consume",
];

/// What can be written down as it is.
#[derive(Debug)]
pub(super) struct Draft {
    kind: ResourceKind,
    pub(super) fields: Resource,
    /// The groups to be a direct member of; `None` leaves them as they are.
    pub(super) groups: Option<Vec<String>>,
}

impl Draft {
    /// Brings the fields into the form in which they are kept, or says why they cannot be.
    pub(super) fn check(
        state: &State,
        kind: ResourceKind,
        id: &str,
        mut fields: Resource,
    ) -> Result<Self, ApiError> {
        let groups = fields.remove("groups").map(|groups| direct_groups(state, id, &groups)).transpose()?;
        for name in ["entitlements", "roles"] {
            if let Some(given) = fields.remove(name) {
                set_list(&mut fields, name, values(name, &given)?);
            }
        }
        check_entitlements(&fields)?;
        match kind {
            ResourceKind::Groups => complete_group(state, id, &mut fields)?,
            ResourceKind::Users => complete_user(&mut fields)?,
            ResourceKind::ServicePrincipals => complete_actor(&mut fields, "applicationId")?,
        }
        fields.retain(|_, value| !value.is_null());
        let draft = Self { kind, fields, groups };
        draft.check_name(state, id)?;
        Ok(draft)
    }

    pub(super) fn natural_name(&self) -> &str {
        text(&self.fields, self.kind.natural_name())
    }

    fn check_name(&self, state: &State, id: &str) -> Result<(), ApiError> {
        let (kind, name) = (self.kind, self.natural_name());
        if name.trim().is_empty() {
            return Err(refused("invalidValue", format!("{} is required.", kind.natural_name())));
        }
        let directory = &state.directory;
        let known = directory.of(kind).get(id).map(|known| text(known, kind.natural_name()));
        if directory.is_system_group(id) && known != Some(name) {
            return Err(refused("mutability", "The groups admins and users cannot be renamed."));
        }
        match directory.id_of(kind, name) {
            Some(holder) if holder != id => {
                let by = match kind {
                    ResourceKind::Users => "username",
                    ResourceKind::Groups => "name",
                    ResourceKind::ServicePrincipals => "application ID",
                };
                let detail = format!("{} with {by} {name} already exists.", kind.noun());
                // Without a type: clients tell this error by its text alone.
                Err(ApiError::scim(StatusCode::CONFLICT, None, detail))
            }
            _ => Ok(()),
        }
    }
}

/// The entries of a list attribute: objects with a `value`, bare values, or one of them alone.
fn values(name: &str, given: &Value) -> Result<Vec<String>, ApiError> {
    let entries = match given {
        Value::Null => return Ok(Vec::new()),
        Value::Array(entries) => entries.as_slice(),
        alone => std::slice::from_ref(alone),
    };
    let mut found = Vec::new();
    for entry in entries {
        let value = match entry {
            Value::Object(fields) => fields.get("value").and_then(Value::as_str).unwrap_or_default(),
            Value::String(text) => text,
            _ => {
                return Err(refused(
                    "invalidValue",
                    format!("{name} must be a list of objects with a value."),
                ));
            }
        };
        if !value.is_empty() && !found.iter().any(|known| known == value) {
            found.push(value.to_owned());
        }
    }
    Ok(found)
}

fn set_list(fields: &mut Resource, name: &str, values: Vec<String>) {
    if !values.is_empty() {
        let entries: Value = values.into_iter().map(|value| json!({"value": value})).collect();
        fields.insert(name.to_owned(), entries);
    }
}

fn check_entitlements(fields: &Resource) -> Result<(), ApiError> {
    let given = fields.get("entitlements").map(|given| values("entitlements", given)).transpose()?;
    match given.unwrap_or_default().into_iter().find(|name| !ENTITLEMENTS.contains(&name.as_str())) {
        Some(unknown) => Err(refused("invalidValue", format!("Entitlement {unknown} is not supported."))),
        None => Ok(()),
    }
}

/// The groups that were given, without those that follow from others.
fn direct_groups(state: &State, id: &str, given: &Value) -> Result<Vec<String>, ApiError> {
    let is_indirect = |group: &&Value| group.get("type").and_then(Value::as_str) == Some("indirect");
    let direct: Value = match given {
        Value::Array(groups) => groups.iter().filter(|group| !is_indirect(group)).cloned().collect(),
        alone => alone.clone(),
    };
    let wanted = values("groups", &direct)?;
    for group_id in &wanted {
        if !state.directory.of(ResourceKind::Groups).contains_key(group_id) {
            return Err(refused("invalidValue", format!("Group with id {group_id} not found.")));
        }
        check_circle(state, group_id, id)?;
    }
    Ok(wanted)
}

fn check_circle(state: &State, group_id: &str, member_id: &str) -> Result<(), ApiError> {
    if state.directory.is_above(group_id, member_id) {
        let detail = "A group cannot be a member of itself, directly or through other groups.";
        return Err(refused("invalidValue", detail));
    }
    Ok(())
}

fn complete_group(state: &State, id: &str, fields: &mut Resource) -> Result<(), ApiError> {
    let members = fields.remove("members").map(|given| values("members", &given)).transpose()?;
    let members = members.unwrap_or_default();
    // Everybody is in the group of everybody; what is said about it makes no difference.
    if Some(id) != state.directory.everybody_group_id() {
        for member in &members {
            if state.directory.find(member).is_none() && member != id {
                return Err(refused("invalidValue", format!("Member with id {member} not found.")));
            }
            check_circle(state, id, member)?;
        }
        let admin = state.directory.admin_user_id();
        if id == state.directory.admins_group_id() && !members.iter().any(|member| member == admin) {
            let detail = "The administrator of the workspace cannot leave the group admins.";
            return Err(refused("mutability", detail));
        }
        set_list(fields, "members", members);
    }
    let is_account_group = fields
        .get("meta")
        .is_some_and(|meta| meta.get("resourceType").and_then(Value::as_str) == Some("Group"));
    fields.remove("meta");
    if is_account_group {
        fields.insert("meta".into(), json!({"resourceType": "Group"}));
    }
    Ok(())
}

/// What users and service principals share.
fn complete_actor(fields: &mut Resource, natural_name: &str) -> Result<(), ApiError> {
    let is_active = match fields.get("active") {
        None | Some(Value::Null) => true,
        Some(Value::Bool(is_active)) => *is_active,
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => true,
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => false,
        Some(_) => return Err(refused("invalidValue", "active must be true or false.")),
    };
    fields.insert("active".into(), is_active.into());
    if text(fields, "displayName").is_empty() {
        let name = joined_name(fields).unwrap_or_else(|| text(fields, natural_name).to_owned());
        fields.insert("displayName".into(), name.into());
    }
    Ok(())
}

fn joined_name(fields: &Resource) -> Option<String> {
    let name = fields.get("name")?;
    let parts = ["givenName", "familyName"].map(|part| name.get(part).and_then(Value::as_str));
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn complete_user(fields: &mut Resource) -> Result<(), ApiError> {
    let user_name = text(fields, "userName").to_owned();
    if !user_name.is_empty() && !user_name.contains('@') {
        return Err(refused("invalidValue", format!("userName {user_name} is not an email address.")));
    }
    complete_actor(fields, "userName")?;
    if fields.get("emails").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        fields.insert("emails".into(), json!([{"value": user_name, "type": "work", "primary": true}]));
    }
    if fields.get("name").and_then(Value::as_object).is_none_or(Map::is_empty) {
        let name = directory::name_of(text(fields, "displayName"));
        fields.insert("name".into(), name);
    }
    Ok(())
}
