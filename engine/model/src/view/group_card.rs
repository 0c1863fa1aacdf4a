//! A group at a glance.

use serde::{Deserialize, Serialize};

use super::RunSummary;
use crate::{
    DurationMs, RunId, Timestamp,
    department::Department,
    group::{FailoverGroup, SyncSuspension},
    readiness::Readiness,
    workspace::{Workspace, WorkspaceHealth},
};

/// A group at a glance: who is active, how much would be lost, would a failover work.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupCard {
    pub group: FailoverGroup,
    pub department: Option<Department>,
    /// The active region first.
    pub regions: Vec<RegionStatus>,
    pub replication: Replication,
    pub readiness: Readiness,
    pub recovery_time: RecoveryTime,
    /// A failover or failback that has not ended.
    pub open_run: Option<RunSummary>,
    pub open_fences: u32,
}

/// One region of a group, as the last look at its workspaces found it.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionStatus {
    pub region: String,
    pub is_active: bool,
    pub workspaces: Vec<WorkspaceStatus>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceStatus {
    pub workspace: Workspace,
    pub health: Option<WorkspaceHealth>,
}

/// The first axis: how much would be lost now.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replication {
    pub state: ReplicationState,
    /// The earliest replication point of the group's pairs; None when one was never replicated.
    pub point: Option<Timestamp>,
    /// Age of the point, measured at `Overview::as_of` and its like.
    pub age: Option<DurationMs>,
    pub rpo: Option<DurationMs>,
    pub suspension: Option<SyncSuspension>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplicationState {
    /// Within the target.
    Met,
    /// There is no target to compare with.
    NoTarget,
    /// Failed over: syncs wait for the failback.
    Suspended,
    /// Older than the target allows.
    Late,
    /// Not the same as late: nothing is known to be on the other side.
    NeverReplicated,
}

impl ReplicationState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NoTarget => "no_target",
            Self::Suspended => "suspended",
            Self::Late => "late",
            Self::NeverReplicated => "never_replicated",
        }
    }
}

/// The target for the time of recovery, beside the last time that was measured.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecoveryTime {
    pub rto: Option<DurationMs>,
    pub measured: Option<DurationMs>,
    /// The run in which it was measured.
    pub measured_in: Option<RunId>,
}
