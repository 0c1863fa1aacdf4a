//! Users, groups and service principals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::State;

/// The three kinds of SCIM resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum ResourceKind {
    Users,
    Groups,
    ServicePrincipals,
}

impl ResourceKind {
    pub(crate) fn schema(self) -> &'static str {
        match self {
            Self::Users => "urn:ietf:params:scim:schemas:core:2.0:User",
            Self::Groups => "urn:ietf:params:scim:schemas:core:2.0:Group",
            Self::ServicePrincipals => "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal",
        }
    }
}

/// The attribute by which a kind of resource is named.
pub(crate) fn natural_name(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Users => "userName",
        ResourceKind::Groups => "displayName",
        ResourceKind::ServicePrincipals => "applicationId",
    }
}

/// All identities, each as its SCIM resource, by id.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Directory {
    pub(crate) users: BTreeMap<String, Map<String, Value>>,
    pub(crate) groups: BTreeMap<String, Map<String, Value>>,
    pub(crate) service_principals: BTreeMap<String, Map<String, Value>>,
    admin_user_id: String,
    admins_group_id: String,
}

impl Directory {
    pub(crate) fn of(&self, kind: ResourceKind) -> &BTreeMap<String, Map<String, Value>> {
        match kind {
            ResourceKind::Users => &self.users,
            ResourceKind::Groups => &self.groups,
            ResourceKind::ServicePrincipals => &self.service_principals,
        }
    }

    pub(crate) fn of_mut(&mut self, kind: ResourceKind) -> &mut BTreeMap<String, Map<String, Value>> {
        match kind {
            ResourceKind::Users => &mut self.users,
            ResourceKind::Groups => &mut self.groups,
            ResourceKind::ServicePrincipals => &mut self.service_principals,
        }
    }

    /// The user whose access token the simulator was started with.
    pub(crate) fn admin_user_name(&self) -> String {
        "platform-admin@farshore.example".to_owned()
    }

    pub(crate) fn admin_user_id(&self) -> &str {
        &self.admin_user_id
    }

    pub(crate) fn admins_group_id(&self) -> &str {
        &self.admins_group_id
    }
}

/// The administrator and the groups that every workspace has.
pub(crate) fn deploy(state: &mut State) {
    let user_name = state.directory.admin_user_name();
    let admins = state.next_number().to_string();
    let users = state.next_number().to_string();
    let admin = add_user(state, &user_name, "Platform admin");
    let member = json!([{"value": admin, "display": "Platform admin", "$ref": format!("Users/{admin}")}]);
    for (id, name) in [(&admins, "admins"), (&users, "users")] {
        let group = json!({
            "id": id,
            "displayName": name,
            "schemas": [ResourceKind::Groups.schema()],
            "meta": {"resourceType": "WorkspaceGroup"},
            "members": member,
            "groups": [],
            "entitlements": [{"value": "workspace-access"}, {"value": "databricks-sql-access"}],
        });
        if let Value::Object(group) = group {
            state.directory.groups.insert(id.clone(), group);
        }
    }
    state.directory.admin_user_id = admin;
    state.directory.admins_group_id = admins;
}

/// Adds an active user, who is in the group of all users once that is there; returns the id.
pub(crate) fn add_user(state: &mut State, user_name: &str, display_name: &str) -> String {
    let id = state.next_number().to_string();
    let user = json!({
        "id": id,
        "userName": user_name,
        "displayName": display_name,
        "active": true,
        "schemas": [ResourceKind::Users.schema()],
        "emails": [{"value": user_name, "type": "work", "primary": true}],
        "name": {"givenName": display_name},
        "entitlements": [
            {"value": "workspace-access"}, {"value": "databricks-sql-access"}, {"value": "allow-cluster-create"},
        ],
    });
    if let Value::Object(user) = user {
        state.directory.users.insert(id.clone(), user);
    }
    let everybody =
        state.directory.groups.values_mut().find(|group| group.get("displayName") == Some(&json!("users")));
    if let Some(Value::Array(members)) = everybody.and_then(|group| group.get_mut("members")) {
        members.push(json!({"value": id, "display": display_name, "$ref": format!("Users/{id}")}));
    }
    id
}
