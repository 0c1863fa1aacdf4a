//! Notebooks. Their source is not part of a listing: what did not change since the last look is known
//! without reading it, everything else is compared by the hash of language and source.

use async_trait::async_trait;
use farshore_databricks::{ApiError, TreeObject, WorkspaceClient};
use farshore_model::kind::ObjectKind;
use serde_json::{Value, json};

use super::{Canonical, Content, Kind, Listed, Naming, Write, found};
use crate::{
    canonical::{hash_bytes, only, text},
    inventory::{Look, parent_of},
    references::KeyLookup,
};

/// The fields of a notebook's canonical form; the second one is missing until the source was read.
const FIELDS: [&str; 2] = ["language", "source_sha256"];

pub(crate) struct Notebooks;

#[async_trait]
impl Kind for Notebooks {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Notebooks
    }

    fn naming(&self) -> Naming {
        Naming::Path
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        let tree = look.tree().await?;
        Ok(tree
            .notebooks
            .iter()
            .map(|notebook| listed(&notebook.path, notebook.language.as_deref()))
            .collect())
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        let Some(siblings) = found(client.list_folder(parent_of(id), None).await)? else { return Ok(None) };
        let is_it = |object: &TreeObject| object.path == id && object.object_type == "NOTEBOOK";
        let Some(notebook) = siblings.into_iter().find(is_it) else { return Ok(None) };
        let mut found_here = listed(id, notebook.language.as_deref());
        let language = text(&found_here.raw, "language").unwrap_or_default().to_owned();
        let Some(source) = found(client.export_notebook(id).await)? else { return Ok(None) };
        found_here.raw = form(&language, &source);
        Ok(Some(found_here))
    }

    fn canonical(&self, raw: &Value, _keys: &dyn KeyLookup) -> Canonical {
        let problems = match text(raw, "language") {
            Some(_) => Vec::new(),
            None => vec!["the workspace does not say in which language it is written".to_owned()],
        };
        Canonical { form: Value::Object(only(raw, &FIELDS)), problems }
    }

    async fn load(
        &self,
        source: &WorkspaceClient,
        id: &str,
        planned: &Value,
    ) -> Result<Option<Content>, ApiError> {
        let bytes = source.export_notebook(id).await?;
        let language = text(planned, "language").unwrap_or_default();
        Ok(Some(Content { form: form(language, &bytes), bytes }))
    }

    async fn create(
        &self,
        target: &WorkspaceClient,
        key: &str,
        write: Write<'_>,
        _mark: &str,
    ) -> Result<String, ApiError> {
        import(target, key, write).await?;
        Ok(key.to_owned())
    }

    async fn update(
        &self,
        target: &WorkspaceClient,
        current: &Listed,
        write: Write<'_>,
    ) -> Result<(), ApiError> {
        import(target, &current.id, write).await
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        target.delete_path(id, false).await
    }
}

/// The canonical form of a notebook with this source. How lines end, and how many of them are empty at the
/// end, differs between an import and the export that follows it.
pub(crate) fn form(language: &str, source: &[u8]) -> Value {
    let mut lines: Vec<u8> = Vec::with_capacity(source.len());
    for (at, &byte) in source.iter().enumerate() {
        if byte != b'\r' || source.get(at + 1) != Some(&b'\n') {
            lines.push(byte);
        }
    }
    let text = lines.trim_ascii_end();
    json!({ "language": language, "source_sha256": hash_bytes(text) })
}

fn listed(path: &str, language: Option<&str>) -> Listed {
    let raw = json!({ "path": path, "language": language });
    Listed { id: path.to_owned(), name: path.to_owned(), mark: None, raw }
}

async fn import(target: &WorkspaceClient, path: &str, write: Write<'_>) -> Result<(), ApiError> {
    let language = text(write.form, "language").unwrap_or_default();
    let source = write.content.map(|content| content.bytes.clone()).unwrap_or_default();
    target.import_notebook(path, language, source).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_language_and_text_make_a_notebook() {
        let unix = form("PYTHON", b"# Databricks notebook source\nprint(1)");
        assert_eq!(unix, form("PYTHON", b"# Databricks notebook source\r\nprint(1)\r\n"));
        assert_ne!(unix, form("PYTHON", b"# Databricks notebook source\nprint(2)"));
        assert_ne!(unix, form("R", b"# Databricks notebook source\nprint(1)"));
    }
}
