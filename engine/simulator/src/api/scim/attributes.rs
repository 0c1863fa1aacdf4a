//! The attributes that a kind of resource has, and which of them can be changed.

use serde_json::{Map, Value};

use crate::state::directory::{Resource, ResourceKind};

/// What callers can set. Names are compared without their case.
fn settable(kind: ResourceKind) -> &'static [&'static str] {
    match kind {
        ResourceKind::Users => &[
            "userName",
            "displayName",
            "name",
            "emails",
            "active",
            "externalId",
            "entitlements",
            "roles",
            "groups",
        ],
        ResourceKind::Groups => {
            &["displayName", "externalId", "entitlements", "roles", "members", "groups", "meta"]
        }
        ResourceKind::ServicePrincipals => {
            &["applicationId", "displayName", "active", "externalId", "entitlements", "roles", "groups"]
        }
    }
}

/// What every resource has and nobody can set.
const GIVEN: [&str; 3] = ["id", "schemas", "meta"];

/// What is set when the resource is made and stays; changes are ignored, as the service does.
pub(super) fn fixed(kind: ResourceKind) -> &'static [&'static str] {
    match kind {
        ResourceKind::Users => &["userName", "emails"],
        ResourceKind::Groups => &["meta"],
        ResourceKind::ServicePrincipals => &["applicationId"],
    }
}

/// What a replacement that does not mention it leaves as it is.
pub(super) fn kept(kind: ResourceKind) -> &'static [&'static str] {
    match kind {
        ResourceKind::Users => &["userName", "emails", "displayName", "name", "active"],
        ResourceKind::Groups => &["displayName", "meta"],
        ResourceKind::ServicePrincipals => &["applicationId", "displayName", "active"],
    }
}

/// Attributes that hold several values.
pub(super) fn is_list(name: &str) -> bool {
    matches!(name, "emails" | "entitlements" | "roles" | "members" | "groups")
}

/// The attribute as it is spelled, if the kind has it.
pub(super) fn canonical(kind: ResourceKind, name: &str) -> Option<&'static str> {
    let mut names = settable(kind).iter().chain(&GIVEN);
    names.find(|known| known.eq_ignore_ascii_case(name)).copied()
}

/// The attributes that can be set, out of what was given; the rest is ignored, as the service does.
pub(super) fn known(kind: ResourceKind, given: &Map<String, Value>) -> Resource {
    let is_settable = |name: &&str| settable(kind).contains(name);
    given
        .iter()
        .filter(|(_, value)| !value.is_null())
        .filter_map(|(name, value)| {
            Some((canonical(kind, name).filter(is_settable)?.to_owned(), value.clone()))
        })
        .collect()
}
