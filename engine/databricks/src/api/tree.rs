//! The workspace tree: folders and notebooks.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    ErrorKind, Result, WorkspaceClient,
    answer::{Content, half_answer},
    call::{Body, Call, Endpoint, Expects},
};

const LIST: Endpoint = Endpoint::read("/api/2.0/workspace/list");
const EXPORT: Endpoint = Endpoint::read("/api/2.0/workspace/export");
/// Always with `overwrite`, which keeps the object's id.
const IMPORT: Endpoint = Endpoint::repeatable("/api/2.0/workspace/import");
const MKDIRS: Endpoint = Endpoint::repeatable("/api/2.0/workspace/mkdirs");
const DELETE: Endpoint = Endpoint::repeatable("/api/2.0/workspace/delete");

/// The JSON form takes 10 MB of base64, which is 7.5 MB of content; what is larger is uploaded as a file.
const LARGEST_JSON_IMPORT_BYTES: usize = 7_000_000;

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeObject {
    pub object_id: i64,
    /// `NOTEBOOK`, `DIRECTORY`, `LIBRARY`, `FILE`, `REPO`, `DASHBOARD`, or one that came later.
    pub object_type: String,
    /// Absolute.
    pub path: String,
    /// `PYTHON`, `SQL`, `SCALA` or `R`, of notebooks.
    #[serde(default)]
    pub language: Option<String>,
    /// Milliseconds since 1970; documented for files only.
    #[serde(default, alias = "modified_at")]
    pub modified_at_ms: Option<i64>,
    /// Documented for files only.
    #[serde(default, alias = "size")]
    pub size_bytes: Option<u64>,
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
        objects
            .into_iter()
            .map(|object| {
                serde_json::from_value(object).map_err(|error| {
                    half_answer(&Call::new(LIST), format!("an entry of {path} is not readable: {error}"))
                })
            })
            .collect()
    }

    /// The source of a notebook. One of more than 10 MB is downloaded as a file.
    ///
    /// # Errors
    /// `NotFound`; `TooLarge` when it is larger than even a download carries.
    pub async fn export_notebook(&self, path: &str) -> Result<Vec<u8>> {
        let call = Call::new(EXPORT).query("path", path).query("format", "SOURCE").about(path);
        match self.object(&call).await {
            Ok(answer) => {
                let content = answer.get("content").and_then(Value::as_str);
                let content = content.ok_or_else(|| half_answer(&call, "the answer contains no content"))?;
                STANDARD.decode(content).map_err(|error| {
                    half_answer(&call, format!("the content of {path} is not readable: {error}"))
                })
            }
            Err(error) if error.kind() == ErrorKind::TooLarge => {
                let call = call.query("direct_download", true).expects(Expects::Bytes).large();
                match self.send(&call).await?.content {
                    Content::Bytes(source) => Ok(source),
                    Content::Object(_) => Err(half_answer(&call, "the download contains no file")),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Creates the notebook, or overwrites it and keeps its id. `language` is as in [`TreeObject`].
    ///
    /// # Errors
    /// `TooLarge` when the workspace accepts no notebook of that size; `NotFound` when the folder is missing.
    pub async fn import_notebook(&self, path: &str, language: &str, source: Vec<u8>) -> Result<()> {
        let call = Call::new(IMPORT);
        self.execute(if source.len() > LARGEST_JSON_IMPORT_BYTES {
            let fields =
                [("path", path), ("format", "SOURCE"), ("language", language), ("overwrite", "true")];
            let fields = fields.map(|(name, value)| (name, value.to_owned())).to_vec();
            call.body(Body::Upload { fields, content: source }).large()
        } else {
            call.json(json!({
                "path": path,
                "format": "SOURCE",
                "language": language,
                "overwrite": true,
                "content": STANDARD.encode(source),
            }))
        })
        .await
    }

    /// Creates the folder and those above it; one that is there already is fine.
    pub async fn make_folder(&self, path: &str) -> Result<()> {
        self.execute(Call::new(MKDIRS).json(json!({"path": path}))).await
    }

    /// Deletes a notebook or a folder; one that is not there is fine.
    ///
    /// # Errors
    /// `Conflict` when a folder is not empty and `is_recursive` is not set.
    pub async fn delete_path(&self, path: &str, is_recursive: bool) -> Result<()> {
        let body = json!({"path": path, "recursive": is_recursive});
        self.delete(Call::new(DELETE).json(body).about(path)).await
    }
}
