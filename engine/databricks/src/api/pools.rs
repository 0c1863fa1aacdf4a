//! Instance pools.

use serde_json::{Value, json};

use crate::{
    Result, WorkspaceClient,
    call::{Call, Endpoint},
};

const LIST: Endpoint = Endpoint::read("/api/2.0/instance-pools/list");
const GET: Endpoint = Endpoint::read("/api/2.0/instance-pools/get");
const CREATE: Endpoint = Endpoint::once("/api/2.0/instance-pools/create");
const EDIT: Endpoint = Endpoint::repeatable("/api/2.0/instance-pools/edit");
const DELETE: Endpoint = Endpoint::repeatable("/api/2.0/instance-pools/delete");

impl WorkspaceClient {
    /// All pools.
    pub async fn list_pools(&self) -> Result<Vec<Value>> {
        self.list(LIST, Vec::new(), "instance_pools").await
    }

    /// # Errors
    /// `NotFound`.
    pub async fn get_pool(&self, id: &str) -> Result<Value> {
        self.object(&Call::new(GET).query("instance_pool_id", id).about(id)).await.map(Value::Object)
    }

    /// Creates a pool and answers its id. Never repeated after an unclear failure.
    pub async fn create_pool(&self, settings: &Value) -> Result<String> {
        self.create_with_text_id(&Call::new(CREATE).json(settings), "instance_pool_id").await
    }

    /// Replaces the settings, which contain the `instance_pool_id`; the node type cannot be changed.
    pub async fn edit_pool(&self, settings: &Value) -> Result<()> {
        let id = settings.get("instance_pool_id").and_then(Value::as_str).unwrap_or_default();
        self.execute(Call::new(EDIT).about(id).json(settings)).await
    }

    /// Deletes a pool; one that is not there is fine.
    pub async fn delete_pool(&self, id: &str) -> Result<()> {
        self.delete(Call::new(DELETE).json(&json!({"instance_pool_id": id})).about(id)).await
    }
}
