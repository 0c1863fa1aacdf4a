//! `/api/2.0/workspace-conf`.

use axum::routing::MethodFilter;
use http::StatusCode;
use serde_json::{Map, Value};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::state::State;

/// What a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Flag,
    Number,
    Text,
}

use Holds::{Flag, Number, Text};

/// What can be set, with the value that a new workspace has; without one, it is not told until it is set.
const KEYS: [(&str, Holds, Option<&str>); 38] = [
    ("customerApprovedWSLoginExpirationTime", Text, None),
    ("enableDatabricksAutologgingAdminConf", Flag, None),
    ("enableDbfsFileBrowser", Flag, Some("false")),
    ("enableDcs", Flag, None),
    ("enableDeprecatedClusterNamedInitScripts", Flag, None),
    ("enableDeprecatedGlobalInitScripts", Flag, None),
    ("enableEnforceImdsV2", Flag, None),
    ("enableExportNotebook", Flag, Some("true")),
    ("enableFileStoreEndpoint", Flag, None),
    ("enableGp3", Flag, None),
    ("enableHlsRuntime", Flag, None),
    ("enableIpAccessLists", Flag, Some("false")),
    ("enableJobViewAcls", Flag, Some("true")),
    ("enableJobsEmailsV2", Flag, None),
    ("enableLibraryAndInitScriptOnSharedCluster", Flag, None),
    ("enableNotebookGitVersioning", Flag, None),
    ("enableNotebookTableClipboard", Flag, Some("true")),
    ("enableProjectTypeInWorkspace", Flag, Some("true")),
    ("enableProjectsAllowList", Flag, Some("false")),
    ("enableResultsDownloading", Flag, Some("true")),
    ("enableTokensConfig", Flag, Some("true")),
    ("enableUploadDataUis", Flag, None),
    ("enableVerboseAuditLogs", Flag, Some("false")),
    ("enableWebTerminal", Flag, Some("true")),
    ("enableWorkspaceFilesystem", Text, Some("true")),
    ("enforceClusterViewAcls", Flag, None),
    ("enforceUserIsolation", Flag, None),
    ("enforceWorkspaceViewAcls", Flag, None),
    ("intercomAdminConsent", Flag, None),
    ("jobsListBackendPaginationEnabled", Flag, None),
    ("maxTokenLifetimeDays", Number, Some("0")),
    ("maxUserInactiveDays", Number, None),
    ("mlflowModelRegistryEmailNotificationsEnabled", Flag, None),
    ("mlflowModelServingEndpointCreationEnabled", Flag, None),
    ("projectsAllowList", Text, None),
    ("projectsAllowListPermissions", Text, None),
    ("rStudioUserDefaultHomeBase", Text, None),
    ("storeInteractiveNotebookResultsInCustomerAccount", Flag, Some("false")),
];

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(&[0], MethodFilter::GET, "workspace-conf", get).add(
        &[0],
        MethodFilter::PATCH,
        "workspace-conf",
        set,
    )
}

fn refused(message: String) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
}

/// What each of the keys holds, or all that are not known.
fn check<'a>(keys: impl Iterator<Item = &'a String>) -> Result<Vec<(&'a str, Holds)>, ApiError> {
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for key in keys {
        match KEYS.iter().find(|(name, ..)| name == key) {
            Some((name, holds, _)) => known.push((*name, *holds)),
            None => unknown.push(format!("\"{key}\"")),
        }
    }
    if unknown.is_empty() {
        Ok(known)
    } else {
        Err(refused(format!("Invalid keys: [{}]", unknown.join(","))))
    }
}

/// The value of a setting, unless it was never set and has none of its own.
pub(super) fn value_of(state: &State, key: &str) -> Option<String> {
    let initial = || KEYS.iter().find(|(name, ..)| *name == key).and_then(|(_, _, value)| *value);
    state.workspace_conf.get(key).cloned().or_else(|| initial().map(str::to_owned))
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let keys = call.list("keys");
    if keys.is_empty() {
        return Err(refused("Missing required field: keys".to_owned()));
    }
    check(keys.iter())?;
    let shown: Map<String, Value> =
        keys.into_iter().map(|key| (key.clone(), value_of(state, &key).into())).collect();
    Ok(Reply::Json(Value::Object(shown)))
}

fn set(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let mut wanted = Vec::new();
    for (key, holds) in check(call.body.keys())? {
        let Some(Value::String(value)) = call.body.get(key) else {
            return Err(refused(format!("The value of {key} must be a string.")));
        };
        let is_valid = match holds {
            Flag => matches!(value.to_ascii_lowercase().as_str(), "true" | "false" | ""),
            Number => value.is_empty() || value.parse::<u32>().is_ok(),
            Text => true,
        };
        if !is_valid {
            return Err(refused(format!("Invalid value for {key}: {value}")));
        }
        wanted.push((key, value.clone()));
    }
    // All or nothing: what is wrong in one leaves the others as they are.
    for (key, value) in wanted {
        if state.workspace_conf.insert(key.to_owned(), value.clone()).as_ref() != Some(&value) {
            state.record(call, format!("set workspace option {key}={value}"), Some(key.to_owned()));
        }
    }
    Ok(Reply::NoContent)
}
