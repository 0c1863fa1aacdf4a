//! `/api/2.0/workspace/export`.

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::workspace::{missing, path_of};
use super::workspace_import::{MAX_CONTENT_BYTES, too_large};
use super::{ApiError, Call, Reply};
use crate::state::State;
use crate::state::tree::{Content, Language, NodeKind};

pub(super) fn export(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let path = path_of(call)?;
    let node = state.tree.get(&path).ok_or_else(|| missing(&path))?;
    let format = call.text("format").unwrap_or_else(|| "SOURCE".to_owned());
    let name = path.rsplit('/').next().unwrap_or_default();
    let (bytes, file_type) = match &node.kind {
        NodeKind::Directory => {
            let message =
                format!("Path ({path}) is a folder; this workspace exports notebooks and files only.");
            return Err(ApiError::invalid_parameter(message));
        }
        NodeKind::File { content } => (content.0.to_vec(), extension_of(name)),
        NodeKind::Notebook { language, content } => notebook(name, *language, content, &format)?,
    };
    let file_name = if name.ends_with(&format!(".{file_type}")) || file_type.is_empty() {
        name.to_owned()
    } else {
        format!("{name}.{file_type}")
    };
    if call.flag("direct_download") {
        let bytes = Bytes::from(bytes);
        return Ok(Reply::Raw { content_type: "application/octet-stream", file_name, bytes });
    }
    if bytes.len() > MAX_CONTENT_BYTES {
        return Err(too_large("export"));
    }
    Ok(Reply::Json(json!({"content": STANDARD.encode(bytes), "file_type": file_type})))
}

fn extension_of(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_owned()).unwrap_or_default()
}

fn notebook(
    name: &str,
    language: Language,
    content: &Content,
    format: &str,
) -> Result<(Vec<u8>, String), ApiError> {
    match format {
        "SOURCE" | "AUTO" | "RAW" => Ok((source(language, content), language.extension().to_owned())),
        "JUPYTER" => Ok((jupyter(name, language, content).into_bytes(), "ipynb".to_owned())),
        "HTML" => Ok((html(name, language, content).into_bytes(), "html".to_owned())),
        "DBC" | "R_MARKDOWN" => Err(ApiError::invalid_parameter(format!(
            "The format {format} is not supported by this workspace."
        ))),
        _ => Err(ApiError::invalid_parameter(format!("Unknown format: {format}"))),
    }
}

/// The source under the header line that every exported notebook starts with.
pub(crate) fn source(language: Language, content: &Content) -> Vec<u8> {
    let mut source = language.header().into_bytes();
    source.push(b'\n');
    source.extend_from_slice(&content.0);
    source
}

fn jupyter(name: &str, language: Language, content: &Content) -> String {
    let text = String::from_utf8_lossy(&content.0);
    let magic = language.magic();
    let cells: Vec<Value> = text
        .split(&language.separator())
        .map(|cell| {
            let cell = cell.trim_matches('\n');
            let prose = cell.strip_prefix(&format!("{magic}%md"));
            match prose {
                Some(prose) => {
                    let plain: Vec<&str> =
                        prose.lines().map(|line| line.strip_prefix(magic.as_str()).unwrap_or(line)).collect();
                    let plain = plain.join("\n");
                    let source = lines(plain.trim_start_matches([' ', '\n']));
                    json!({"cell_type": "markdown", "metadata": {}, "source": source})
                }
                None => json!({
                    "cell_type": "code", "execution_count": 0, "metadata": {}, "outputs": [], "source": lines(cell),
                }),
            }
        })
        .collect();
    let document = json!({
        "cells": cells,
        "metadata": {
            "application/vnd.databricks.v1+notebook": {
                "language": language.name().to_lowercase(), "notebookName": name, "notebookMetadata": {},
            },
            "language_info": {"name": language.name().to_lowercase()},
        },
        "nbformat": 4,
        "nbformat_minor": 0,
    });
    document.to_string()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn html(name: &str, language: Language, content: &Content) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<!doctype html>\n<html>\n<head><title>{} - Databricks</title></head>\n\
         <body data-language=\"{}\" data-source=\"{}\">\n<pre>{}</pre>\n</body>\n</html>\n",
        escape(name),
        language.name(),
        STANDARD.encode(&content.0),
        escape(&String::from_utf8_lossy(&content.0)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jupyter_export_tells_prose_from_code() {
        let content = Content::new("# MAGIC %md\n# MAGIC ## Title\n\n# COMMAND ----------\n\nprint(1)");
        let document: Value =
            serde_json::from_str(&jupyter("n", Language::Python, &content)).unwrap_or_default();
        let kind = |index: usize| document["cells"][index]["cell_type"].clone();
        assert_eq!((kind(0), kind(1)), (json!("markdown"), json!("code")));
        assert_eq!(document["cells"][0]["source"], json!(["## Title"]));
        assert_eq!(document["cells"][1]["source"], json!(["print(1)"]));
    }
}
