//! What the page of a group shows.

use serde::{Deserialize, Serialize};

use super::{ActionAvailability, GroupCard, RunSummary, WorkspaceStatus};
use crate::{
    Timestamp,
    department::Department,
    group::{Side, SmokeJob, WorkspacePair},
    kind::ObjectKind,
    obligation::FenceObligation,
    sync_run::SyncRun,
};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupPage {
    pub as_of: Timestamp,
    pub card: GroupCard,
    pub pairs: Vec<PairStatus>,
    /// Newest first.
    pub sync_runs: Vec<SyncRun>,
    pub runs: Vec<RunSummary>,
    pub fences: Vec<FenceObligation>,
    /// For each act on this page, whether the one who looks may do it now, and if not why not.
    pub actions: Vec<ActionAvailability>,
    pub departments: Vec<Department>,
    /// Jobs that may serve as smoke job, from the ledger.
    pub smoke_candidates: Vec<SmokeJob>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairStatus {
    pub pair: WorkspacePair,
    pub primary: WorkspaceStatus,
    pub secondary: WorkspaceStatus,
    /// The side that is active now; None when a third region is.
    pub active_side: Option<Side>,
    pub objects: Vec<KindObjects>,
}

/// The objects of one kind in the ledger of a pair.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindObjects {
    pub kind: ObjectKind,
    pub total: u32,
    pub failed: u32,
}
