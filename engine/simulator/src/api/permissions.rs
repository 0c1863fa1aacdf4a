//! `/api/2.0/permissions/*`: who may do what with which object.

use axum::routing::MethodFilter;
use http::StatusCode;
use serde_json::{Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::state::State;
use crate::state::directory::ResourceKind;
use crate::state::job::Job;

mod entries;
mod kinds;
mod lists;
mod objects;
#[cfg(test)]
mod tests;

use entries::Entry;
use kinds::Kind;
use objects::Object;

/// The paths that the same endpoints have; the type of some objects has two parts.
const BASES: [&str; 3] = ["permissions/{type}", "permissions/{prefix}/{type}", "preview/permissions/{type}"];

pub(super) fn routes(routes: Routes) -> Routes {
    BASES.into_iter().fold(routes, |routes, base| {
        // Only SQL objects have a prefix; any other would be taken for the id of an object.
        let one = format!("{base}/{{id}}").replace("{prefix}", "sql");
        routes
            .add(&[0], MethodFilter::GET, &one, get)
            .add(&[0], MethodFilter::PUT, &one, set)
            .add(&[0], MethodFilter::PATCH, &one, update)
            .add(&[0], MethodFilter::GET, &format!("{one}/permissionLevels"), levels)
    })
}

/// The type of object that a call names.
fn kind_of(state: &State, call: &Call) -> Result<&'static Kind, ApiError> {
    let kind = kinds::named(call.placeholder("type"), call.placeholder("id"))?;
    check_tier(state, kind)?;
    Ok(kind)
}

fn object_of(state: &State, call: &Call) -> Result<Object, ApiError> {
    objects::find(state, kind_of(state, call)?, call.placeholder("id"))
}

/// Cheap workspaces have no access control lists.
fn check_tier(state: &State, kind: &Kind) -> Result<(), ApiError> {
    if !state.is_without_acls {
        return Ok(());
    }
    let message = format!("ACLs for {} are disabled or not available in this tier", kind.object_type);
    Err(ApiError::new(StatusCode::BAD_REQUEST, "FEATURE_DISABLED", message))
}

fn given(call: &Call) -> Value {
    call.body.get("access_control_list").filter(|list| !list.is_null()).cloned().unwrap_or_else(|| json!([]))
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let object = object_of(state, call)?;
    Ok(Reply::Json(lists::shown(state, &object)))
}

/// Replaces the direct entries.
fn set(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let object = object_of(state, call)?;
    let entries = entries::checked(state, object.kind, &given(call))?;
    write(state, call, &object, entries)
}

/// Adds direct entries and changes the level of those who have one.
fn update(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let object = object_of(state, call)?;
    let changes = entries::checked(state, object.kind, &given(call))?;
    let entries = entries::merged(lists::direct(state, &object), changes);
    write(state, call, &object, entries)
}

fn write(state: &mut State, call: &Call, object: &Object, entries: Vec<Entry>) -> Result<Reply, ApiError> {
    lists::check_whole(object, &entries)?;
    if lists::keep(state, object, entries) {
        let granted: Vec<String> = lists::direct(state, object).iter().map(Entry::in_words).collect();
        let summary = format!("permissions of {} {}: {}", object.kind.path, object.label, granted.join(", "));
        state.record(call, summary, Some(object.id.clone()));
    }
    Ok(Reply::Json(lists::shown(state, object)))
}

/// Adds the entries with which an object is created or edited, a new owner taking the place of the old one; says
/// whether anything changed.
pub(crate) fn grant(state: &mut State, kind: &str, id: &str, list: &Value) -> Result<bool, ApiError> {
    let kind = kinds::named(kind, id)?;
    check_tier(state, kind)?;
    let object = objects::find(state, kind, id)?;
    let changes = entries::checked(state, kind, list)?;
    let mut known = lists::direct(state, &object);
    if changes.iter().any(Entry::is_owner) {
        known.retain(|entry| !entry.is_owner());
    }
    let entries = entries::merged(known, changes);
    lists::check_whole(&object, &entries)?;
    Ok(lists::keep(state, &object, entries))
}

/// Says beforehand whether an object can be created with these entries.
pub(super) fn check_new(state: &State, kind: &str, list: &Value) -> Result<(), ApiError> {
    let kind = kinds::named(kind, "")?;
    check_tier(state, kind)?;
    let owners = entries::checked(state, kind, list)?.iter().filter(|entry| entry.is_owner()).count();
    if owners > 1 { Err(lists::one_owner(kind)) } else { Ok(()) }
}

/// Whether somebody, alone or through a group, has one of some levels on an object. Of an object that is not there
/// this is not for permissions to say.
pub(super) fn has_level(
    state: &State,
    user_name: &str,
    groups: &[String],
    (kind, id): (&str, &str),
    levels: &[&str],
) -> bool {
    let object = kinds::named(kind, id).and_then(|kind| objects::find(state, kind, id));
    let Some(object) = object.ok().filter(|_| !state.is_without_acls) else { return true };
    let is_theirs = |entry: &Entry| match entry.principal {
        ResourceKind::Groups => groups.contains(&entry.name),
        _ => entry.name.eq_ignore_ascii_case(user_name),
    };
    lists::all(state, &object).iter().any(|entry| is_theirs(entry) && levels.contains(&entry.level.as_str()))
}

/// Who owns a job: whoever has been given it, or its creator.
pub(crate) fn owner_of_job(state: &State, job: &Job) -> String {
    let granted = state.grants.get(&format!("jobs/{}", job.job_id)).filter(|_| !state.is_without_acls);
    let owner = granted.into_iter().flatten().filter_map(Entry::read).find(Entry::is_owner);
    owner.map_or_else(|| job.creator.clone(), |owner| owner.name)
}

/// Whose rights the runs of a job have.
pub(crate) fn run_as(state: &State, job: &Job) -> String {
    job.run_as().map_or_else(|| owner_of_job(state, job), str::to_owned)
}

fn levels(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let kind = kind_of(state, call)?;
    let shown: Vec<Value> = kind
        .levels
        .iter()
        .map(|(level, description)| json!({"permission_level": level, "description": description}))
        .collect();
    Ok(Reply::Json(json!({"permission_levels": shown})))
}
