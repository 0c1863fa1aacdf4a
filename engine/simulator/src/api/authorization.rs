//! Who may make which call: what is for administrators, and what needs a permission on an object.
//!
//! Reading is open to everybody in the workspace; so are calls that no rule below names.

use http::{Method, StatusCode};

use super::{ApiError, Call, permissions};
use crate::state::State;
use crate::state::directory::{Memberships, ResourceKind};

/// Families of which nobody else sees anything.
const FOR_ADMINS: [&str; 2] = ["workspace-conf", "token-management/"];

/// Calls with which only administrators change something.
const CHANGES_BY_ADMINS: [&str; 13] = [
    "scim/v2/",
    "global-init-scripts",
    "instance-profiles/",
    "policies/clusters/create",
    "policies/clusters/edit",
    "policies/clusters/delete",
    "instance-pools/create",
    "clusters/pin",
    "clusters/unpin",
    "clusters/change-owner",
    "permissions/authorization/",
    "accounts/servicePrincipals/",
    "accounts/access-control/",
];

const TO_MANAGE: &[&str] = &["CAN_MANAGE", "IS_OWNER"];
const TO_RUN: &[&str] = &["CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"];
const TO_RESTART: &[&str] = &["CAN_RESTART", "CAN_MANAGE"];

/// Call, type of object, parameter with its id, the levels that suffice.
type Rule = (&'static str, &'static str, &'static str, &'static [&'static str]);

const CHANGES_OF_OBJECTS: [Rule; 13] = [
    ("jobs/update", "jobs", "job_id", TO_MANAGE),
    ("jobs/reset", "jobs", "job_id", TO_MANAGE),
    ("jobs/delete", "jobs", "job_id", TO_MANAGE),
    ("jobs/run-now", "jobs", "job_id", TO_RUN),
    ("clusters/edit", "clusters", "cluster_id", TO_MANAGE),
    ("clusters/update", "clusters", "cluster_id", TO_MANAGE),
    ("clusters/resize", "clusters", "cluster_id", TO_MANAGE),
    ("clusters/permanent-delete", "clusters", "cluster_id", TO_MANAGE),
    ("clusters/start", "clusters", "cluster_id", TO_RESTART),
    ("clusters/restart", "clusters", "cluster_id", TO_RESTART),
    ("clusters/delete", "clusters", "cluster_id", TO_RESTART),
    ("instance-pools/edit", "instance-pools", "instance_pool_id", TO_MANAGE),
    ("instance-pools/delete", "instance-pools", "instance_pool_id", TO_MANAGE),
];

/// Refuses a call that its caller may not make.
pub(super) fn check(state: &State, call: &Call) -> Result<(), ApiError> {
    if call.user_name.is_empty() || state.directory.is_direct_admin(&call.user_name) {
        return Ok(());
    }
    let groups = groups_of(state, &call.user_name);
    if groups.iter().any(|name| name == "admins") {
        return Ok(());
    }
    let Some(rest) = endpoint(&call.path) else { return Ok(()) };
    let is_of = |families: &[&str]| families.iter().any(|family| rest.starts_with(family));
    if is_of(&FOR_ADMINS) || (call.method != Method::GET && is_of(&CHANGES_BY_ADMINS)) {
        return Err(denied(rest, "Only workspace administrators can make this call."));
    }
    let Some((kind, id, levels)) = object_of(rest, call) else { return Ok(()) };
    if permissions::has_level(state, &call.user_name, &groups, (&kind, &id), levels) {
        return Ok(());
    }
    let message =
        format!("{} does not have {} permissions on {kind}/{id}.", call.user_name, levels.join(" or "));
    Err(denied(rest, &message))
}

/// What follows the version in a path.
fn endpoint(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/api/2.")?.split_once('/')?.1;
    Some(rest.strip_prefix("preview/").unwrap_or(rest))
}

/// The type and id of the object that a call changes, with the levels that it takes.
fn object_of(rest: &str, call: &Call) -> Option<(String, String, &'static [&'static str])> {
    if rest.starts_with("permissions/") && call.method != Method::GET {
        let (kind, id) = (call.placeholder("type"), call.placeholder("id"));
        return Some((kind.to_owned(), id.to_owned(), TO_MANAGE));
    }
    let (_, kind, parameter, levels) = CHANGES_OF_OBJECTS.iter().find(|rule| rule.0 == rest)?;
    Some(((*kind).to_owned(), call.text(parameter)?, levels))
}

/// The names of the groups that somebody is in, directly and through others.
fn groups_of(state: &State, user_name: &str) -> Vec<String> {
    let directory = &state.directory;
    let Some(kind) = directory.actor_kind(user_name) else { return Vec::new() };
    let Some(id) = directory.id_of(kind, user_name) else { return Vec::new() };
    let groups = Memberships::new(directory).groups_of(kind, id).into_iter();
    groups
        .filter_map(|(group_id, _)| {
            directory.of(ResourceKind::Groups).get(group_id)?.get("displayName")?.as_str().map(str::to_owned)
        })
        .collect()
}

fn denied(rest: &str, message: &str) -> ApiError {
    if rest.starts_with("scim/") {
        return ApiError::scim(StatusCode::FORBIDDEN, None, message);
    }
    ApiError::new(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message)
}
