//! `/api/2.0/workspace/import`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::Value;

use super::workspace::path_of;
use super::{ApiError, Call, Reply};
use crate::seed;
use crate::state::State;
use crate::state::tree::{self, Content, Language, Node, NodeKind};

/// What content in a JSON body may have; a multipart form carries more.
pub(super) const MAX_CONTENT_BYTES: usize = 10 * 1024 * 1024;

pub(super) fn import(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call)?;
    let bytes = content(call)?;
    let format = call.text("format").unwrap_or_else(|| "SOURCE".to_owned());
    let (path, kind) = interpret(path, &bytes, &format, call.text("language"))?;
    put(state, call, &path, kind, call.flag("overwrite"))?;
    Ok(Reply::empty())
}

fn content(call: &Call) -> Result<Vec<u8>, ApiError> {
    if let Some(upload) = &call.upload {
        return Ok(upload.to_vec());
    }
    let encoded = call.text("content").unwrap_or_default();
    let encoded: String = encoded.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    let bytes = STANDARD
        .decode(encoded)
        .map_err(|_| ApiError::invalid_parameter("The content is not valid base64."))?;
    if bytes.len() > MAX_CONTENT_BYTES {
        return Err(too_large("import"));
    }
    Ok(bytes)
}

/// 400: more than a notebook may have.
pub(super) fn too_large(verb: &str) -> ApiError {
    let message =
        format!("The size of the content to {verb} exceeded the maximum of {MAX_CONTENT_BYTES} bytes.");
    ApiError::new(StatusCode::BAD_REQUEST, "MAX_NOTEBOOK_SIZE_EXCEEDED", message)
}

/// What the content is, and under which path it will be: a recognised notebook loses its extension.
fn interpret(
    path: String,
    bytes: &[u8],
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
    let extension =
        path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
    match format {
        "SOURCE" => {
            let language =
                language.or_else(|| extension.and_then(Language::of_extension)).ok_or_else(|| {
                    ApiError::invalid_parameter("The language must be specified when the format is SOURCE.")
                })?;
            Ok((path, notebook(language, bytes)))
        }
        "AUTO" => {
            let found = extension.and_then(Language::of_extension);
            if let Some(language) = found.filter(|language| has_header(*language, bytes)) {
                return Ok((without_extension(path), notebook(language, bytes)));
            }
            if extension == Some("ipynb") {
                return Ok((without_extension(path), jupyter(bytes, language)?));
            }
            Ok((path, NodeKind::File { content: Content::new(bytes) }))
        }
        "RAW" => Ok((path, NodeKind::File { content: Content::new(bytes) })),
        "JUPYTER" => Ok((path, jupyter(bytes, language)?)),
        "HTML" => Ok((path, html(bytes)?)),
        "DBC" | "R_MARKDOWN" => Err(ApiError::invalid_parameter(format!(
            "The format {format} is not supported by this workspace."
        ))),
        _ => Err(ApiError::invalid_parameter(format!("Unknown format: {format}"))),
    }
}

fn without_extension(path: String) -> String {
    path.rsplit_once('.').map(|(stem, _)| stem.to_owned()).unwrap_or(path)
}

fn has_header(language: Language, bytes: &[u8]) -> bool {
    bytes.starts_with(language.header().as_bytes())
}

fn notebook(language: Language, bytes: &[u8]) -> NodeKind {
    let header = language.header();
    let source = bytes.strip_prefix(header.as_bytes()).map_or(bytes, |rest| {
        rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest)
    });
    NodeKind::Notebook { language, content: Content::new(source) }
}

fn jupyter(bytes: &[u8], language: Option<Language>) -> Result<NodeKind, ApiError> {
    let wrong = || ApiError::invalid_parameter("The content is not a Jupyter notebook.");
    let document: Value = serde_json::from_slice(bytes).map_err(|_| wrong())?;
    let cells = document.get("cells").and_then(Value::as_array).ok_or_else(wrong)?;
    let metadata = document.get("metadata");
    let named = metadata
        .and_then(|metadata| {
            metadata.get("kernelspec")?.get("language").or_else(|| metadata.get("language_info")?.get("name"))
        })
        .and_then(Value::as_str)
        .and_then(|name| Language::parse(&name.to_uppercase()));
    let language = language.or(named).unwrap_or(Language::Python);
    let magic = language.magic();
    let sources: Vec<String> = cells
        .iter()
        .map(|cell| {
            let source = match cell.get("source") {
                Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
                Some(Value::String(source)) => source.clone(),
                _ => String::new(),
            };
            if cell.get("cell_type").and_then(Value::as_str) == Some("markdown") {
                let marked = format!("%md\n{source}");
                marked.lines().map(|line| format!("{magic}{line}")).collect::<Vec<_>>().join("\n")
            } else {
                source
            }
        })
        .collect();
    let source = sources.join(&format!("\n\n{}\n\n", language.separator()));
    Ok(NodeKind::Notebook { language, content: Content::new(source) })
}

/// Takes back what an HTML export holds.
fn html(bytes: &[u8]) -> Result<NodeKind, ApiError> {
    let wrong = || ApiError::invalid_parameter("The content is not an exported notebook.");
    let text = std::str::from_utf8(bytes).map_err(|_| wrong())?;
    let (_, rest) = text.split_once("data-language=\"").ok_or_else(wrong)?;
    let (language, rest) = rest.split_once('"').ok_or_else(wrong)?;
    let (_, rest) = rest.split_once("data-source=\"").ok_or_else(wrong)?;
    let (encoded, _) = rest.split_once('"').ok_or_else(wrong)?;
    let language = Language::parse(language).ok_or_else(wrong)?;
    let source = STANDARD.decode(encoded).map_err(|_| wrong())?;
    Ok(NodeKind::Notebook { language, content: Content::new(source) })
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
    if !state.tree.is_directory(parent) {
        return Err(ApiError::does_not_exist(format!("The parent folder ({parent}) does not exist.")));
    }
    let now_ms = state.now_ms;
    let old = state.tree.get(path).map(|node| (node.object_id, node.created_ms, node.kind.clone()));
    let (object_id, created_ms) = match old {
        Some((object_id, created_ms, old_kind)) => {
            if !is_overwriting || old_kind == NodeKind::Directory {
                return Err(ApiError::already_exists(format!("Path ({path}) already exists.")));
            }
            if old_kind.type_name() != kind.type_name() {
                let message = format!(
                    "Cannot overwrite the asset at {path} of type {} with type {}.",
                    old_kind.type_name(),
                    kind.type_name()
                );
                return Err(ApiError::invalid_parameter(message));
            }
            if old_kind == kind {
                return Ok(());
            }
            (object_id, created_ms)
        }
        None => (state.next_number(), now_ms),
    };
    let summary = match &kind {
        NodeKind::Directory => format!("import folder {path}"),
        NodeKind::Notebook { language, content } => {
            format!("import notebook {path}: {} {}", language.name(), seed::fingerprint(&content.0))
        }
        NodeKind::File { content } => format!("import file {path}: {}", seed::fingerprint(&content.0)),
    };
    state.tree.put(path, Node { object_id, created_ms, modified_ms: now_ms, kind });
    state.record(call, summary, Some(path.to_owned()));
    Ok(())
}
