//! Identities as access control lists name them.

use serde_json::{Map, Value};

use super::{Directory, ResourceKind, text};
use crate::state::State;

impl ResourceKind {
    /// The field of an entry of an access control list that names one.
    pub(crate) fn principal_field(self) -> &'static str {
        match self {
            Self::Users => "user_name",
            Self::Groups => "group_name",
            Self::ServicePrincipals => "service_principal_name",
        }
    }
}

impl Directory {
    /// The name of a principal as the directory spells it, if there is such a one.
    pub(crate) fn principal(&self, kind: ResourceKind, name: &str) -> Option<&str> {
        let resource = self.of(kind).get(self.id_of(kind, name)?)?;
        Some(text(resource, kind.natural_name()))
    }

    /// The kind of whoever calls or has created something under that name, if still there.
    pub(crate) fn actor_kind(&self, name: &str) -> Option<ResourceKind> {
        [ResourceKind::Users, ResourceKind::ServicePrincipals]
            .into_iter()
            .find(|kind| self.id_of(*kind, name).is_some())
    }

    /// The name of a principal for people.
    pub(crate) fn display_name(&self, kind: ResourceKind, name: &str) -> Option<&str> {
        let resource = self.of(kind).get(self.id_of(kind, name)?)?;
        Some(text(resource, "displayName"))
    }

    /// Whether somebody may sign in.
    pub(crate) fn is_active(&self, name: &str) -> bool {
        let resource = self.actor_kind(name).and_then(|kind| self.of(kind).get(self.id_of(kind, name)?));
        resource.is_some_and(|resource| resource.get("active").and_then(Value::as_bool).unwrap_or(true))
    }
}

fn is_named(entry: &Map<String, Value>, kind: ResourceKind, name: &str) -> bool {
    let named = entry.get(kind.principal_field()).and_then(Value::as_str);
    named.is_some_and(|named| named.eq_ignore_ascii_case(name))
}

/// Takes a principal out of every access control list.
pub(super) fn forget(state: &mut State, kind: ResourceKind, name: &str) {
    for entries in state.grants.values_mut() {
        entries.retain(|entry| !is_named(entry, kind, name));
    }
}

/// Follows a new name in every access control list.
pub(super) fn rename(state: &mut State, kind: ResourceKind, before: &str, after: &str) {
    for entry in state.grants.values_mut().flatten().filter(|entry| is_named(entry, kind, before)) {
        entry.insert(kind.principal_field().to_owned(), after.into());
    }
}
