//! `/api/2.0/preview/scim/v2/*`: users, groups and service principals.

use axum::routing::MethodFilter;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::seed;
use crate::state::State;
use crate::state::directory::{ResourceKind, natural_name};
use crate::state::tree;

mod filter;
mod patch;

/// The paths that the same resources have.
const BASES: [&str; 3] = ["preview/scim/v2", "scim/v2", "account/scim/v2"];

pub(super) fn routes(routes: Routes) -> Routes {
    BASES
        .into_iter()
        .fold(routes, |routes, base| {
            let one = format!("{base}/{{kind}}/{{id}}");
            let all = format!("{base}/{{kind}}");
            routes
                .add(&[0], MethodFilter::GET, &format!("{base}/Me"), me)
                .add(&[0], MethodFilter::GET, &all, list)
                .add(&[0], MethodFilter::POST, &all, create)
                .add(&[0], MethodFilter::GET, &one, get)
                .add(&[0], MethodFilter::PUT, &one, replace)
                .add(&[0], MethodFilter::PATCH, &one, patch_one)
                .add(&[0], MethodFilter::DELETE, &one, delete)
        })
        .add(&[0], MethodFilter::POST, "accounts/servicePrincipals/{id}/credentials/secrets", create_secret)
}

fn kind_of(call: &Call) -> Result<ResourceKind, ApiError> {
    match call.placeholder("kind") {
        "Users" => Ok(ResourceKind::Users),
        "Groups" => Ok(ResourceKind::Groups),
        "ServicePrincipals" => Ok(ResourceKind::ServicePrincipals),
        _ => Err(ApiError::no_endpoint(call.method.as_str(), &call.path)),
    }
}

fn missing(kind: ResourceKind, id: &str) -> ApiError {
    let noun = match kind {
        ResourceKind::Users => "User",
        ResourceKind::Groups => "Group",
        ResourceKind::ServicePrincipals => "Service Principal",
    };
    ApiError::scim(StatusCode::NOT_FOUND, None, format!("{noun} with id {id} not found."))
}

/// A resource with the groups that it is in.
fn view(state: &State, kind: ResourceKind, id: &str) -> Option<Value> {
    let mut shown = state.directory.of(kind).get(id)?.clone();
    if kind != ResourceKind::Groups {
        let is_member = |group: &Map<String, Value>| {
            let members =
                group.get("members").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            members.iter().any(|member| member.get("value").and_then(Value::as_str) == Some(id))
        };
        let groups: Vec<Value> = state
            .directory
            .groups
            .iter()
            .filter(|(_, group)| is_member(group))
            .map(|(group_id, group)| {
                let name = group.get("displayName");
                json!({"value": group_id, "display": name, "type": "direct", "$ref": format!("Groups/{group_id}")})
            })
            .collect();
        shown.insert("groups".into(), Value::Array(groups));
    }
    Some(Value::Object(shown))
}

fn me(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let directory = &state.directory;
    let user = directory.users.iter().find(|(_, user)| user.get("userName") == Some(&json!(call.user_name)));
    if let Some((id, _)) = user {
        let id = id.clone();
        return view(state, ResourceKind::Users, &id)
            .map(Reply::Json)
            .ok_or_else(|| missing(ResourceKind::Users, &id));
    }
    let principals = &directory.service_principals;
    let known =
        principals.iter().find(|(_, known)| known.get("applicationId") == Some(&json!(call.user_name)));
    let (id, name) = match known {
        Some((id, known)) => (id.clone(), known.get("displayName").cloned().unwrap_or_default()),
        None => (seed::of_text(&call.user_name).to_string(), call.user_name.clone().into()),
    };
    let admins = directory.admins_group_id();
    Ok(Reply::Json(json!({
        "id": id,
        "userName": call.user_name,
        "displayName": name,
        "active": true,
        "schemas": [ResourceKind::ServicePrincipals.schema()],
        "groups": [{"value": admins, "display": "admins", "type": "direct", "$ref": format!("Groups/{admins}")}],
        "entitlements": [{"value": "workspace-access"}, {"value": "allow-cluster-create"}],
    })))
}

