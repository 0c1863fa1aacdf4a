//! The formats that a notebook is written in, to and from its source without the header line.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::ApiError;
use crate::state::tree::Language;

/// The source under the header line that every exported notebook starts with.
pub(crate) fn source(language: Language, content: &[u8]) -> Vec<u8> {
    let mut source = language.header().into_bytes();
    source.push(b'\n');
    source.extend_from_slice(content);
    source
}

/// The source without its header line.
pub(super) fn without_header(language: Language, bytes: &[u8]) -> &[u8] {
    bytes
        .strip_prefix(language.header().as_bytes())
        .map_or(bytes, |rest| rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest))
}

/// A cell as its own language has it: prose or code in another language starts with `%md`, `%sql` and so on.
pub(super) fn cells_of(language: Language, text: &str) -> Vec<String> {
    let magic = language.magic();
    text.split(&language.separator())
        .map(|cell| {
            let cell = cell.trim_matches('\n');
            if !cell.starts_with(&magic) {
                return cell.to_owned();
            }
            let plain: Vec<&str> =
                cell.lines().map(|line| line.strip_prefix(magic.as_str()).unwrap_or(line)).collect();
            plain.join("\n")
        })
        .collect()
}

/// The source that has these cells.
pub(super) fn of_cells(language: Language, cells: impl Iterator<Item = String>) -> String {
    let magic = language.magic();
    let cells: Vec<String> = cells
        .map(|cell| {
            if cell.starts_with('%') {
                cell.lines().map(|line| format!("{magic}{line}")).collect::<Vec<_>>().join("\n")
            } else {
                cell
            }
        })
        .collect();
    cells.join(&format!("\n\n{}\n\n", language.separator()))
}

pub(super) fn to_jupyter(name: &str, language: Language, content: &[u8]) -> String {
    let cells: Vec<Value> = cells_of(language, &String::from_utf8_lossy(content))
        .into_iter()
        .map(|cell| match cell.strip_prefix("%md") {
            Some(prose) => {
                json!({"cell_type": "markdown", "metadata": {}, "source": lines(prose.trim_start_matches([' ', '\n']))})
            }
            None => json!({
                "cell_type": "code", "execution_count": 0, "metadata": {}, "outputs": [], "source": lines(&cell),
            }),
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

/// The language and the source of a Jupyter document.
pub(super) fn from_jupyter(bytes: &[u8], language: Option<Language>) -> Result<(Language, String), ApiError> {
    let wrong = || ApiError::invalid_parameter("The content is not a Jupyter notebook.");
    let document: Value = serde_json::from_slice(bytes).map_err(|_| wrong())?;
    let cells = document.get("cells").and_then(Value::as_array).ok_or_else(wrong)?;
    let metadata = document.get("metadata");
    let place = |group: &str, name: &str| metadata.and_then(|metadata| metadata.get(group)?.get(name));
    let named = place("application/vnd.databricks.v1+notebook", "language")
        .or_else(|| place("kernelspec", "language"))
        .or_else(|| place("language_info", "name"))
        .and_then(Value::as_str)
        .and_then(|name| Language::parse(&name.to_uppercase()));
    let language = language.or(named).unwrap_or(Language::Python);
    let sources = cells.iter().map(|cell| {
        let source = match cell.get("source") {
            Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(source)) => source.clone(),
            _ => String::new(),
        };
        let is_prose = cell.get("cell_type").and_then(Value::as_str) == Some("markdown");
        if is_prose { format!("%md\n{source}") } else { source }
    });
    Ok((language, of_cells(language, sources)))
}

pub(super) fn to_html(name: &str, language: Language, content: &[u8]) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<!doctype html>\n<html>\n<head><title>{} - Databricks</title></head>\n\
         <body data-language=\"{}\" data-source=\"{}\">\n<pre>{}</pre>\n</body>\n</html>\n",
        escape(name),
        language.name(),
        STANDARD.encode(content),
        escape(&String::from_utf8_lossy(content)),
    )
}

