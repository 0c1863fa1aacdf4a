//! `/api/2.0/workspace/*`, without export and import.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply, workspace_export, workspace_import};
use crate::state::State;
use crate::state::tree::{self, DocumentFormat, Node, NodeKind};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::GET, "workspace/list", list)
        .add(&[0], MethodFilter::GET, "workspace/get-status", get_status)
        .add(&[0], MethodFilter::POST, "workspace/mkdirs", mkdirs)
        .add(&[0], MethodFilter::POST, "workspace/delete", delete)
        .add(&[0], MethodFilter::GET, "workspace/export", workspace_export::export)
        .add(&[0], MethodFilter::POST, "workspace/import", workspace_import::import)
}

/// The path that a call names, in the one form in which it is kept: `/Workspace/a//b/` is `/a/b`.
pub(super) fn path_of(call: &Call) -> Result<String, ApiError> {
    normal_path(&call.required_text("path")?)
}

pub(crate) fn normal_path(path: &str) -> Result<String, ApiError> {
    if !path.starts_with('/') {
        return Err(ApiError::invalid_parameter(format!("Path ({path}) doesn't start with '/'")));
    }
    let trimmed = path.trim_end_matches('/');
    let plain = match trimmed.strip_prefix("/Workspace") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
        _ => trimmed,
    };
    if plain.is_empty() {
        return Ok("/".to_owned());
    }
    let names: Vec<&str> = plain.split('/').filter(|name| !name.is_empty()).collect();
    if names.iter().any(|name| matches!(*name, "." | "..")) {
        return Err(ApiError::invalid_parameter(format!("Path ({path}) is not valid")));
    }
    Ok(format!("/{}", names.join("/")))
}

pub(super) fn missing(path: &str) -> ApiError {
    ApiError::does_not_exist(format!("Path ({path}) doesn't exist."))
}

fn view(path: &str, node: &Node) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("path".into(), path.into());
    shown.insert("object_type".into(), node.kind.type_name().into());
    shown.insert("object_id".into(), node.object_id.into());
    shown.insert("resource_id".into(), node.object_id.to_string().into());
    match &node.kind {
        NodeKind::Directory | NodeKind::Repo | NodeKind::Library => {}
        NodeKind::Notebook { language, .. } => {
            shown.insert("language".into(), language.name().into());
        }
        // The service documents times and sizes for files only.
        NodeKind::File { content } | NodeKind::Dashboard { content } => {
            shown.insert("created_at".into(), node.created_ms.into());
            shown.insert("modified_at".into(), node.modified_ms.into());
            shown.insert("size".into(), content.len().into());
        }
    }
    shown
}

fn list(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call)?;
    let node = state.tree.get(&path).ok_or_else(|| missing(&path))?;
    let modified_after_ms = call.integer("notebooks_modified_after")?;
    let shown: Vec<Value> = if node.kind.is_folder() {
        let is_wanted = |node: &Node| {
            modified_after_ms.is_none_or(|after_ms| {
                !matches!(node.kind, NodeKind::Notebook { .. }) || node.modified_ms > after_ms
            })
        };
        let children = state.tree.children(&path).into_iter();
        children
            .filter(|(_, node)| is_wanted(node))
            .map(|(path, node)| Value::Object(view(path, node)))
            .collect()
    } else {
        vec![Value::Object(view(&path, node))]
    };
    // An empty folder is answered with an empty object.
    let reply = if shown.is_empty() { json!({}) } else { json!({"objects": shown}) };
    Ok(Reply::Json(reply))
}

fn get_status(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call)?;
    let node = state.tree.get(&path).ok_or_else(|| missing(&path))?;
    let mut shown = view(&path, node);
    if call.text("path").is_some_and(|given| given.starts_with("/Workspace/")) {
        // Whoever asks with the prefix is answered with it.
        shown.insert("path".into(), format!("/Workspace{path}").into());
    }
    // Not documented; the Databricks CLI asks for it.
    if let NodeKind::Notebook { document, .. } = &node.kind
        && call.flag("return_export_info")
    {
        let is_jupyter = document.as_ref().is_some_and(|document| document.format == DocumentFormat::Jupyter);
        shown.insert("repos_export_format".into(), if is_jupyter { "JUPYTER" } else { "SOURCE" }.into());
    }
    Ok(Reply::Json(Value::Object(shown)))
}

fn mkdirs(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call)?;
    let mut above = path.as_str();
    while above != "/" {
        if state.tree.get(above).is_some_and(|node| !node.kind.is_folder()) {
            let message = format!("Path ({above}) already exists and it is not a folder.");
            return Err(ApiError::already_exists(message));
        }
        above = tree::parent_of(above);
    }
    if tree::make_directory(state, &path) {
        state.record(call, format!("make folder {path}"), Some(path));
    }
    Ok(Reply::empty())
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call)?;
    let node = state.tree.get(&path).ok_or_else(|| missing(&path))?;
    if matches!(path.as_str(), "/" | "/Users" | "/Shared" | "/Repos") {
        return Err(ApiError::invalid_parameter(format!(
            "Path ({path}) is a system folder and cannot be deleted."
        )));
    }
    let kind = node.kind.type_name().to_lowercase();
    if !call.flag("recursive") && state.tree.below(&path).next().is_some() {
        let message = format!("Folder ({path}) is not empty");
        return Err(ApiError::new(http::StatusCode::BAD_REQUEST, "DIRECTORY_NOT_EMPTY", message));
    }
    for removed in state.tree.remove(&path) {
        state.grants.remove(&format!("{}/{}", removed.kind.permission_type(), removed.object_id));
    }
    state.record(call, format!("delete {kind} {path}"), Some(path));
    Ok(Reply::empty())
}
