//! `/api/2.0/workspace/import`.

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::Value;

use super::workspace::path_of;
use super::{ApiError, Call, Reply, archive, notebook_formats};
use crate::seed;
use crate::state::State;
use crate::state::blob::Blob;
use crate::state::tree::{self, Document, DocumentFormat, Language, Node, NodeKind};

/// What content in a JSON body may have; a multipart form carries more.
pub(super) const MAX_CONTENT_BYTES: usize = 10 * 1024 * 1024;

pub(super) fn import(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call)?;
    let bytes = content(call)?;
    let format = call.text("format").filter(|format| !format.is_empty());
    let format = format.unwrap_or_else(|| "SOURCE".to_owned());
    let is_overwriting = call.flag("overwrite");
    if format == "DBC" {
        if is_overwriting {
            return Err(ApiError::invalid_parameter("The format DBC cannot be used with overwrite."));
        }
        archive::import(state, call, &path, &bytes)?;
        return Ok(Reply::empty());
    }
    let has_language = call.text("language").is_some_and(|language| !language.is_empty());
    if format == "SOURCE" && !has_language && archive::is_archive(&bytes) {
        archive::import_source(state, call, &path, &bytes)?;
        return Ok(Reply::empty());
    }
    let (path, kind) = interpret(path, bytes, &format, call.text("language"))?;
    put(state, call, &path, kind, is_overwriting)?;
    Ok(Reply::empty())
}

fn content(call: &Call) -> Result<Bytes, ApiError> {
    if let Some(upload) = &call.upload {
        return Ok(upload.clone());
    }
    let encoded = call.body.get("content").and_then(Value::as_str).unwrap_or_default();
    let decoded = if encoded.bytes().any(|byte| byte.is_ascii_whitespace()) {
        STANDARD.decode(encoded.split_ascii_whitespace().collect::<String>())
    } else {
        STANDARD.decode(encoded)
    };
    let bytes = decoded.map_err(|_| ApiError::invalid_parameter("The content is not valid base64."))?;
    if bytes.len() > MAX_CONTENT_BYTES {
        return Err(too_large(bytes.len()));
    }
    Ok(bytes.into())
}

/// 400: more than travels inside JSON.
pub(super) fn too_large(size: usize) -> ApiError {
    let message =
        format!("File size imported is ({size} bytes), exceeded max size ({MAX_CONTENT_BYTES} bytes)");
    ApiError::new(StatusCode::BAD_REQUEST, "MAX_NOTEBOOK_SIZE_EXCEEDED", message)
}

/// What the content is, and under which path it will be: a recognised notebook loses its extension.
fn interpret(
    path: String,
    bytes: Bytes,
    format: &str,
    language: Option<String>,
) -> Result<(String, NodeKind), ApiError> {
    let language = match language.filter(|name| !name.is_empty()) {
        Some(name) => Some(
            Language::parse(&name)
                .ok_or_else(|| ApiError::invalid_parameter(format!("Unknown language: {name}")))?,
        ),
        None => None,
    };
    match format {
        "SOURCE" => {
            let language = language
                .or_else(|| extension_of(&path).and_then(Language::of_extension))
                .ok_or_else(|| {
                    ApiError::invalid_parameter("The language must be specified when the format is SOURCE.")
                })?;
            Ok((path, notebook(language, &bytes)))
        }
        "AUTO" => recognise(path, bytes, language),
        "RAW" => Ok((path, NodeKind::file(bytes))),
        "JUPYTER" => Ok((path, jupyter(bytes, language)?)),
        "HTML" => {
            let (language, source) = notebook_formats::from_html(&bytes)?;
            Ok((path, NodeKind::notebook(language, source)))
        }
        "R_MARKDOWN" => {
            let source = notebook_formats::from_r_markdown(&bytes)?;
            let document = Document { format: DocumentFormat::RMarkdown, content: Blob::new(bytes) };
            let content = Blob::new(source);
            Ok((path, NodeKind::Notebook { language: Language::R, content, document: Some(document) }))
        }
        _ => Err(ApiError::invalid_parameter(format!("Unknown format: {format}"))),
    }
}

