//! `/api/2.0/permissions/*`.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::state::State;

const PRINCIPALS: [&str; 3] = ["user_name", "group_name", "service_principal_name"];

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::GET, "permissions/{type}/{id}", get)
        .add(&[0], MethodFilter::PUT, "permissions/{type}/{id}", set)
        .add(&[0], MethodFilter::PATCH, "permissions/{type}/{id}", update)
        .add(&[0], MethodFilter::GET, "permissions/{type}/{id}/permissionLevels", levels)
}

/// The levels of one type of object, least first; the `object_type` of its answers.
fn known_type(kind: &str) -> Result<(&'static [&'static str], &'static str), ApiError> {
    Ok(match kind {
        "clusters" => (&["CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"], "cluster"),
        "cluster-policies" => (&["CAN_USE"], "cluster-policy"),
        "instance-pools" => (&["CAN_ATTACH_TO", "CAN_MANAGE"], "instance-pool"),
        "jobs" => (&["CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE"], "job"),
        "notebooks" => (&["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"], "notebook"),
        "directories" => (&["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"], "directory"),
        "files" => (&["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"], "file"),
        "authorization" => (&["CAN_USE"], "authorization"),
        _ => {
            let message = format!("'{kind}' is not a supported type of object.");
            return Err(ApiError::invalid_parameter(message));
        }
    })
}

/// Who owns or made the object, if it is there.
fn creator_of(state: &State, kind: &str, id: &str) -> Result<Option<String>, ApiError> {
    let missing = || ApiError::does_not_exist(format!("{kind} {id} does not exist."));
    let node_with = |wanted: &str| {
        let object_id: i64 = id.parse().map_err(|_| missing())?;
        let found = state.tree.find(object_id).filter(|(_, node)| node.kind.type_name() == wanted);
        found.map(|_| None).ok_or_else(missing)
    };
    match kind {
        "clusters" => state.clusters.get(id).map(|cluster| Some(cluster.creator.clone())).ok_or_else(missing),
        "cluster-policies" => state.policies.get(id).map(|_| None).ok_or_else(missing),
        "instance-pools" => state.pools.get(id).map(|pool| Some(pool.creator.clone())).ok_or_else(missing),
        "jobs" => {
            let job_id: i64 = id.parse().map_err(|_| missing())?;
            state.jobs.get(&job_id).map(|job| Some(job.creator.clone())).ok_or_else(missing)
        }
        "notebooks" => node_with("NOTEBOOK"),
        "directories" => node_with("DIRECTORY"),
        "files" => node_with("FILE"),
        _ => Ok(None),
    }
}

fn principal_of(entry: &Map<String, Value>) -> Option<(&'static str, &str)> {
    PRINCIPALS.into_iter().find_map(|name| Some((name, entry.get(name)?.as_str()?)))
}

fn level_of(entry: &Map<String, Value>) -> &str {
    entry.get("permission_level").and_then(Value::as_str).unwrap_or_default()
}

/// Direct grants, whoever made the object being among them until it is changed.
fn direct(state: &State, kind: &str, id: &str) -> Result<Vec<Map<String, Value>>, ApiError> {
    let creator = creator_of(state, kind, id)?;
    if let Some(granted) = state.grants.get(&format!("{kind}/{id}")) {
        return Ok(granted.clone());
    }
    let level = if kind == "jobs" { "IS_OWNER" } else { "CAN_MANAGE" };
    let owner = creator.map(|creator| json!({"user_name": creator, "permission_level": level}));
    Ok(owner.iter().filter_map(Value::as_object).cloned().collect())
}

fn checked(kind: &str, list: &Value) -> Result<Vec<Map<String, Value>>, ApiError> {
    let (levels, _) = known_type(kind)?;
    let entries = list
        .as_array()
        .ok_or_else(|| ApiError::invalid_parameter("access_control_list must be an array."))?;
    let mut checked = Vec::new();
    for entry in entries {
        let entry = entry.as_object().cloned().unwrap_or_default();
        if principal_of(&entry).is_none() {
            let message =
                "Every entry of access_control_list must name a user, a group or a service principal.";
            return Err(ApiError::invalid_parameter(message));
        }
        let level = level_of(&entry);
        if !levels.contains(&level) {
            let message = format!("Permission level '{level}' is not valid for {kind}.");
            return Err(ApiError::invalid_parameter(message));
        }
        checked.push(entry);
    }
    Ok(checked)
}

