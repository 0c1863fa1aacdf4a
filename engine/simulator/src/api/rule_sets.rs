//! `/api/2.0/preview/accounts/access-control/*`: who may manage and use groups and service principals.

use axum::routing::MethodFilter;
use http::StatusCode;
use serde_json::{Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::seed;
use crate::state::State;
use crate::state::directory::ResourceKind;

const BASE: &str = "preview/accounts/access-control";

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::GET, &format!("{BASE}/assignable-roles"), roles)
        .add(&[0], MethodFilter::GET, &format!("{BASE}/rule-sets"), get)
        .add(&[0], MethodFilter::PUT, &format!("{BASE}/rule-sets"), replace)
}

/// The roles that can be given on what `accounts/<id>/…` names, which must be there.
fn roles_on(state: &State, resource: &str) -> Result<&'static [&'static str], ApiError> {
    let wrong = || ApiError::invalid_parameter(format!("{resource} is not the name of a resource."));
    let parts: Vec<&str> = resource.split('/').collect();
    let directory = &state.directory;
    let (is_there, roles): (bool, &[&str]) = match parts.as_slice() {
        ["accounts", _] => (true, &["roles/marketplace.admin", "roles/billing.admin", "roles/account.admin"]),
        ["accounts", _, "groups", id] => {
            (directory.of(ResourceKind::Groups).contains_key(*id), &["roles/group.manager"])
        }
        // Rule sets name service principals by application id, roles by either.
        ["accounts", _, "servicePrincipals", name] => (
            directory.id_of(ResourceKind::ServicePrincipals, name).is_some()
                || directory.of(ResourceKind::ServicePrincipals).contains_key(*name),
            &["roles/servicePrincipal.manager", "roles/servicePrincipal.user"],
        ),
        _ => return Err(wrong()),
    };
    if is_there { Ok(roles) } else { Err(ApiError::does_not_exist(format!("{resource} does not exist."))) }
}

fn roles(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let roles = roles_on(state, &call.required_text("resource")?)?;
    let shown: Vec<Value> = roles.iter().map(|name| json!({"name": name})).collect();
    Ok(Reply::Json(json!({"roles": shown})))
}

fn resource_of(name: &str) -> Result<&str, ApiError> {
    name.strip_suffix("/ruleSets/default")
        .ok_or_else(|| ApiError::invalid_parameter(format!("{name} is not the name of a rule set.")))
}

fn rules_of(state: &State, name: &str) -> Vec<Value> {
    state.rule_sets.get(name).cloned().unwrap_or_default()
}

/// Tells one version of a rule set from another.
fn etag(name: &str, rules: &[Value]) -> String {
    let text = format!("{name} {}", Value::from(rules.to_vec()));
    format!("RENUAAABh{:016x}==", seed::of_text(&text))
}

fn shown(state: &State, name: &str) -> Reply {
    let rules = rules_of(state, name);
    Reply::Json(json!({"name": name, "etag": etag(name, &rules), "grant_rules": rules}))
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let name = call.required_text("name")?;
    roles_on(state, resource_of(&name)?)?;
    Ok(shown(state, &name))
}

fn replace(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let name = call.required_text("name")?;
    let roles = roles_on(state, resource_of(&name)?)?;
    let wanted = call.object("rule_set")?.unwrap_or_default();
    let known = rules_of(state, &name);
    if wanted.get("etag").and_then(Value::as_str) != Some(&etag(&name, &known)) {
        let message = "The rule set was changed since it was read: read it again and change that.";
        return Err(ApiError::new(StatusCode::CONFLICT, "ABORTED", message));
    }
    let rules = wanted.get("grant_rules").and_then(Value::as_array).cloned().unwrap_or_default();
    for rule in &rules {
        check(state, roles, rule)?;
    }
    if rules != known {
        let summary = format!("rules of {name}: {}", Value::from(rules.clone()));
        state.rule_sets.insert(name.clone(), rules);
        state.record(call, summary, Some(name.clone()));
    }
    Ok(shown(state, &name))
}

fn check(state: &State, roles: &[&str], rule: &Value) -> Result<(), ApiError> {
    let role = rule.get("role").and_then(Value::as_str).unwrap_or_default();
    if !roles.contains(&role) {
        return Err(ApiError::invalid_parameter(format!("Role {role} cannot be granted here.")));
    }
    let principals = rule.get("principals").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for principal in principals.iter().filter_map(Value::as_str) {
        let named = match principal.split_once('/') {
            Some(("users", name)) => state.directory.id_of(ResourceKind::Users, name),
            Some(("groups", name)) => state.directory.id_of(ResourceKind::Groups, name),
            Some(("servicePrincipals", name)) => state.directory.id_of(ResourceKind::ServicePrincipals, name),
            _ => None,
        };
        if named.is_none() {
            return Err(ApiError::does_not_exist(format!("Principal {principal} does not exist.")));
        }
    }
    Ok(())
}
