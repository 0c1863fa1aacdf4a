//! One Databricks deployment, and what is known of the connection to it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{StandaloneId, Timestamp, WorkspaceId};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cloud {
    Aws,
    Azure,
    Gcp,
}

impl Cloud {
    pub const ALL: [Self; 3] = [Self::Aws, Self::Azure, Self::Gcp];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Azure => "azure",
            Self::Gcp => "gcp",
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Cloud {
    type Err = UnknownCloud;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|cloud| cloud.as_str() == text)
            .ok_or_else(|| UnknownCloud(text.to_owned()))
    }
}

/// The text names no cloud.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no cloud named {0:?}")]
pub struct UnknownCloud(pub String);

/// A registered workspace. Its credential is kept elsewhere, encrypted, and never leaves the server.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    /// Scheme and host, without a trailing slash.
    pub host: String,
    /// The workspace's own id, from the `X-Databricks-Org-Id` header: two workspaces are the same one
    /// exactly when this is equal.
    pub org_id: String,
    pub cloud: Cloud,
    pub region: String,
    /// Grows with every edit; an edit that names an older one is refused.
    pub version: i64,
    pub created_at: Timestamp,
}

/// A workspace that needs no counterpart, because a person has said so: one that only tests, say, or whose data is
/// made anew within a day.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standalone {
    pub reason: String,
    /// The name of who has said so.
    pub by: String,
    pub since: Timestamp,
}

/// One line of the list of such workspaces. The panel knows no more of it than what a person has typed.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandaloneWorkspace {
    pub id: StandaloneId,
    pub name: String,
    /// Its address or its workspace id; each is on the list once.
    pub address: String,
    pub standalone: Standalone,
    /// Grows with every edit; an edit that names an older one is refused.
    pub version: i64,
}

/// What the last look at a workspace found.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceHealth {
    pub workspace_id: WorkspaceId,
    pub state: Reachability,
    /// When `state` was last confirmed.
    pub checked_at: Timestamp,
    /// Since when `state` has held.
    pub since: Timestamp,
    /// What the workspace, the network or the panel itself said instead of a plain answer. A workspace that is
    /// busy answers, and has one too.
    pub error: Option<String>,
    /// What to do about the error.
    #[serde(default)]
    pub remedy: Option<String>,
}

/// Whether a workspace answers; the later, the worse.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reachability {
    Reachable,
    /// It was not asked, or could not be.
    Unknown,
    /// It answers, but not to the panel: the credential is refused, or a sign-in page stands before it. Nothing
    /// is wrong with its region, so nothing is gained by leaving it.
    Refused,
    /// It does not answer, or answers that it fails.
    Unreachable,
}

impl Reachability {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Reachable => "reachable",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
        }
    }
}

/// One thing that the test of a connection looked at.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionCheck {
    /// A short stable name, such as `reach`, `credential`, `identity`, `region`, `permission`.
    pub name: String,
    pub title: String,
    pub state: CheckState,
    pub detail: String,
    /// What to do when it did not pass.
    pub remedy: Option<String>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    Passed,
    /// It works, but a person has something to decide or to type.
    Attention,
    Failed,
    /// Not looked at, because an earlier one failed.
    NotRun,
}

/// What the test of a connection found out, each fact from a call that a real workspace answers.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionReport {
    pub checks: Vec<ConnectionCheck>,
    pub org_id: Option<String>,
    pub user_name: Option<String>,
    pub cloud: Option<Cloud>,
    pub region: Option<String>,
    pub tested_at: Timestamp,
}

impl ConnectionReport {
    pub fn has_passed(&self) -> bool {
        self.checks.iter().all(|check| matches!(check.state, CheckState::Passed | CheckState::Attention))
    }
}
