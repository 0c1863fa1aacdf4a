//! A duty of a group that outlives any run. The one there is: the fence of a region that could not be
//! reached when it was to be disabled.

use serde::{Deserialize, Serialize};

use crate::{GroupId, ObligationId, PairId, RunId, Timestamp, WorkspaceId};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FenceObligation {
    pub id: ObligationId,
    pub group_id: GroupId,
    pub pair_id: PairId,
    /// The workspace that is to be fenced.
    pub workspace_id: WorkspaceId,
    /// The failover that could not put up the fence.
    pub run_id: RunId,
    pub opened_at: Timestamp,
    /// Set once the fence holds.
    pub closed_at: Option<Timestamp>,
    pub attempts: u32,
    pub last_attempt_at: Option<Timestamp>,
    pub last_error: Option<String>,
    /// What was found and done when the fence was put up.
    pub report: Option<FenceReport>,
}

/// What putting up a fence found and changed.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FenceReport {
    pub pools_emptied: u32,
    pub clusters_terminated: u32,
    pub jobs_held: u32,
    pub runs_cancelled: u32,
    /// Job runs that started in the region after its fence was due and before it held.
    pub started_runs: Vec<StartedRun>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartedRun {
    pub run_id: i64,
    pub job_id: i64,
    pub job_name: String,
    pub started_at: Timestamp,
}
