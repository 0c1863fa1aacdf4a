//! Would a failover work now, and if not, why not.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessState {
    Passed,
    /// Not looked at yet.
    Pending,
    /// It could not be found out.
    Unknown,
    ActionRequired,
}

impl ReadinessState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::ActionRequired => "action_required",
        }
    }
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadinessCheck {
    /// A short stable name, such as `passive_reachable`, `smoke_job`, `replicated`, `objects`, `fence`.
    pub name: String,
    pub title: String,
    pub state: ReadinessState,
    pub detail: String,
    /// What to do about it; None where it passed.
    pub remedy: Option<String>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    pub checks: Vec<ReadinessCheck>,
    pub evaluated_at: Timestamp,
}

impl Readiness {
    /// The worst of its checks; `pending` without any.
    pub fn state(&self) -> ReadinessState {
        self.checks.iter().map(|check| check.state).max().unwrap_or(ReadinessState::Pending)
    }
}
