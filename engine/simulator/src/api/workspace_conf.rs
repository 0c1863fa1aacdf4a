//! `/api/2.0/workspace-conf`.

use axum::routing::MethodFilter;
use serde_json::{Map, Value};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::state::State;

/// What can be set, with the value that a new workspace has.
const KEYS: [(&str, &str); 6] = [
    ("enableTokensConfig", "true"),
    ("maxTokenLifetimeDays", "0"),
    ("enableIpAccessLists", "false"),
    ("enableWebTerminal", "true"),
    ("enableDbfsFileBrowser", "false"),
    ("enableExportNotebook", "true"),
];

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(&[0], MethodFilter::GET, "workspace-conf", get).add(
        &[0],
        MethodFilter::PATCH,
        "workspace-conf",
        set,
    )
}

fn default_of(key: &str) -> Result<&'static str, ApiError> {
    let known = KEYS.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
    known.ok_or_else(|| {
        ApiError::new(http::StatusCode::BAD_REQUEST, "BAD_REQUEST", format!("Invalid keys: [\"{key}\"]"))
    })
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let mut shown = Map::new();
    for key in call.list("keys") {
        let default = default_of(&key)?;
        let value = state.workspace_conf.get(&key).cloned().unwrap_or_else(|| default.to_owned());
        shown.insert(key, value.into());
    }
    Ok(Reply::Json(Value::Object(shown)))
}

fn set(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    for key in call.body.keys() {
        default_of(key)?;
    }
    for key in call.body.keys() {
        let value = call.text(key).unwrap_or_default();
        if state.workspace_conf.insert(key.clone(), value.clone()).as_ref() != Some(&value) {
            state.record(call, format!("set workspace option {key}={value}"), Some(key.clone()));
        }
    }
    Ok(Reply::NoContent)
}