fn list(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let kind = kind_of(call)?;
    let start = call.integer("startIndex")?.unwrap_or(1).max(1);
    let count = call.integer("count")?.unwrap_or(100).max(0);
    let filter = call.text("filter").filter(|text| !text.is_empty());
    let filter = filter.map(|text| filter::Filter::parse(&text)).transpose()?;
    let ids: Vec<String> = state.directory.of(kind).keys().cloned().collect();
    let found: Vec<Value> = ids
        .iter()
        .filter_map(|id| view(state, kind, id))
        .filter(|resource| filter.as_ref().is_none_or(|filter| filter.matches(resource)))
        .collect();
    let total = found.len();
    let skip = usize::try_from(start - 1).unwrap_or(0);
    let attributes = call.list("attributes");
    let page: Vec<Value> = found
        .into_iter()
        .skip(skip)
        .take(usize::try_from(count).unwrap_or(0))
        .map(|resource| narrowed(resource, &attributes))
        .collect();
    Ok(Reply::Json(json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": page.len(),
        "Resources": page,
    })))
}

fn narrowed(resource: Value, attributes: &[String]) -> Value {
    match resource {
        Value::Object(mut fields) if !attributes.is_empty() => {
            let is_asked = |name: &str| {
                attributes
                    .iter()
                    .any(|asked| asked.split('.').next().is_some_and(|top| top.eq_ignore_ascii_case(name)))
            };
            fields.retain(|name, _| name == "id" || is_asked(name));
            Value::Object(fields)
        }
        resource => resource,
    }
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (kind, id) = (kind_of(call)?, call.placeholder("id"));
    view(state, kind, id).map(Reply::Json).ok_or_else(|| missing(kind, id))
}

fn invalid(detail: impl Into<String>) -> ApiError {
    ApiError::scim(StatusCode::BAD_REQUEST, Some("invalidValue"), detail)
}

fn create(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let kind = kind_of(call)?;
    let mut resource = call.body.clone();
    resource.retain(|_, value| !value.is_null());
    let id = state.next_number().to_string();
    if kind == ResourceKind::ServicePrincipals && !resource.contains_key("applicationId") {
        let hex = format!("{:016x}{:016x}", seed::of_text(&id), seed::mix(seed::of_text(&id)));
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        let application_id =
            format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32));
        resource.insert("applicationId".into(), application_id.into());
    }
    let attribute = natural_name(kind);
    let name = resource.get(attribute).and_then(Value::as_str).unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(invalid(format!("{attribute} is required.")));
    }
    let is_taken = state.directory.of(kind).values().any(|known| {
        known.get(attribute).and_then(Value::as_str).is_some_and(|known| known.eq_ignore_ascii_case(&name))
    });
    if is_taken {
        let detail =
            format!("{} with name {name} already exists.", call.placeholder("kind").trim_end_matches('s'));
        return Err(ApiError::scim(StatusCode::CONFLICT, Some("uniqueness"), detail));
    }
    resource.insert("id".into(), id.clone().into());
    resource.insert("schemas".into(), json!([kind.schema()]));
    match kind {
        ResourceKind::Groups => {
            resource.entry("meta").or_insert_with(|| json!({"resourceType": "WorkspaceGroup"}));
            resource.entry("members").or_insert_with(|| json!([]));
        }
        _ => {
            resource.entry("active").or_insert_with(|| true.into());
            resource.entry("displayName").or_insert_with(|| name.clone().into());
        }
    }
    if kind == ResourceKind::Users {
        resource.entry("emails").or_insert_with(|| json!([{"value": name, "type": "work", "primary": true}]));
        tree::make_directory(state, &tree::home_of(&name));
    }
    state.directory.of_mut(kind).insert(id.clone(), resource);
    state.record(call, format!("create {} \"{name}\"", noun(call)), Some(id.clone()));
    view(state, kind, &id).map(Reply::Created).ok_or_else(|| missing(kind, &id))
}

