//! A failover group: what is failed over as one.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{DepartmentId, GroupId, PairId, RunId, Timestamp, WorkspaceId};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    #[default]
    ActivePassive,
    ActiveActive,
    /// The passive side serves reads at any time, but changes nothing.
    PassiveReadOnly,
}

impl Strategy {
    pub const ALL: [Self; 3] = [Self::ActivePassive, Self::ActiveActive, Self::PassiveReadOnly];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ActivePassive => "active_passive",
            Self::ActiveActive => "active_active",
            Self::PassiveReadOnly => "passive_read_only",
        }
    }
}

impl FromStr for Strategy {
    type Err = UnknownStrategy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|strategy| strategy.as_str() == text)
            .ok_or_else(|| UnknownStrategy(text.to_owned()))
    }
}

/// The text names no strategy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no strategy named {0:?}")]
pub struct UnknownStrategy(pub String);

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverGroup {
    pub id: GroupId,
    pub name: String,
    pub strategy: Strategy,
    /// None: owned by the whole organisation.
    pub department_id: Option<DepartmentId>,
    pub primary_region: String,
    /// The effective primary: the region that is active now.
    pub active_region: String,
    /// How often a sync starts by itself; None: only when somebody asks for one.
    pub sync_interval_ms: Option<i64>,
    /// The job whose success shows that a region works; without one readiness is `action_required`.
    pub smoke_job: Option<SmokeJob>,
    /// While set, no sync writes anything.
    pub suspension: Option<SyncSuspension>,
    /// Grows with every edit by a person; an edit that names an older one is refused. What a run changes
    /// (active region, suspension) does not count.
    pub version: i64,
    pub created_at: Timestamp,
}

/// A job named by its key in the ledger (see [`crate::kind::ObjectKey`]).
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmokeJob {
    pub key: String,
    pub name: String,
}

/// Why syncs of a group are suspended: from the fence of a failover until its failback is done.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncSuspension {
    pub reason: String,
    pub since: Timestamp,
    pub run_id: Option<RunId>,
}

/// A workspace of the primary region and its counterpart in a passive one. A group may hold several, in
/// several passive regions.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspacePair {
    pub id: PairId,
    pub group_id: GroupId,
    pub primary: WorkspaceId,
    pub secondary: WorkspaceId,
    /// The moment at which the listing of the last complete run began; None: never replicated.
    pub replication_point: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// A side of a pair. It does not change with a failover; which side is active does.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Primary,
    Secondary,
}

impl Side {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }

    pub const fn other(self) -> Self {
        match self {
            Self::Primary => Self::Secondary,
            Self::Secondary => Self::Primary,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Side {
    type Err = UnknownSide;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "primary" => Ok(Self::Primary),
            "secondary" => Ok(Self::Secondary),
            _ => Err(UnknownSide(text.to_owned())),
        }
    }
}

/// The text names no side of a pair.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no side named {0:?}")]
pub struct UnknownSide(pub String);
