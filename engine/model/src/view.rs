//! What the pages and the API show: read models, put together by `farshore-control` and rendered without
//! further questions.

mod action;
mod approvals;
mod audit;
mod comparison;
mod departments;
mod group;
mod group_card;
mod history;
mod ledger;
mod notice;
mod overview;
mod page_info;
mod pairing;
mod people;
mod rate_budget;
mod run;
mod settings;
mod sync;
mod viewer;

pub use self::{
    action::{ActionAvailability, why_not},
    approvals::{ApprovalItem, ApprovalsPage, Decision},
    audit::{AuditFilter, AuditPage},
    comparison::{
        ComparePage, ComparedOutcome, ComparisonRow, Difference, DifferenceCount, UnknownDifference,
    },
    departments::{DepartmentStatus, DepartmentsPage},
    group::{GroupPage, KindObjects, PairStatus},
    group_card::{GroupCard, RecoveryTime, RegionStatus, Replication, ReplicationState, WorkspaceStatus},
    history::{ObjectEvent, ObjectPage},
    ledger::{KindStanding, LedgerFilter, LedgerPage, LedgerRow, LedgerState, PairNames, UnknownLedgerState},
    notice::{Notice, Topic},
    overview::{Overview, WaitingItem},
    page_info::PageInfo,
    pairing::{DemoWorkspace, PairingPage},
    people::{PairDifference, PairPeople, PeopleFilter, PeoplePage},
    rate_budget::{EndpointUse, RateBudgetPage, WorkspaceBudget},
    run::{ConflictChoice, RequestPage, RequestTarget, RunPage, RunSummary},
    settings::{PairedWorkspace, RegionMapPreview, SettingsPage, WorkspacesPage},
    sync::{FailureGroup, PlanFilter, SyncPage},
    viewer::{DemoRegion, DemoStatus, Persona, Viewer},
};
