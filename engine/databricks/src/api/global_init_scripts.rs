//! Scripts that run on every cluster when it starts.

use serde_json::Value;

use crate::{
    Result, WorkspaceClient,
    call::{Call, Endpoint},
};

const PATH: &str = "/api/2.0/global-init-scripts";
const GET: Endpoint = Endpoint::read(PATH);
const CREATE: Endpoint = Endpoint::once(PATH);
const UPDATE: Endpoint = Endpoint::patch(PATH);
const DELETE: Endpoint = Endpoint::delete(PATH);

impl WorkspaceClient {
    /// All scripts with their `position` and `enabled`, but without their text.
    pub async fn list_global_init_scripts(&self) -> Result<Vec<Value>> {
        self.list(GET, Vec::new(), "scripts").await
    }

    /// One script, with its text as base64 in `script`.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get_global_init_script(&self, id: &str) -> Result<Value> {
        self.object(&Call::new(GET).at(id).about(id)).await.map(Value::Object)
    }

    /// Creates a script from `name`, `script` (base64), `enabled` and `position`, and answers its id. Those at
    /// and after its position move down. Never repeated after an unclear failure.
    pub async fn create_global_init_script(&self, script: &Value) -> Result<String> {
        self.create_with_text_id(&Call::new(CREATE).json(script), "script_id").await
    }

    /// Changes a script: `name` and `script` must be given; without `position` it stays where it is.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn update_global_init_script(&self, id: &str, script: &Value) -> Result<()> {
        self.execute(Call::new(UPDATE).at(id).about(id).json(script)).await
    }

    /// Deletes a script; one that is not there is fine.
    pub async fn delete_global_init_script(&self, id: &str) -> Result<()> {
        self.delete(Call::new(DELETE).at(id).about(id)).await
    }
}
