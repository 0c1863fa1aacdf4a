//! Cluster policies.

use serde_json::{Value, json};

use crate::{
    Result, WorkspaceClient,
    call::{Call, Endpoint},
};

const LIST: Endpoint = Endpoint::read("/api/2.0/policies/clusters/list");
const GET: Endpoint = Endpoint::read("/api/2.0/policies/clusters/get");
const CREATE: Endpoint = Endpoint::once("/api/2.0/policies/clusters/create");
const EDIT: Endpoint = Endpoint::repeatable("/api/2.0/policies/clusters/edit");
const DELETE: Endpoint = Endpoint::repeatable("/api/2.0/policies/clusters/delete");

impl WorkspaceClient {
    /// All policies, the workspace's own default ones included (`is_default`).
    pub async fn list_policies(&self) -> Result<Vec<Value>> {
        self.list(LIST, Vec::new(), "policies").await
    }

    /// # Errors
    /// `NotFound`.
    pub async fn get_policy(&self, id: &str) -> Result<Value> {
        self.object(&Call::new(GET).query("policy_id", id).about(id)).await.map(Value::Object)
    }

    /// Creates a policy and answers its id. Never repeated after an unclear failure.
    ///
    /// # Errors
    /// `AlreadyExists` or `Invalid` when the name is taken: names are unique.
    pub async fn create_policy(&self, settings: &Value) -> Result<String> {
        self.create_with_text_id(&Call::new(CREATE).json(settings), "policy_id").await
    }

    /// Replaces the settings, which contain the `policy_id`.
    pub async fn edit_policy(&self, settings: &Value) -> Result<()> {
        let id = settings.get("policy_id").and_then(Value::as_str).unwrap_or_default();
        self.execute(Call::new(EDIT).about(id).json(settings)).await
    }

    /// Deletes a policy; one that is not there is fine.
    pub async fn delete_policy(&self, id: &str) -> Result<()> {
        self.delete(Call::new(DELETE).json(&json!({"policy_id": id})).about(id)).await
    }
}