/// Adds grants, as PATCH and the creation of an object do; says whether anything changed.
pub(crate) fn grant(state: &mut State, kind: &str, id: &str, list: &Value) -> Result<bool, ApiError> {
    let mut granted = direct(state, kind, id)?;
    let before = granted.clone();
    for entry in checked(kind, list)? {
        if level_of(&entry) == "IS_OWNER" {
            granted.retain(|known| level_of(known) != "IS_OWNER");
        }
        granted.retain(|known| principal_of(known) != principal_of(&entry));
        granted.push(entry);
    }
    let has_changed = granted != before;
    if has_changed {
        state.grants.insert(format!("{kind}/{id}"), granted);
    }
    Ok(has_changed)
}

fn view(state: &State, kind: &str, id: &str) -> Result<Reply, ApiError> {
    let (levels, object_type) = known_type(kind)?;
    let mut entries: Vec<Value> = Vec::new();
    let mut add = |principal: (&str, &str), level: &str, inherited_from: Option<&str>| {
        let permission = match inherited_from {
            Some(object) => {
                json!({"permission_level": level, "inherited": true, "inherited_from_object": [object]})
            }
            None => json!({"permission_level": level, "inherited": false}),
        };
        let known = entries
            .iter_mut()
            .find(|entry| entry.get(principal.0).and_then(Value::as_str) == Some(principal.1));
        match known.and_then(|entry| entry.get_mut("all_permissions")).and_then(Value::as_array_mut) {
            Some(permissions) => permissions.push(permission),
            None => {
                let mut entry = Map::new();
                entry.insert(principal.0.to_owned(), principal.1.into());
                if principal.0 != "group_name" {
                    entry.insert("display_name".into(), principal.1.into());
                }
                entry.insert("all_permissions".into(), Value::Array(vec![permission]));
                entries.push(Value::Object(entry));
            }
        }
    };
    for entry in direct(state, kind, id)? {
        if let Some(principal) = principal_of(&entry) {
            add(principal, level_of(&entry), None);
        }
    }
    let highest = levels.last().copied().unwrap_or_default();
    let root = if matches!(kind, "notebooks" | "directories" | "files") {
        "/directories/0".to_owned()
    } else {
        format!("/{kind}/")
    };
    if kind != "authorization" {
        add(("group_name", "admins"), highest, Some(&root));
    } else {
        add(("group_name", "admins"), "CAN_USE", None);
    }
    Ok(Reply::Json(json!({
        "object_id": format!("/{kind}/{id}"), "object_type": object_type, "access_control_list": entries,
    })))
}

fn target(call: &Call) -> (String, String) {
    (call.placeholder("type").to_owned(), call.placeholder("id").to_owned())
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (kind, id) = target(call);
    view(state, &kind, &id)
}

fn record(state: &mut State, call: &Call, kind: &str, id: &str) {
    let names = |entries: &[Map<String, Value>]| -> String {
        let parts: Vec<String> = entries
            .iter()
            .filter_map(|entry| Some(format!("{}={}", principal_of(entry)?.1, level_of(entry))))
            .collect();
        parts.join(", ")
    };
    let granted = state.grants.get(&format!("{kind}/{id}")).map(|entries| names(entries)).unwrap_or_default();
    state.record(call, format!("permissions of {kind}: {granted}"), Some(id.to_owned()));
}

fn set(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (kind, id) = target(call);
    let before = direct(state, &kind, &id)?;
    let list = call.body.get("access_control_list").cloned().unwrap_or_else(|| json!([]));
    let entries = checked(&kind, &list)?;
    let owners = entries.iter().filter(|entry| level_of(entry) == "IS_OWNER").count();
    if kind == "jobs" && owners != 1 {
        return Err(ApiError::invalid_parameter("The job must have exactly one owner."));
    }
    if entries != before {
        state.grants.insert(format!("{kind}/{id}"), entries);
        record(state, call, &kind, &id);
    }
    view(state, &kind, &id)
}

fn update(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (kind, id) = target(call);
    let list = call.body.get("access_control_list").cloned().unwrap_or_else(|| json!([]));
    if grant(state, &kind, &id, &list)? {
        record(state, call, &kind, &id);
    }
    view(state, &kind, &id)
}

fn levels(_: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (levels, object_type) = known_type(call.placeholder("type"))?;
    let shown: Vec<Value> = levels
        .iter()
        .map(|level| {
            let right = level.to_lowercase().replace('_', " ");
            json!({"permission_level": level, "description": format!("{right} the {object_type}")})
        })
        .collect();
    Ok(Reply::Json(json!({"permission_levels": shown})))
}