fn noun(call: &Call) -> String {
    call.placeholder("kind").trim_end_matches('s').to_lowercase()
}

fn store(state: &mut State, call: &Call, kind: ResourceKind, id: &str, resource: Map<String, Value>) {
    let name = resource.get(natural_name(kind)).and_then(Value::as_str).unwrap_or_default().to_owned();
    if state.directory.of(kind).get(id) != Some(&resource) {
        state.directory.of_mut(kind).insert(id.to_owned(), resource);
        state.record(call, format!("change {} \"{name}\"", noun(call)), Some(id.to_owned()));
    }
}

fn replace(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (kind, id) = (kind_of(call)?, call.placeholder("id").to_owned());
    let known = state.directory.of(kind).get(&id).ok_or_else(|| missing(kind, &id))?;
    let mut resource = call.body.clone();
    resource.retain(|_, value| !value.is_null());
    for name in ["id", "schemas", "meta", natural_name(kind)] {
        if let Some(value) = known.get(name) {
            resource.entry(name).or_insert_with(|| value.clone());
        }
    }
    resource.insert("id".into(), id.clone().into());
    store(state, call, kind, &id, resource);
    view(state, kind, &id).map(Reply::Json).ok_or_else(|| missing(kind, &id))
}

fn patch_one(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (kind, id) = (kind_of(call)?, call.placeholder("id").to_owned());
    let mut resource = state.directory.of(kind).get(&id).cloned().ok_or_else(|| missing(kind, &id))?;
    let operations = call.body.get("Operations").and_then(Value::as_array).cloned().unwrap_or_default();
    for operation in operations {
        patch::apply(&mut resource, &operation)?;
    }
    store(state, call, kind, &id, resource);
    Ok(Reply::NoContent)
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (kind, id) = (kind_of(call)?, call.placeholder("id").to_owned());
    if id == state.directory.admin_user_id() || id == state.directory.admins_group_id() {
        return Err(invalid("The administrator of the workspace cannot be deleted."));
    }
    let gone = state.directory.of_mut(kind).remove(&id).ok_or_else(|| missing(kind, &id))?;
    for group in state.directory.groups.values_mut() {
        if let Some(Value::Array(members)) = group.get_mut("members") {
            members.retain(|member| member.get("value").and_then(Value::as_str) != Some(id.as_str()));
        }
    }
    let name = gone.get(natural_name(kind)).and_then(Value::as_str).unwrap_or_default();
    state.record(call, format!("delete {} \"{name}\"", noun(call)), Some(id));
    Ok(Reply::NoContent)
}

/// A secret with which a service principal signs in.
fn create_secret(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let id = call.placeholder("id");
    let principal = state.directory.service_principals.get(id);
    let application_id =
        principal.and_then(|principal| principal.get("applicationId")).and_then(Value::as_str);
    let application_id = application_id
        .map(str::to_owned)
        .ok_or_else(|| ApiError::does_not_exist(format!("Service principal {id} does not exist.")))?;
    let number = state.next_number().unsigned_abs();
    let value = format!("dose{:016x}{:016x}", seed::mix(number), seed::mix(number ^ 1));
    let secret_id = format!("{:016x}", seed::mix(number ^ 2));
    let now_ms = state.now_ms;
    state.credentials.add_secret(&application_id, secret_id.clone(), &value, now_ms);
    state.record(call, "create a secret of a service principal".to_owned(), Some(secret_id.clone()));
    let at = crate::clock::iso(now_ms);
    Ok(Reply::Json(json!({
        "id": secret_id, "secret": value, "status": "ACTIVE", "create_time": at, "update_time": at,
    })))
}