/// Tells notebooks from files by extension and first line, as the format AUTO and the raw endpoint do.
pub(super) fn recognise(
    path: String,
    bytes: Bytes,
    language: Option<Language>,
) -> Result<(String, NodeKind), ApiError> {
    if path.ends_with(".lvdash.json") {
        return Ok((path, NodeKind::Dashboard { content: Blob::new(bytes) }));
    }
    let extension = extension_of(&path);
    if let Some(language) = extension.and_then(Language::of_extension)
        && bytes.starts_with(language.header().as_bytes())
    {
        return Ok((without_extension(path), notebook(language, &bytes)));
    }
    if extension == Some("ipynb") {
        return Ok((without_extension(path), jupyter(bytes, language)?));
    }
    Ok((path, NodeKind::file(bytes)))
}

fn extension_of(path: &str) -> Option<&str> {
    path.rsplit('/').next()?.rsplit_once('.').map(|(_, extension)| extension)
}

fn without_extension(path: String) -> String {
    path.rsplit_once('.').map(|(stem, _)| stem.to_owned()).unwrap_or(path)
}

fn notebook(language: Language, bytes: &Bytes) -> NodeKind {
    NodeKind::notebook(language, bytes.slice_ref(notebook_formats::without_header(language, bytes)))
}

fn jupyter(bytes: Bytes, language: Option<Language>) -> Result<NodeKind, ApiError> {
    let (language, source) = notebook_formats::from_jupyter(&bytes, language)?;
    let document = Document { format: DocumentFormat::Jupyter, content: Blob::new(bytes) };
    Ok(NodeKind::Notebook { language, content: Blob::new(source), document: Some(document) })
}

/// Puts content at a path. Overwriting keeps the object's id.
pub(super) fn put(
    state: &mut State,
    call: &Call,
    path: &str,
    kind: NodeKind,
    is_overwriting: bool,
) -> Result<(), ApiError> {
    let parent = tree::parent_of(path);
    if !state.tree.is_folder(parent) {
        return Err(ApiError::does_not_exist(format!("The parent folder ({parent}) does not exist.")));
    }
    let now_ms = state.now_ms;
    let (object_id, created_ms, is_same) = match state.tree.get(path) {
        Some(old) => {
            if !is_overwriting || old.kind.is_folder() {
                return Err(ApiError::already_exists(format!("Path ({path}) already exists.")));
            }
            if old.kind.type_name() != kind.type_name() {
                let message = format!(
                    "Cannot overwrite the asset at {path} of type {} with type {}.",
                    old.kind.type_name(),
                    kind.type_name()
                );
                return Err(ApiError::invalid_parameter(message));
            }
            (old.object_id, old.created_ms, old.kind == kind)
        }
        None => (state.next_number(), now_ms, false),
    };
    let summary = describe(path, &kind);
    state.tree.put(path, Node { object_id, created_ms, modified_ms: now_ms, kind });
    if is_same {
        // Written anew, but nothing that anybody could tell apart.
        state.touch();
    } else {
        state.record(call, summary, Some(path.to_owned()));
    }
    Ok(())
}

fn describe(path: &str, kind: &NodeKind) -> String {
    match kind {
        NodeKind::Notebook { language, content, .. } => {
            format!("import notebook {path}: {} {}", language.name(), seed::fingerprint(content.bytes()))
        }
        NodeKind::File { content } => format!("import file {path}: {}", seed::fingerprint(content.bytes())),
        NodeKind::Dashboard { content } => {
            format!("import dashboard {path}: {}", seed::fingerprint(content.bytes()))
        }
        NodeKind::Directory | NodeKind::Repo | NodeKind::Library => {
            format!("import {} {path}", kind.type_name().to_lowercase())
        }
    }
}
