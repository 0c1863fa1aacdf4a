//! Instance profiles, by which clusters on AWS reach its services. They are known by their ARN.

use serde_json::{Value, json};

use crate::{
    Result, WorkspaceClient,
    call::{Call, Endpoint},
};

const LIST: Endpoint = Endpoint::read("/api/2.0/instance-profiles/list");
const ADD: Endpoint = Endpoint::once("/api/2.0/instance-profiles/add");
const EDIT: Endpoint = Endpoint::repeatable("/api/2.0/instance-profiles/edit");
const REMOVE: Endpoint = Endpoint::repeatable("/api/2.0/instance-profiles/remove");

impl WorkspaceClient {
    /// All profiles that are registered.
    pub async fn list_instance_profiles(&self) -> Result<Vec<Value>> {
        self.list(LIST, Vec::new(), "instance_profiles").await
    }

    /// Registers a profile from `instance_profile_arn`, `iam_role_arn`, `is_meta_instance_profile` and
    /// `skip_validation`. Never repeated after an unclear failure.
    ///
    /// # Errors
    /// `AlreadyExists`; `Invalid` when the workspace may not use it.
    pub async fn add_instance_profile(&self, profile: &Value) -> Result<()> {
        self.execute(Call::new(ADD).json(profile)).await
    }

    /// Changes the role of a profile.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn edit_instance_profile(&self, profile: &Value) -> Result<()> {
        let arn = profile.get("instance_profile_arn").and_then(Value::as_str).unwrap_or_default();
        self.execute(Call::new(EDIT).json(profile).about(arn)).await
    }

    /// Removes a profile from the list; clusters that run with it go on. One that is not there is fine.
    pub async fn remove_instance_profile(&self, arn: &str) -> Result<()> {
        self.delete(Call::new(REMOVE).json(&json!({"instance_profile_arn": arn})).about(arn)).await
    }
}
