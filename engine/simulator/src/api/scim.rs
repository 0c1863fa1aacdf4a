//! `/api/2.0/preview/scim/v2/*`: users, groups and service principals.

use axum::routing::MethodFilter;
use http::StatusCode;
use serde_json::Value;

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::seed;
use crate::state::State;
use crate::state::directory::{self, Memberships, Resource, ResourceKind, set_groups, text};
use crate::state::tree;

mod attributes;
mod draft;
mod filter;
mod listing;
mod patch;
mod secrets;
mod summary;
#[cfg(test)]
mod tests;
mod view;

use draft::Draft;

/// The paths that the same resources have.
const BASES: [&str; 3] = ["preview/scim/v2", "scim/v2", "account/scim/v2"];

pub(super) fn routes(routes: Routes) -> Routes {
    let routes = BASES.into_iter().fold(routes, |routes, base| {
        let one = format!("{base}/{{kind}}/{{id}}");
        let all = format!("{base}/{{kind}}");
        routes
            .add(&[0], MethodFilter::GET, &format!("{base}/Me"), me)
            .add(&[0], MethodFilter::GET, &all, listing::list)
            .add(&[0], MethodFilter::POST, &all, create)
            .add(&[0], MethodFilter::GET, &one, get)
            .add(&[0], MethodFilter::PUT, &one, replace)
            .add(&[0], MethodFilter::PATCH, &one, patch_one)
            .add(&[0], MethodFilter::DELETE, &one, delete)
    });
    secrets::routes(routes)
}

fn kind_of(call: &Call) -> Result<ResourceKind, ApiError> {
    let named = ResourceKind::ALL.into_iter().find(|kind| kind.collection() == call.placeholder("kind"));
    named.ok_or_else(|| ApiError::no_endpoint(call.method.as_str(), &call.path))
}

fn missing(kind: ResourceKind, id: &str) -> ApiError {
    let detail = format!("{} with id {id} not found.", kind.noun());
    ApiError::scim(StatusCode::NOT_FOUND, None, detail)
}

fn refused(scim_type: &str, detail: impl Into<String>) -> ApiError {
    ApiError::scim(StatusCode::BAD_REQUEST, Some(scim_type), detail)
}

fn target(state: &State, call: &Call) -> Result<(ResourceKind, String, Resource), ApiError> {
    let (kind, id) = (kind_of(call)?, call.placeholder("id"));
    let known = state.directory.of(kind).get(id).ok_or_else(|| missing(kind, id))?;
    Ok((kind, id.to_owned(), known.clone()))
}

/// The resource as it is answered, narrowed to the attributes that the call asks for.
fn shown(state: &State, call: &Call, kind: ResourceKind, id: &str) -> Result<Value, ApiError> {
    let resource = state.directory.of(kind).get(id).ok_or_else(|| missing(kind, id))?;
    let memberships = Memberships::new(&state.directory);
    Ok(view::narrowed(view::resource(&memberships, &state.directory, kind, id, resource), call))
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    shown(state, call, kind_of(call)?, call.placeholder("id")).map(Reply::Json)
}

/// The caller, whom the service shows as a user even when it is a service principal.
fn me(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let directory = &state.directory;
    let caller = directory
        .actor_kind(&call.user_name)
        .and_then(|kind| Some((kind, directory.id_of(kind, &call.user_name)?.to_owned())));
    let (kind, id) = caller.ok_or_else(ApiError::invalid_credential)?;
    let mut me = shown(state, call, kind, &id)?;
    if let Some(fields) = me.as_object_mut().filter(|_| kind == ResourceKind::ServicePrincipals) {
        if let Some(application_id) = fields.get("applicationId").cloned() {
            fields.insert("userName".into(), application_id);
        }
        if fields.contains_key("schemas") {
            fields.insert("schemas".into(), view::schemas(ResourceKind::Users));
        }
    }
    Ok(Reply::Json(me))
}

/// An application id that no other service principal has.
fn new_application_id(id: &str) -> String {
    let hex = format!("{:016x}{:016x}", seed::of_text(id), seed::mix(seed::of_text(id)));
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

fn create(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let kind = kind_of(call)?;
    let mut fields = attributes::known(kind, &call.body);
    let id = state.next_number().to_string();
    if kind == ResourceKind::ServicePrincipals {
        fields.entry("applicationId").or_insert_with(|| new_application_id(&id).into());
    }
    let draft = Draft::check(state, kind, &id, fields)?;
    let name = draft.natural_name().to_owned();
    keep(state, kind, &id, draft);
    if kind == ResourceKind::Users {
        tree::make_directory(state, &tree::home_of(&name));
    }
    let summary = summary::of(state, "create", kind, &id);
    state.record(call, summary, Some(id.clone()));
    shown(state, call, kind, &id).map(Reply::Created)
}

/// Writes a checked resource down.
fn keep(state: &mut State, kind: ResourceKind, id: &str, draft: Draft) {
    let before = state.directory.of(kind).get(id).map(|known| text(known, kind.natural_name()).to_owned());
    let after = draft.natural_name().to_owned();
    directory::put(state, kind, id, draft.fields);
    if let Some(before) = before {
        directory::renamed(state, kind, &before, &after);
    }
    if let Some(groups) = draft.groups {
        set_groups(state, id, &groups);
    }
}

/// Takes over a changed resource and writes down what changed, if anything.
fn change(
    state: &mut State,
    call: &Call,
    (kind, id): (ResourceKind, &str),
    fields: Resource,
) -> Result<(), ApiError> {
    let draft = Draft::check(state, kind, id, fields)?;
    let before = summary::evidence(state, kind, id);
    keep(state, kind, id, draft);
    if summary::evidence(state, kind, id) != before {
        let summary = summary::of(state, "change", kind, id);
        state.record(call, summary, Some(id.to_owned()));
    }
    Ok(())
}

fn replace(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (kind, id, known) = target(state, call)?;
    let mut fields = attributes::known(kind, &call.body);
    for name in attributes::fixed(kind) {
        fields.remove(*name);
    }
    for name in attributes::kept(kind) {
        if let Some(value) = known.get(*name) {
            fields.entry(*name).or_insert_with(|| value.clone());
        }
    }
    change(state, call, (kind, &id), fields)?;
    shown(state, call, kind, &id).map(Reply::Json)
}

fn patch_one(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (kind, id, mut fields) = target(state, call)?;
    let operations = call.body.get("Operations").or_else(|| call.body.get("operations"));
    let operations = operations
        .and_then(Value::as_array)
        .ok_or_else(|| refused("invalidSyntax", "Operations must be a list of operations."))?;
    let direct: Vec<Value> = Memberships::new(&state.directory)
        .shown(kind, &id)
        .into_iter()
        .filter(|group| group.get("type").and_then(Value::as_str) == Some("direct"))
        .collect();
    fields.insert("groups".into(), direct.into());
    for operation in operations {
        patch::apply(kind, &mut fields, operation)?;
    }
    change(state, call, (kind, &id), fields)?;
    Ok(Reply::NoContent)
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (kind, id, _) = target(state, call)?;
    if state.directory.is_system_group(&id) {
        return Err(refused("mutability", "The groups admins and users cannot be deleted."));
    }
    if id == state.directory.admin_user_id() {
        return Err(refused("mutability", "The administrator of the workspace cannot be deleted."));
    }
    let summary = summary::name(state, "delete", kind, &id);
    directory::remove(state, kind, &id);
    state.record(call, summary, Some(id));
    Ok(Reply::NoContent)
}
