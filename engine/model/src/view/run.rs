//! What is shown of failovers and failbacks, and before one is requested.

use serde::{Deserialize, Serialize};

use super::GroupCard;
use crate::{
    DurationMs, GroupId, PairId, RunId, Timestamp,
    group::FailoverGroup,
    kind::ObjectKey,
    obligation::FenceObligation,
    plan::FieldChange,
    run::{CommandAvailability, Run, RunState, RunbookKind},
    workspace::Reachability,
};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    pub id: RunId,
    pub group_id: GroupId,
    pub group_name: String,
    pub kind: RunbookKind,
    pub state: RunState,
    pub requested_by: String,
    pub requested_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Title of the step that is under way, or that the run stands at.
    pub current_step: Option<String>,
    /// The current step asked a question that only a person can answer.
    pub is_waiting_for_person: bool,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunPage {
    pub as_of: Timestamp,
    pub run: Run,
    pub group: FailoverGroup,
    pub from_region: String,
    pub to_region: String,
    /// As it stood when the run was requested.
    pub replication_point: Option<Timestamp>,
    pub rpo: Option<DurationMs>,
    pub rto: Option<DurationMs>,
    pub fences: Vec<FenceObligation>,
    pub commands: Vec<CommandAvailability>,
    /// Last number of the journal that `run` holds.
    pub journal_seq: i64,
}

/// What the page before a request states.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestPage {
    pub as_of: Timestamp,
    pub card: GroupCard,
    pub kind: RunbookKind,
    pub from_region: String,
    /// Regions to choose from, with the age of what is there.
    pub targets: Vec<RequestTarget>,
    pub why_not: Option<String>,
    pub steps: Vec<(String, String)>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestTarget {
    pub region: String,
    pub replication_point: Option<Timestamp>,
    pub age: Option<DurationMs>,
    /// Of the workspaces there, the worst.
    pub reachability: Reachability,
}

/// An object that was changed on both sides, for a person to choose.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictChoice {
    pub pair_id: PairId,
    pub object: ObjectKey,
    pub name: String,
    pub changes: Vec<FieldChange>,
}
