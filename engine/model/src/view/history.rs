//! What happened to one object, as a page and the API show it.

use serde::{Deserialize, Serialize};

use super::{ActionAvailability, LedgerRow, PageInfo, PairNames};
use crate::{
    PairId, SyncRunId, Timestamp,
    group::{FailoverGroup, Side},
    kind::ObjectKey,
    plan::{FieldChange, PlanAction},
    sync_run::{OutcomeState, SyncTrigger},
};

/// What one sync did to an object.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectEvent {
    pub at: Timestamp,
    pub sync_run_id: SyncRunId,
    pub pair_id: PairId,
    /// The side that was read.
    pub source: Side,
    pub trigger: SyncTrigger,
    /// The name of the person who asked for the sync.
    pub requested_by: Option<String>,
    pub action: PlanAction,
    pub state: OutcomeState,
    /// What the object was called then.
    pub name: String,
    /// Why, where the action alone does not say it.
    pub reason: Option<String>,
    /// What was, or was to be, changed on the side that was written.
    pub changes: Vec<FieldChange>,
    pub error: Option<String>,
    pub remedy: Option<String>,
}

/// An object, and what syncs did to it.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectPage {
    pub as_of: Timestamp,
    pub group: FailoverGroup,
    pub pairs: Vec<PairNames>,
    pub object: ObjectKey,
    /// What it was last called.
    pub name: String,
    /// How it stands in each pair that knows it; none where it was forgotten since.
    pub rows: Vec<LedgerRow>,
    /// Newest first.
    pub events: Vec<ObjectEvent>,
    pub page: PageInfo,
    pub actions: Vec<ActionAvailability>,
}
