//! Notebooks. Their source is not part of a listing: what did not change since the last look is known
//! without reading it, everything else is compared by the hash of language and source. Each travels in the
//! format in which it is kept: as source code, or as a Jupyter document with its results.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use farshore_databricks::{ApiError, ContentFormat, ImportTarget, TreeObject, WorkspaceClient};
use farshore_model::kind::ObjectKey;
use serde_json::{Value, json};

use super::{
    Canonical, Kind, LeftTo, Listed, Loaded, Naming, Write, folder_of, found, is_in_tree, of_a_bundle,
};
use crate::{
    canonical::{hash, hash_bytes, only, text},
    inventory::{Leaf, Look, parent_of},
    references::KeyLookup,
};

/// The fields of a notebook's canonical form; only the first one is there before the source was read. The
/// format is said of what is not kept as source code.
const FIELDS: [&str; 3] = ["language", "format", "source_sha256"];
const JUPYTER: &str = "JUPYTER";
/// What a workspace writes into a document by itself: where it says so, and in which field.
const OWN_OF_THE_WORKSPACE: [(&str, &str); 2] = [
    ("application/vnd.databricks.v1+notebook", "notebookOrigID"),
    ("application/vnd.databricks.v1+cell", "nuid"),
];

pub(crate) struct Notebooks;

#[async_trait]
impl Kind for Notebooks {
    fn naming(&self) -> Naming {
        Naming::Path
    }

    fn has_content(&self) -> bool {
        true
    }

    fn is_in_tree(&self) -> bool {
        true
    }

    fn belongs_to(&self, key: &str) -> Option<ObjectKey> {
        folder_of(key)
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        let tree = look.tree().await?;
        let mut forms = BTreeMap::new();
        let one = |notebook: &Leaf| Listed {
            untouched: tree.untouched(&notebook.path),
            ..listed(notebook, &mut forms)
        };
        Ok(tree.notebooks.iter().map(one).collect())
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        let Some(siblings) = found(client.list_folder(parent_of(id), None).await)? else { return Ok(None) };
        let is_it = |object: &TreeObject| *object.path == *id && object.object_type == "NOTEBOOK";
        let Some(notebook) = siblings.into_iter().find(is_it) else { return Ok(None) };
        let notebook = listed(&notebook.into(), &mut BTreeMap::new());
        let Some(loaded) = found(self.load(client, id, &notebook.raw).await)? else { return Ok(None) };
        Ok(Some(Listed { raw: loaded.raw.into(), ..notebook }))
    }

    async fn is_there(&self, client: &WorkspaceClient, id: &str) -> Result<bool, ApiError> {
        is_in_tree(client, id, "NOTEBOOK").await
    }

    fn left_to(&self, id: &str, _raw: &Value) -> Option<LeftTo> {
        of_a_bundle(id)
    }

    fn canonical(&self, raw: &Value, _keys: &dyn KeyLookup) -> Canonical {
        let problems = match text(raw, "language") {
            Some(_) => Vec::new(),
            None => vec!["the workspace does not say in which language it is written".to_owned()],
        };
        Canonical { form: Value::Object(only(raw, &FIELDS)), problems }
    }

    async fn load(&self, client: &WorkspaceClient, id: &str, listed: &Value) -> Result<Loaded, ApiError> {
        let bytes = client.export_as_kept(id, ContentFormat::Source).await?;
        let language = text(listed, "language").unwrap_or_default();
        Ok(Loaded { raw: form(language, &bytes), body: bytes.into() })
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

/// A notebook with this source. How lines end, and how many of them are empty at the
/// end, differs between an import and the export that follows it.
fn form(language: &str, source: &[u8]) -> Value {
    if let Some(document) = jupyter(source) {
        return json!({ "language": language, "format": JUPYTER, "source_sha256": hash(&document) });
    }
    let mut lines: Vec<u8> = Vec::with_capacity(source.len());
    for (at, &byte) in source.iter().enumerate() {
        if byte != b'\r' || source.get(at + 1) != Some(&b'\n') {
            lines.push(byte);
        }
    }
    let text = lines.trim_ascii_end();
    json!({ "language": language, "source_sha256": hash_bytes(text) })
}

/// What is listed of a notebook, by its language: there are many notebooks, and few languages.
type Forms = BTreeMap<Option<String>, Arc<Value>>;

fn listed(notebook: &Leaf, forms: &mut Forms) -> Listed {
    let language = &notebook.language;
    let raw = forms.entry(language.clone()).or_insert_with(|| json!({ "language": language }).into());
    let path = &notebook.path;
    Listed {
        object_id: notebook.object_id,
        ..Listed::new(Arc::clone(path), Arc::clone(path), None, Arc::clone(raw))
    }
}

/// A Jupyter document, without what differs between two workspaces that have the same one. Source code never
/// begins like JSON: its first line is a comment.
fn jupyter(content: &[u8]) -> Option<Value> {
    if !content.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let mut document: Value = serde_json::from_slice(content).ok()?;
    document.get("nbformat")?;
    let cells = document.get_mut("cells")?.as_array_mut()?;
    cells.iter_mut().for_each(forget_what_is_the_workspaces);
    forget_what_is_the_workspaces(&mut document);
    Some(document)
}

fn forget_what_is_the_workspaces(holder: &mut Value) {
    for (group, field) in OWN_OF_THE_WORKSPACE {
        let group = holder.get_mut("metadata").and_then(|metadata| metadata.get_mut(group));
        if let Some(Value::Object(fields)) = group {
            fields.remove(field);
        }
    }
}

async fn import(target: &WorkspaceClient, path: &str, write: Write<'_>) -> Result<(), ApiError> {
    let is_jupyter = text(write.form, "format") == Some(JUPYTER);
    let format = if is_jupyter { ContentFormat::Jupyter } else { ContentFormat::Source };
    let language = text(write.form, "language");
    let target_path = ImportTarget { path, format, language, is_overwriting: true };
    target.import(target_path, write.body.held().unwrap_or_default().to_vec()).await
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

    #[test]
    fn the_same_jupyter_document_of_two_workspaces_is_equal() {
        let document = |id: i64, nuid: &str, source: &str| {
            let document = json!({
                "nbformat": 4, "metadata": {"application/vnd.databricks.v1+notebook": {"notebookOrigID": id, "language": "python"}},
                "cells": [{"cell_type": "code", "source": source, "outputs": [{"text": "1"}],
                           "metadata": {"application/vnd.databricks.v1+cell": {"nuid": nuid}}}],
            });
            form("PYTHON", document.to_string().as_bytes())
        };
        let here = document(1, "a", "print(1)");
        assert_eq!(here["format"], "JUPYTER");
        assert_eq!(here, document(2, "b", "print(1)"));
        assert_ne!(here, document(1, "a", "print(2)"));
    }

    #[test]
    fn a_dictionary_is_no_jupyter_document() {
        assert_eq!(form("PYTHON", b"{\"cells\": []}").get("format"), None);
    }
}
