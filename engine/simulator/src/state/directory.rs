//! Users, groups and service principals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::State;

mod memberships;
mod past_groups;
mod principals;

pub(crate) use memberships::{Memberships, set_groups};
use past_groups::PastGroups;

/// The fields of one SCIM resource as they are kept: without what can be told from the rest of the directory.
pub(crate) type Resource = Map<String, Value>;

/// What everybody who is let into the workspace may do.
const EVERYBODY_MAY: [&str; 2] = ["workspace-access", "databricks-sql-access"];

/// What administrators may do beyond that.
const ADMINS_MAY: [&str; 2] = ["allow-cluster-create", "allow-instance-pool-create"];

/// The three kinds of SCIM resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum ResourceKind {
    Users,
    Groups,
    ServicePrincipals,
}

impl ResourceKind {
    pub(crate) const ALL: [Self; 3] = [Self::Users, Self::Groups, Self::ServicePrincipals];

    /// As paths name it.
    pub(crate) fn collection(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Groups => "Groups",
            Self::ServicePrincipals => "ServicePrincipals",
        }
    }

    /// As sentences name one.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Users => "User",
            Self::Groups => "Group",
            Self::ServicePrincipals => "Service principal",
        }
    }

    /// The attribute by which one is told from the others.
    pub(crate) fn natural_name(self) -> &'static str {
        match self {
            Self::Users => "userName",
            Self::Groups => "displayName",
            Self::ServicePrincipals => "applicationId",
        }
    }
}

/// All identities, each as its SCIM resource, by id.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "StoredDirectory")]
pub(crate) struct Directory {
    users: BTreeMap<String, Resource>,
    groups: BTreeMap<String, Resource>,
    service_principals: BTreeMap<String, Resource>,
    admin_user_id: String,
    admins_group_id: String,
    /// Ids by kind and natural name in lower case.
    #[serde(skip)]
    ids: BTreeMap<(ResourceKind, String), String>,
    #[serde(skip)]
    past_groups: PastGroups,
}

/// The directory without what can be computed from it.
#[derive(Deserialize)]
struct StoredDirectory {
    users: BTreeMap<String, Resource>,
    groups: BTreeMap<String, Resource>,
    service_principals: BTreeMap<String, Resource>,
    admin_user_id: String,
    admins_group_id: String,
}

impl From<StoredDirectory> for Directory {
    fn from(stored: StoredDirectory) -> Self {
        let mut directory = Self {
            users: stored.users,
            groups: stored.groups,
            service_principals: stored.service_principals,
            admin_user_id: stored.admin_user_id,
            admins_group_id: stored.admins_group_id,
            ..Self::default()
        };
        for kind in ResourceKind::ALL {
            let known =
                directory.of(kind).iter().map(|(id, fields)| ((kind, key_of(kind, fields)), id.clone()));
            let known: Vec<_> = known.collect();
            directory.ids.extend(known);
        }
        directory
    }
}

/// The text under a name of a resource.
pub(crate) fn text<'a>(resource: &'a Resource, name: &str) -> &'a str {
    resource.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn key_of(kind: ResourceKind, resource: &Resource) -> String {
    text(resource, kind.natural_name()).to_lowercase()
}

impl Directory {
    pub(crate) fn of(&self, kind: ResourceKind) -> &BTreeMap<String, Resource> {
        match kind {
            ResourceKind::Users => &self.users,
            ResourceKind::Groups => &self.groups,
            ResourceKind::ServicePrincipals => &self.service_principals,
        }
    }

    fn of_mut(&mut self, kind: ResourceKind) -> &mut BTreeMap<String, Resource> {
        match kind {
            ResourceKind::Users => &mut self.users,
            ResourceKind::Groups => &mut self.groups,
            ResourceKind::ServicePrincipals => &mut self.service_principals,
        }
    }

    /// The kind and the fields of the resource with that id.
    pub(crate) fn find(&self, id: &str) -> Option<(ResourceKind, &Resource)> {
        ResourceKind::ALL.into_iter().find_map(|kind| Some((kind, self.of(kind).get(id)?)))
    }

