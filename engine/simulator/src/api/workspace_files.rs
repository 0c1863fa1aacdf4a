//! `/api/2.0/workspace-files/*`: the raw way to workspace files.

use axum::body::Bytes;
use axum::routing::MethodFilter;
use http::StatusCode;

use super::router::Routes;
use super::workspace::{missing, normal_path};
use super::{ApiError, Call, Reply, notebook_formats, workspace_import};
use crate::state::State;
use crate::state::tree::NodeKind;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(&[0], MethodFilter::POST, "workspace-files/import-file/{*path}", import).add(
        &[0],
        MethodFilter::GET,
        "workspace-files/{*path}",
        read,
    )
}

fn path_of(call: &Call) -> Result<String, ApiError> {
    normal_path(&format!("/{}", call.placeholder("path").trim_start_matches('/')))
}

fn import(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let bytes = call.upload.clone().unwrap_or_default();
    let (path, kind) = workspace_import::recognise(path_of(call)?, bytes, None)?;
    let is_overwriting = call.flag("overwrite");
    // Here, and only here, a file that is in the way is a conflict.
    if !is_overwriting && matches!(state.tree.get(&path).map(|node| &node.kind), Some(NodeKind::File { .. }))
    {
        let message = format!("Path ({path}) already exists.");
        return Err(ApiError::new(StatusCode::CONFLICT, "RESOURCE_ALREADY_EXISTS", message));
    }
    workspace_import::put(state, call, &path, kind, is_overwriting)?;
    Ok(Reply::empty())
}

fn read(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call)?;
    let bytes = match state.tree.get(&path).map(|node| &node.kind) {
        Some(NodeKind::File { content } | NodeKind::Dashboard { content }) => content.bytes().clone(),
        Some(NodeKind::Notebook { language, content, .. }) => {
            Bytes::from(notebook_formats::source(*language, content.bytes()))
        }
        _ => return Err(missing(&path)),
    };
    let file_name = path.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Reply::Raw { content_type: "application/octet-stream", file_name, bytes })
}
