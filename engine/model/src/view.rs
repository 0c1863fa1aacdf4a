//! What the pages and the API show: read models, put together by `farshore-control` and rendered without
//! further questions.

mod comparison;
mod history;
mod ledger;
mod people;
mod rate_budget;
mod settings;

use serde::{Deserialize, Serialize};

pub use self::{
    comparison::{
        ComparePage, ComparedOutcome, ComparisonRow, Difference, DifferenceCount, UnknownDifference,
    },
    history::{ObjectEvent, ObjectPage},
    ledger::{KindStanding, LedgerFilter, LedgerPage, LedgerRow, LedgerState, PairNames, UnknownLedgerState},
    people::{PairDifference, PairPeople, PeopleFilter, PeoplePage},
    rate_budget::{EndpointUse, RateBudgetPage, WorkspaceBudget},
    settings::{PairedWorkspace, RegionMapPreview, SettingsPage, WorkspacesPage},
};
use crate::{
    Actor, DurationMs, GroupId, PairId, RunId, Timestamp,
    audit::AuditEntry,
    department::Department,
    group::{FailoverGroup, Side, SmokeJob, SyncSuspension, WorkspacePair},
    obligation::FenceObligation,
    pairing::Pairing,
    plan::{KindCount, PlanCounts, PlanItem},
    readiness::Readiness,
    run::{CommandAvailability, Run, RunState, RunbookKind},
    sync_run::{ItemOutcome, SyncRun},
    workspace::{Reachability, Workspace, WorkspaceHealth},
};

/// Every group on one board, worst first.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    pub as_of: Timestamp,
    pub groups: Vec<GroupCard>,
    /// What waits for the one who looks.
    pub waiting: Vec<WaitingItem>,
    /// Pairing wizards that were begun and not finished.
    pub unfinished_pairings: Vec<Pairing>,
}

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

/// Something that waits for the person who looks: an approval, a choice, a failed step.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitingItem {
    pub title: String,
    pub detail: String,
    pub path: String,
    pub since: Timestamp,
}

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
    pub kind: crate::kind::ObjectKind,
    pub total: u32,
    pub failed: u32,
}

/// An act, by the verb that the role matrix uses, and whether it can be done.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionAvailability {
    pub action: String,
    pub why_not: Option<String>,
}

/// Whether `action` can be done, and if not why not. An act that is not listed cannot be done.
pub fn why_not(actions: &[ActionAvailability], action: &str) -> Option<String> {
    match actions.iter().find(|candidate| candidate.action == action) {
        Some(found) => found.why_not.clone(),
        None => Some("Your role may not do this.".to_owned()),
    }
}

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
    pub superseded_by: Option<crate::SyncRunId>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFilter {
    pub kind: Option<crate::kind::ObjectKind>,
    pub action: Option<crate::plan::PlanAction>,
    /// Part of a name.
    pub text: Option<String>,
    pub is_failed_only: bool,
    /// From 1.
    pub page: u32,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageInfo {
    /// From 1.
    pub page: u32,
    pub per_page: u32,
    pub total: u32,
}

impl PageInfo {
    pub const fn pages(self) -> u32 {
        if self.per_page == 0 { 1 } else { self.total.div_ceil(self.per_page) }
    }
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
    pub object: crate::kind::ObjectKey,
    pub name: String,
    pub changes: Vec<crate::plan::FieldChange>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovalsPage {
    pub as_of: Timestamp,
    pub waiting: Vec<ApprovalItem>,
    pub decided: Vec<ApprovalItem>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovalItem {
    pub run: RunSummary,
    pub reason: String,
    pub from_region: String,
    pub to_region: String,
    pub age: Option<DurationMs>,
    /// Given so far, and needed.
    pub given: u32,
    pub required: u32,
    /// Why the one who looks cannot decide; None: they can.
    pub why_not: Option<String>,
    /// Who decided, how and with which comment, where somebody did.
    pub decisions: Vec<Decision>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub by: String,
    pub is_approval: bool,
    pub comment: String,
    pub at: Timestamp,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepartmentsPage {
    pub as_of: Timestamp,
    pub departments: Vec<DepartmentStatus>,
    pub ungrouped: Vec<GroupCard>,
    pub actions: Vec<ActionAvailability>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepartmentStatus {
    pub department: Department,
    pub groups: Vec<GroupCard>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditPage {
    pub as_of: Timestamp,
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    pub filter: AuditFilter,
    pub page: PageInfo,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    pub action: Option<String>,
    pub actor: Option<String>,
    /// From 1.
    pub page: u32,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairingPage {
    pub as_of: Timestamp,
    pub pairing: Pairing,
    /// Jobs of the primary workspace that could serve as smoke job; an error says why they are not known.
    pub smoke_candidates: Vec<SmokeJob>,
    pub candidates_error: Option<String>,
    /// The demo's simulated workspaces, to fill the form in with one click; none outside the demo.
    pub demo_workspaces: Vec<DemoWorkspace>,
}

/// Who looks, and at what kind of panel.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub actor: Option<Actor>,
    pub demo: Option<DemoStatus>,
    /// IANA name of the zone in which the server prints times; UTC until the browser told.
    pub time_zone: String,
    pub approvals_waiting: u32,
}

/// The state of the demo's two simulated regions.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoStatus {
    pub personas: Vec<Persona>,
    pub regions: Vec<DemoRegion>,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persona {
    /// What goes into the sign-in form and behind `demo-` in a bearer token.
    pub login: String,
    pub title: String,
    pub description: String,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoRegion {
    pub region: String,
    pub url: String,
    pub is_down: bool,
    /// None while it is down or the simulator does not answer.
    pub is_scheduler_running: Option<bool>,
    /// Milliseconds until the scheduler starts after the region came back.
    pub scheduler_starts_in_ms: Option<i64>,
    pub error: Option<String>,
}

/// One notice of the event stream: something under `topic` changed; read it again.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub topic: Topic,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Topic {
    /// Health, replication, readiness, the list of groups.
    Overview,
    Group(GroupId),
    SyncRun(crate::SyncRunId),
    Run(RunId),
    Demo,
}

/// What to type to reach a simulated workspace. Its token opens nothing else, and only those who may pair see it.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoWorkspace {
    pub region: String,
    pub url: String,
    pub token: String,
}
