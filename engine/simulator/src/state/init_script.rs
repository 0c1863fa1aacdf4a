//! Global init scripts.

use serde::{Deserialize, Serialize};

/// One script; its position is its place among all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct InitScript {
    pub(crate) script_id: String,
    pub(crate) name: String,
    /// In base64, as it was given.
    pub(crate) script: String,
    pub(crate) is_enabled: bool,
    pub(crate) created_ms: i64,
    pub(crate) created_by: String,
    pub(crate) updated_ms: i64,
    pub(crate) updated_by: String,
}
