//! Switches of a workspace, such as `enableIpAccessLists`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    Result, WorkspaceClient,
    answer::half_answer,
    call::{Call, Endpoint},
};

const GET: Endpoint = Endpoint::read("/api/2.0/workspace-conf");
const SET: Endpoint = Endpoint::patch("/api/2.0/workspace-conf");

impl WorkspaceClient {
    /// The values of these switches; none for one that was never set.
    ///
    /// # Errors
    /// `Invalid` when the workspace does not know one of the keys.
    pub async fn get_workspace_conf(&self, keys: &[&str]) -> Result<BTreeMap<String, Option<String>>> {
        let call = Call::new(GET).query("keys", keys.join(","));
        let answer = self.object(&call).await?;
        answer
            .into_iter()
            .map(|(key, value)| match value {
                Value::Null => Ok((key, None)),
                Value::String(text) => Ok((key, Some(text))),
                Value::Bool(flag) => Ok((key, Some(flag.to_string()))),
                Value::Number(number) => Ok((key, Some(number.to_string()))),
                _ => Err(half_answer(&call, format!("the value of {key} is not a text"))),
            })
            .collect()
    }

    /// Sets these switches and leaves the others alone.
    pub async fn set_workspace_conf(&self, values: &BTreeMap<String, String>) -> Result<()> {
        self.execute(Call::new(SET).json(&json!(values))).await
    }
}
