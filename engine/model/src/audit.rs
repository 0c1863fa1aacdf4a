//! The audit list: who did what to what, and how it ended. An entry is written before the act and completed
//! after it, so that nothing happens without a trace.

use serde::{Deserialize, Serialize};

use crate::{AuditId, Timestamp};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub id: AuditId,
    pub began_at: Timestamp,
    pub actor_name: String,
    pub actor_role: String,
    /// Verb and noun, such as `pair_workspaces`.
    pub action: String,
    /// What it was done to, as a person calls it; empty where there is no such thing.
    pub subject: String,
    /// The path of the page that shows the subject.
    pub subject_path: Option<String>,
    pub state: AuditState,
    pub completed_at: Option<Timestamp>,
    /// Why it was refused or failed, or what it resulted in.
    pub detail: Option<String>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditState {
    /// Begun; if it stays so, the panel was stopped before the end was known.
    Begun,
    Succeeded,
    Failed,
    /// The role may not do it.
    Denied,
}

impl AuditState {
    pub const ALL: [Self; 4] = [Self::Begun, Self::Succeeded, Self::Failed, Self::Denied];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Denied => "denied",
        }
    }
}
