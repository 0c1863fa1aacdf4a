//! Notebooks. Their source is not part of a listing: what did not change since the last look is known
//! without reading it, everything else is compared by the hash of language and source.

use async_trait::async_trait;
use farshore_databricks::{ApiError, TreeObject, WorkspaceClient};
use farshore_model::kind::{ObjectKey, ObjectKind};
use serde_json::{Value, json};

use super::{Canonical, Kind, Listed, Loaded, Naming, Write, folder_of, found};
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
        Ok(tree
            .notebooks
            .iter()
            .map(|notebook| Listed { is_untouched: tree.is_untouched(&notebook.path), ..listed(notebook) })
            .collect())
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        let Some(siblings) = found(client.list_folder(parent_of(id), None).await)? else { return Ok(None) };
        let is_it = |object: &TreeObject| object.path == id && object.object_type == "NOTEBOOK";
        let Some(notebook) = siblings.into_iter().find(is_it) else { return Ok(None) };
        let notebook = listed(&notebook);
        let Some(loaded) = found(self.load(client, id, &notebook.raw).await)? else { return Ok(None) };
        Ok(Some(Listed { raw: loaded.raw, ..notebook }))
    }

    fn canonical(&self, raw: &Value, _keys: &dyn KeyLookup) -> Canonical {
        let problems = match text(raw, "language") {
            Some(_) => Vec::new(),
            None => vec!["the workspace does not say in which language it is written".to_owned()],
        };
        Canonical { form: Value::Object(only(raw, &FIELDS)), problems }
    }

    async fn load(&self, client: &WorkspaceClient, id: &str, listed: &Value) -> Result<Loaded, ApiError> {
        let bytes = client.export_notebook(id).await?;
        let language = text(listed, "language").unwrap_or_default();
        Ok(Loaded { raw: form(language, &bytes), bytes })
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
    let mut lines: Vec<u8> = Vec::with_capacity(source.len());
    for (at, &byte) in source.iter().enumerate() {
        if byte != b'\r' || source.get(at + 1) != Some(&b'\n') {
            lines.push(byte);
        }
    }
    let text = lines.trim_ascii_end();
    json!({ "language": language, "source_sha256": hash_bytes(text) })
}

fn listed(notebook: &TreeObject) -> Listed {
    let raw = json!({ "language": notebook.language, "object_id": notebook.object_id });
    Listed::new(notebook.path.clone(), notebook.path.clone(), None, raw)
}

async fn import(target: &WorkspaceClient, path: &str, write: Write<'_>) -> Result<(), ApiError> {
    let language = text(write.form, "language").unwrap_or_default();
    target.import_notebook(path, language, write.bytes.to_vec()).await
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
