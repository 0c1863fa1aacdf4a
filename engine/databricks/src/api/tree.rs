//! The workspace tree: what lies where. Content is in [`tree_content`](super::tree_content).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Result, WorkspaceClient,
    answer::half_answer,
    call::{Call, Endpoint},
    number,
};

const LIST: Endpoint = Endpoint::read("/api/2.0/workspace/list");
const GET_STATUS: Endpoint = Endpoint::read("/api/2.0/workspace/get-status");
const MKDIRS: Endpoint = Endpoint::repeatable("/api/2.0/workspace/mkdirs");
const DELETE: Endpoint = Endpoint::repeatable("/api/2.0/workspace/delete");

/// What lies at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeObject {
    /// By which its permissions are known; a workspace always tells it, a simple fake of one may not.
    #[serde(default, deserialize_with = "number::deserialize")]
    pub object_id: Option<i64>,
    /// `NOTEBOOK`, `DIRECTORY`, `LIBRARY`, `FILE`, `REPO`, `DASHBOARD`, or one that came later.
    pub object_type: String,
    /// Absolute.
    pub path: Arc<str>,
    /// `PYTHON`, `SQL`, `SCALA` or `R`, of notebooks.
    #[serde(default)]
    pub language: Option<String>,
    /// Milliseconds since 1970; documented for files only.
    #[serde(default, alias = "modified_at", deserialize_with = "number::deserialize")]
    pub modified_at_ms: Option<i64>,
    /// Documented for files only.
    #[serde(default, alias = "size", deserialize_with = "number::deserialize")]
    pub size_bytes: Option<u64>,
    /// Milliseconds since 1970; documented for files only.
    #[serde(default, alias = "created_at", deserialize_with = "number::deserialize")]
    pub created_at_ms: Option<i64>,
    /// The id under which other endpoints know the object, where that is not `object_id`.
    #[serde(default)]
    pub resource_id: Option<String>,
}

impl WorkspaceClient {
    /// The direct children of a folder. With `notebooks_modified_after_ms` (since 1970), notebooks that have not
    /// changed since then are left out.
    ///
    /// # Errors
    /// `NotFound` when there is no such folder. An incomplete answer is an error, never a shorter list.
    pub async fn list_folder(
        &self,
        path: &str,
        notebooks_modified_after_ms: Option<i64>,
    ) -> Result<Vec<TreeObject>> {
        let mut query = vec![("path", path.to_owned())];
        if let Some(after_ms) = notebooks_modified_after_ms {
            query.push(("notebooks_modified_after", after_ms.to_string()));
        }
        let objects = self.list(LIST, query, "objects").await?;
        objects.into_iter().map(|object| readable(&Call::new(LIST), path, object)).collect()
    }

    /// What lies at a path.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get_path(&self, path: &str) -> Result<TreeObject> {
        let call = Call::new(GET_STATUS).query("path", path).about(path);
        readable(&call, path, Value::Object(self.object(&call).await?))
    }

    /// Creates the folder and those above it; one that is there already is fine.
    pub async fn make_folder(&self, path: &str) -> Result<()> {
        self.execute(Call::new(MKDIRS).json(&json!({"path": path}))).await
    }

    /// Deletes a notebook or a folder; one that is not there is fine.
    ///
    /// # Errors
    /// `Conflict` when a folder is not empty and `is_recursive` is not set.
    pub async fn delete_path(&self, path: &str, is_recursive: bool) -> Result<()> {
        let body = json!({"path": path, "recursive": is_recursive});
        self.delete(Call::new(DELETE).json(&body).about(path)).await
    }
}

fn readable(call: &Call, path: &str, object: Value) -> Result<TreeObject> {
    serde_json::from_value(object)
        .map_err(|error| half_answer(call, format!("what lies at {path} is not readable: {error}")))
}
