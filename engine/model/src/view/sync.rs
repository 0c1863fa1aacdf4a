//! What the page of a sync shows.

use serde::{Deserialize, Serialize};

use super::{ActionAvailability, PageInfo, PairStatus};
use crate::{
    SyncRunId, Timestamp,
    group::FailoverGroup,
    kind::ObjectKind,
    plan::{KindCount, PlanAction, PlanCounts, PlanItem},
    sync_run::{ItemOutcome, SyncRun},
};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SyncPage {
    pub as_of: Timestamp,
    pub group: FailoverGroup,
    pub pair: PairStatus,
    pub run: SyncRun,
    /// Of the plan; None while it is being made.
    pub counts: Option<PlanCounts>,
    pub plan_hash: Option<String>,
    pub kinds: Vec<KindCount>,
    /// One page of the plan, after the filter.
    pub items: Vec<PlanItem>,
    /// Outcomes of the items above that have one.
    pub outcomes: Vec<ItemOutcome>,
    /// What failed, grouped by its error, biggest group first.
    pub failures: Vec<FailureGroup>,
    pub filter: PlanFilter,
    pub page: PageInfo,
    pub actions: Vec<ActionAvailability>,
    /// The plan that has taken this one's place.
    pub superseded_by: Option<SyncRunId>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFilter {
    pub kind: Option<ObjectKind>,
    pub action: Option<PlanAction>,
    /// Part of a name.
    pub text: Option<String>,
    pub is_failed_only: bool,
    /// From 1.
    pub page: u32,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureGroup {
    pub error: String,
    pub remedy: Option<String>,
    pub count: u32,
    /// Names of some of the objects.
    pub examples: Vec<String>,
}