    /// The id of the resource with that natural name, whatever its case.
    pub(crate) fn id_of(&self, kind: ResourceKind, name: &str) -> Option<&str> {
        self.ids.get(&(kind, name.to_lowercase())).map(String::as_str)
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

    /// The group that everybody is in.
    pub(crate) fn everybody_group_id(&self) -> Option<&str> {
        self.id_of(ResourceKind::Groups, "users")
    }

    /// Whether the group came with the workspace: it keeps its name and cannot be deleted.
    pub(crate) fn is_system_group(&self, id: &str) -> bool {
        id == self.admins_group_id || Some(id) == self.everybody_group_id()
    }

    /// The groups as lists show them, which may lag behind by some milliseconds.
    pub(crate) fn groups_as_of(&self, then_ms: i64) -> BTreeMap<String, Resource> {
        self.past_groups.undo(self.groups.clone(), then_ms)
    }
}

/// Adds a resource or replaces what it holds.
pub(crate) fn put(state: &mut State, kind: ResourceKind, id: &str, resource: Resource) {
    let key = key_of(kind, &resource);
    let lag_ms = state.faults.stale_group_lists_ms();
    let directory = &mut state.directory;
    let before = directory.of_mut(kind).insert(id.to_owned(), resource);
    if let Some(before) = &before {
        directory.ids.remove(&(kind, key_of(kind, before)));
    }
    directory.ids.insert((kind, key), id.to_owned());
    if kind == ResourceKind::Groups {
        directory.past_groups.remember(id, before, state.now_ms, lag_ms);
    }
}

/// Removes a resource from the directory, from its groups and from every access control list; its fields.
pub(crate) fn remove(state: &mut State, kind: ResourceKind, id: &str) -> Option<Resource> {
    let gone = state.directory.of_mut(kind).remove(id)?;
    state.directory.ids.remove(&(kind, key_of(kind, &gone)));
    if kind == ResourceKind::Groups {
        let lag_ms = state.faults.stale_group_lists_ms();
        state.directory.past_groups.remember(id, Some(gone.clone()), state.now_ms, lag_ms);
    }
    set_groups(state, id, &[]);
    principals::forget(state, kind, text(&gone, kind.natural_name()));
    Some(gone)
}

/// Gives a group another name, in every access control list too.
pub(crate) fn renamed(state: &mut State, kind: ResourceKind, before: &str, after: &str) {
    if before != after {
        principals::rename(state, kind, before, after);
    }
}

fn entitlements(names: &[&str]) -> Value {
    names.iter().map(|name| json!({"value": name})).collect()
}

/// The administrator and the groups that every workspace has.
pub(crate) fn deploy(state: &mut State) {
    let user_name = state.directory.admin_user_name();
    let admins = state.next_number().to_string();
    let users = state.next_number().to_string();
    let admin = add_user(state, &user_name, "Platform admin");
    if let Some(fields) = state.directory.users.get_mut(&admin) {
        let own = [EVERYBODY_MAY.as_slice(), &["allow-cluster-create"]].concat();
        fields.insert("entitlements".into(), entitlements(&own));
    }
    let admins_may = [EVERYBODY_MAY, ADMINS_MAY].concat();
    for (id, name, members, may) in [
        (&admins, "admins", json!([{"value": admin}]), entitlements(&admins_may)),
        (&users, "users", json!([]), entitlements(&EVERYBODY_MAY)),
    ] {
        let fields = [("displayName", name.into()), ("members", members), ("entitlements", may)];
        put(state, ResourceKind::Groups, id, resource(fields));
    }
    state.directory.admin_user_id = admin;
    state.directory.admins_group_id = admins;
}

/// The fields of a resource from what is written as a literal.
pub(crate) fn resource<const N: usize>(fields: [(&str, Value); N]) -> Resource {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Adds an active user; returns the id.
pub(crate) fn add_user(state: &mut State, user_name: &str, display_name: &str) -> String {
    let id = state.next_number().to_string();
    let fields = [
        ("userName", user_name.into()),
        ("displayName", display_name.into()),
        ("active", true.into()),
        ("emails", json!([{"value": user_name, "type": "work", "primary": true}])),
        ("name", name_of(display_name)),
    ];
    put(state, ResourceKind::Users, &id, resource(fields));
    id
}

/// Adds an active service principal; returns the id.
pub(crate) fn add_service_principal(state: &mut State, application_id: &str, display_name: &str) -> String {
    let id = state.next_number().to_string();
    let fields = [
        ("applicationId", application_id.into()),
        ("displayName", display_name.into()),
        ("active", true.into()),
    ];
    put(state, ResourceKind::ServicePrincipals, &id, resource(fields));
    id
}

/// Makes sure that a machine that has signed in is a principal of the workspace: those that the simulator was
/// configured with were never made by a call, and administer it.
pub(crate) fn admit_machine(state: &mut State, client_id: &str) {
    if state.directory.id_of(ResourceKind::ServicePrincipals, client_id).is_some() {
        return;
    }
    let id = add_service_principal(state, client_id, client_id);
    let admins = state.directory.admins_group_id().to_owned();
    set_groups(state, &id, &[admins]);
}

/// The parts of a name as the service splits them.
pub(crate) fn name_of(display_name: &str) -> Value {
    match display_name.split_once(' ') {
        Some((given, family)) => json!({"givenName": given, "familyName": family}),
        None => json!({"givenName": display_name}),
    }
}
