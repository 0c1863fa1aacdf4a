//! `/api/2.0/global-init-scripts`.

use axum::routing::MethodFilter;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::seed;
use crate::state::State;
use crate::state::init_script::InitScript;

const MAX_SCRIPT_BYTES: usize = 64 * 1024;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::GET, "global-init-scripts", list)
        .add(&[0], MethodFilter::POST, "global-init-scripts", create)
        .add(&[0], MethodFilter::GET, "global-init-scripts/{script_id}", get)
        .add(&[0], MethodFilter::PATCH, "global-init-scripts/{script_id}", update)
        .add(&[0], MethodFilter::DELETE, "global-init-scripts/{script_id}", delete)
}

/// Where the script that a call names runs among all.
fn find(state: &State, call: &Call) -> Result<usize, ApiError> {
    let script_id = call.placeholder("script_id");
    let found = state.init_scripts.iter().position(|script| script.script_id == script_id);
    found.ok_or_else(|| ApiError::does_not_exist(format!("Global init script {script_id} does not exist.")))
}

fn view(position: usize, script: &InitScript, has_content: bool) -> Value {
    let mut shown = json!({
        "script_id": script.script_id,
        "name": script.name,
        "position": position,
        "enabled": script.is_enabled,
        "created_by": script.created_by,
        "created_at": script.created_ms,
        "updated_by": script.updated_by,
        "updated_at": script.updated_ms,
    });
    if has_content && let Some(fields) = shown.as_object_mut() {
        fields.insert("script".into(), script.script.clone().into());
    }
    shown
}

fn list(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    let scripts = state.init_scripts.iter().enumerate();
    let shown: Vec<Value> = scripts.map(|(position, script)| view(position, script, false)).collect();
    Ok(Reply::Json(if shown.is_empty() { json!({}) } else { json!({"scripts": shown}) }))
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let position = find(state, call)?;
    let shown = state.init_scripts.get(position).map(|script| view(position, script, true));
    Ok(Reply::Json(shown.unwrap_or_default()))
}

fn checked_name(call: &Call) -> Result<Option<String>, ApiError> {
    match call.text("name") {
        Some(name) if name.trim().is_empty() => {
            Err(ApiError::invalid_parameter("The name of a global init script must not be empty."))
        }
        name => Ok(name),
    }
}

fn checked_script(call: &Call) -> Result<Option<String>, ApiError> {
    let Some(script) = call.text("script") else { return Ok(None) };
    let bytes = STANDARD
        .decode(&script)
        .map_err(|_| ApiError::invalid_parameter("The script content is not valid base64."))?;
    if bytes.is_empty() {
        return Err(ApiError::invalid_parameter("The script content must not be empty."));
    }
    if bytes.len() > MAX_SCRIPT_BYTES {
        let message = format!(
            "The script content is {} bytes long, which exceeds the maximum of {MAX_SCRIPT_BYTES} bytes.",
            bytes.len()
        );
        return Err(ApiError::invalid_parameter(message));
    }
    Ok(Some(script))
}

/// The position that a call asks for, within what there is.
fn checked_position(call: &Call, last: usize) -> Result<Option<usize>, ApiError> {
    let Some(position) = call.integer("position")? else { return Ok(None) };
    let position = usize::try_from(position)
        .map_err(|_| ApiError::invalid_parameter("The position must not be negative."))?;
    Ok(Some(position.min(last)))
}

fn create(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let required = |name: &str| ApiError::invalid_parameter(format!("Missing required field: {name}"));
    let name = checked_name(call)?.ok_or_else(|| required("name"))?;
    let script = checked_script(call)?.ok_or_else(|| required("script"))?;
    let last = state.init_scripts.len();
    let position = checked_position(call, last)?.unwrap_or(last);
    let script_id = add(state, position, name, script, call.flag("enabled"), &call.user_name);
    record(state, call, position, "create");
    Ok(Reply::Json(json!({"script_id": script_id})))
}

/// Adds a script at a position, before what was there; returns its id.
pub(crate) fn add(
    state: &mut State,
    position: usize,
    name: String,
    script: String,
    is_enabled: bool,
    creator: &str,
) -> String {
    let script_id = format!("{:016X}", seed::mix(state.next_number().unsigned_abs()));
    let now_ms = state.now_ms;
    let script = InitScript {
        script_id: script_id.clone(),
        name,
        script,
        is_enabled,
        created_ms: now_ms,
        created_by: creator.to_owned(),
        updated_ms: now_ms,
        updated_by: creator.to_owned(),
    };
    state.init_scripts.insert(position.min(state.init_scripts.len()), script);
    script_id
}

fn record(state: &mut State, call: &Call, position: usize, verb: &str) {
    let Some(script) = state.init_scripts.get(position) else { return };
    let summary = format!(
        "{verb} global init script \"{}\": position={position}, enabled={}, script {}",
        script.name,
        script.is_enabled,
        seed::fingerprint(script.script.as_bytes())
    );
    let script_id = script.script_id.clone();
    state.record(call, summary, Some(script_id));
}

fn update(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let position = find(state, call)?;
    let (name, content) = (checked_name(call)?, checked_script(call)?);
    let last = state.init_scripts.len().saturating_sub(1);
    let wanted = checked_position(call, last)?.unwrap_or(position);
    let is_enabled = call.text("enabled").map(|_| call.flag("enabled"));
    let mut script = state.init_scripts.remove(position);
    let before = script.clone();
    script.name = name.unwrap_or(script.name);
    script.script = content.unwrap_or(script.script);
    script.is_enabled = is_enabled.unwrap_or(script.is_enabled);
    let has_changed = script != before || wanted != position;
    if has_changed {
        script.updated_ms = state.now_ms;
        script.updated_by = call.user_name.clone();
    }
    state.init_scripts.insert(wanted, script);
    if has_changed {
        record(state, call, wanted, "update");
    }
    Ok(Reply::empty())
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let position = find(state, call)?;
    let script = state.init_scripts.remove(position);
    state.record(call, format!("delete global init script \"{}\"", script.name), Some(script.script_id));
    Ok(Reply::empty())
}
