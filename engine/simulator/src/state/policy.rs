//! Cluster policies.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A policy: its fields as they were given, the definition being JSON in a string.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) policy_id: String,
    pub(crate) created_ms: i64,
    pub(crate) creator: String,
    pub(crate) fields: Map<String, Value>,
}

impl Policy {
    pub(crate) fn name(&self) -> &str {
        self.fields.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn definition(&self) -> &str {
        self.fields.get("definition").and_then(Value::as_str).unwrap_or("{}")
    }
}
