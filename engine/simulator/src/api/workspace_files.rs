//! `/api/2.0/workspace-files/*`: the raw way to workspace files.

use axum::body::Bytes;
use axum::routing::MethodFilter;

use super::router::Routes;
use super::workspace::{missing, normal_path};
use super::{ApiError, Call, Reply, workspace_export, workspace_import};
use crate::state::State;
use crate::state::tree::{Content, NodeKind};

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
    let path = path_of(call)?;
    let content = Content::new(call.upload.as_deref().unwrap_or_default());
    workspace_import::put(state, call, &path, NodeKind::File { content }, call.flag("overwrite"))?;
    Ok(Reply::empty())
}

fn read(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call)?;
    let bytes = match state.tree.get(&path).map(|node| &node.kind) {
        Some(NodeKind::File { content }) => Bytes::copy_from_slice(&content.0),
        Some(NodeKind::Notebook { language, content }) => {
            Bytes::from(workspace_export::source(*language, content))
        }
        _ => return Err(missing(&path)),
    };
    let file_name = path.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Reply::Raw { content_type: "application/octet-stream", file_name, bytes })
}
