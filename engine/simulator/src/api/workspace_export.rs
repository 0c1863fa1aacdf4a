//! `/api/2.0/workspace/export`.

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::workspace::{missing, path_of};
use super::workspace_import::{MAX_CONTENT_BYTES, too_large};
use super::{ApiError, Call, Reply, archive, notebook_formats};
use crate::state::State;
use crate::state::tree::{Document, DocumentFormat, Node, NodeKind};

pub(super) fn export(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call)?;
    let node = state.tree.get(&path).ok_or_else(|| missing(&path))?;
    let format = call.text("format").unwrap_or_else(|| "SOURCE".to_owned());
    let name = path.rsplit('/').next().unwrap_or_default();
    let (bytes, file_type) = if node.kind.is_folder() || format == "DBC" {
        archive::export(&state.tree, &path, &format)?
    } else {
        content(name, node, &format)?
    };
    if call.flag("direct_download") {
        let file_name = if name.ends_with(&format!(".{file_type}")) || file_type.is_empty() {
            name.to_owned()
        } else {
            format!("{name}.{file_type}")
        };
        return Ok(Reply::Raw { content_type: "application/octet-stream", file_name, bytes });
    }
    if bytes.len() > MAX_CONTENT_BYTES {
        return Err(too_large(bytes.len()));
    }
    Ok(Reply::Json(json!({"content": STANDARD.encode(bytes), "file_type": file_type})))
}

/// What an object holds, in a format, and the extension of that.
pub(super) fn content(name: &str, node: &Node, format: &str) -> Result<(Bytes, String), ApiError> {
    if !matches!(format, "SOURCE" | "AUTO" | "RAW" | "JUPYTER" | "HTML" | "R_MARKDOWN") {
        return Err(ApiError::invalid_parameter(format!("Unknown format: {format}")));
    }
    let (language, source, document) = match &node.kind {
        NodeKind::File { content } | NodeKind::Dashboard { content } => {
            return Ok((content.bytes().clone(), extension_of(name)));
        }
        NodeKind::Notebook { language, content, document } => (*language, content.bytes(), document),
        NodeKind::Directory | NodeKind::Repo | NodeKind::Library => {
            let message = format!("Objects of type {} cannot be exported.", node.kind.type_name());
            return Err(ApiError::invalid_parameter(message));
        }
    };
    let kept = |wanted: DocumentFormat| {
        let document = document.as_ref().filter(|document| document.format == wanted);
        document.map(|Document { content, .. }| content.bytes().clone())
    };
    let is_jupyter = document.as_ref().is_some_and(|document| document.format == DocumentFormat::Jupyter);
    Ok(match format {
        // A notebook is exported as it is kept.
        "AUTO" if is_jupyter => (kept(DocumentFormat::Jupyter).unwrap_or_default(), "ipynb".to_owned()),
        "JUPYTER" => {
            let bytes = kept(DocumentFormat::Jupyter)
                .unwrap_or_else(|| notebook_formats::to_jupyter(name, language, source).into());
            (bytes, "ipynb".to_owned())
        }
        "HTML" => (notebook_formats::to_html(name, language, source).into(), "html".to_owned()),
        "R_MARKDOWN" => {
            let bytes = kept(DocumentFormat::RMarkdown)
                .unwrap_or_else(|| notebook_formats::to_r_markdown(source).into());
            (bytes, "Rmd".to_owned())
        }
        _ => (notebook_formats::source(language, source).into(), language.extension().to_owned()),
    })
}

fn extension_of(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_owned()).unwrap_or_default()
}