/// Takes back what an HTML export holds.
pub(super) fn from_html(bytes: &[u8]) -> Result<(Language, Vec<u8>), ApiError> {
    let wrong = || ApiError::invalid_parameter("The content is not an exported notebook.");
    let text = std::str::from_utf8(bytes).map_err(|_| wrong())?;
    let (_, rest) = text.split_once("data-language=\"").ok_or_else(wrong)?;
    let (language, rest) = rest.split_once('"').ok_or_else(wrong)?;
    let (_, rest) = rest.split_once("data-source=\"").ok_or_else(wrong)?;
    let (encoded, _) = rest.split_once('"').ok_or_else(wrong)?;
    let language = Language::parse(language).ok_or_else(wrong)?;
    Ok((language, STANDARD.decode(encoded).map_err(|_| wrong())?))
}

/// An R notebook as R Markdown.
pub(super) fn to_r_markdown(content: &[u8]) -> String {
    let cells = cells_of(Language::R, &String::from_utf8_lossy(content));
    let chunks = cells.iter().map(|cell| match cell.strip_prefix("%md") {
        Some(prose) => prose.trim_start_matches([' ', '\n']).to_owned(),
        None => format!("```{{r}}\n{cell}\n```"),
    });
    chunks.collect::<Vec<_>>().join("\n\n") + "\n"
}

/// The source of an R notebook out of R Markdown.
pub(super) fn from_r_markdown(bytes: &[u8]) -> Result<String, ApiError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| ApiError::invalid_parameter("The content is not an R Markdown document."))?;
    let mut cells: Vec<String> = Vec::new();
    let mut prose = String::new();
    let mut code: Option<String> = None;
    for line in text.lines() {
        match code.as_mut() {
            None if line.starts_with("```{r") => {
                push_prose(&mut cells, &mut prose);
                code = Some(String::new());
            }
            None => prose += &format!("{line}\n"),
            Some(_) if line.trim_end() == "```" => cells.extend(code.take()),
            Some(code) => {
                if !code.is_empty() {
                    code.push('\n');
                }
                code.push_str(line);
            }
        }
    }
    cells.extend(code);
    push_prose(&mut cells, &mut prose);
    Ok(of_cells(Language::R, cells.into_iter()))
}

fn push_prose(cells: &mut Vec<String>, prose: &mut String) {
    let text = std::mem::take(prose);
    if !text.trim().is_empty() {
        cells.push(format!("%md\n{}", text.trim_matches('\n')));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "# MAGIC %md\n# MAGIC ## Title\n\n# COMMAND ----------\n\nprint(1)\n\n# COMMAND ----------\n\n\
        # MAGIC %sql\n# MAGIC select 1";

    #[test]
    fn a_jupyter_document_tells_prose_from_code_and_leads_back() -> Result<(), ApiError> {
        let written = to_jupyter("n", Language::Python, SOURCE.as_bytes());
        let document: Value = serde_json::from_str(&written).unwrap_or_default();
        let kind = |index: usize| document["cells"][index]["cell_type"].clone();
        assert_eq!((kind(0), kind(1)), (json!("markdown"), json!("code")));
        assert_eq!(document["cells"][0]["source"], json!(["## Title"]));
        assert_eq!(document["cells"][1]["source"], json!(["print(1)"]));
        assert_eq!(from_jupyter(written.as_bytes(), None)?, (Language::Python, SOURCE.to_owned()));
        Ok(())
    }

    #[test]
    fn r_markdown_leads_there_and_back() -> Result<(), ApiError> {
        let text = "# Title\n\nWords\n\n```{r}\nx <- 1\ny <- 2\n```\n";
        let source = from_r_markdown(text.as_bytes())?;
        assert!(
            source.starts_with("# MAGIC %md\n# MAGIC # Title") && source.ends_with("x <- 1\ny <- 2"),
            "{source}"
        );
        assert_eq!(to_r_markdown(source.as_bytes()), text);
        Ok(())
    }

    #[test]
    fn html_leads_there_and_back() -> Result<(), ApiError> {
        let html = to_html("a<b", Language::Sql, b"select 1 < 2");
        assert_eq!(from_html(html.as_bytes())?, (Language::Sql, b"select 1 < 2".to_vec()));
        assert!(from_html(b"<html></html>").is_err());
        Ok(())
    }
}
