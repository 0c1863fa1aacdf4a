//! What waits for an approval, and what was decided.

use serde::{Deserialize, Serialize};

use super::RunSummary;
use crate::{DurationMs, Timestamp};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovalsPage {
    pub as_of: Timestamp,
    pub waiting: Vec<ApprovalItem>,
    pub decided: Vec<ApprovalItem>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovalItem {
    pub run: RunSummary,
    pub reason: String,
    pub from_region: String,
    pub to_region: String,
    pub age: Option<DurationMs>,
    /// Given so far, and needed.
    pub given: u32,
    pub required: u32,
    /// Why the one who looks cannot decide; None: they can.
    pub why_not: Option<String>,
    /// Who decided, how and with which comment, where somebody did.
    pub decisions: Vec<Decision>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub by: String,
    pub is_approval: bool,
    pub comment: String,
    pub at: Timestamp,
}
