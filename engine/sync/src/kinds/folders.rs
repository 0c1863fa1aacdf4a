//! Folders of the workspace tree.

use async_trait::async_trait;
use farshore_databricks::{ApiError, TreeObject, WorkspaceClient};
use farshore_model::kind::ObjectKey;
use serde_json::{Value, json};

use super::{Canonical, Kind, LeftTo, Listed, Naming, Write, folder_of, found, is_in_tree, of_a_bundle};
use crate::{inventory::Look, references::KeyLookup};

pub(crate) struct Folders;

#[async_trait]
impl Kind for Folders {
    fn naming(&self) -> Naming {
        Naming::Path
    }

    fn is_in_tree(&self) -> bool {
        true
    }

    fn belongs_to(&self, key: &str) -> Option<ObjectKey> {
        folder_of(key)
    }

    async fn list(&self, look: &Look<'_>) -> Result<Vec<Listed>, ApiError> {
        Ok(look.tree().await?.folders.iter().map(|folder| listed(&folder.path, folder.object_id)).collect())
    }

    async fn read(&self, client: &WorkspaceClient, id: &str) -> Result<Option<Listed>, ApiError> {
        // The listing of something that is no folder is that thing itself.
        let is_folder = |inside: &Vec<TreeObject>| inside.iter().all(|object| *object.path != *id);
        Ok(found(client.list_folder(id, None).await)?.filter(is_folder).map(|_| listed(id, None)))
    }

    async fn is_there(&self, client: &WorkspaceClient, id: &str) -> Result<bool, ApiError> {
        is_in_tree(client, id, "DIRECTORY").await
    }

    fn left_to(&self, id: &str, _raw: &Value) -> Option<LeftTo> {
        of_a_bundle(id)
    }

    fn canonical(&self, _raw: &Value, _keys: &dyn KeyLookup) -> Canonical {
        Canonical { form: json!({}), problems: Vec::new() }
    }

    async fn create(
        &self,
        target: &WorkspaceClient,
        key: &str,
        _write: Write<'_>,
        _mark: &str,
    ) -> Result<String, ApiError> {
        target.make_folder(key).await?;
        Ok(key.to_owned())
    }

    async fn update(
        &self,
        _target: &WorkspaceClient,
        _current: &Listed,
        _write: Write<'_>,
    ) -> Result<(), ApiError> {
        // Two folders of one path are equal.
        Ok(())
    }

    async fn delete(&self, target: &WorkspaceClient, id: &str) -> Result<(), ApiError> {
        // Never with its content: whatever the plan does not name stays, and then so does the folder.
        target.delete_path(id, false).await
    }
}

fn listed(path: &str, object_id: Option<i64>) -> Listed {
    Listed { object_id, ..Listed::new(path.to_owned(), path.to_owned(), None, json!({})) }
}
