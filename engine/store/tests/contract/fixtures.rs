//! Rows to test with. Everything is told apart by a number.

use farshore_control::store::{GroupStore, LeaseStore, SealedCredential};
use farshore_model::{
    Actor, DepartmentId, GroupId, Lease, ObligationId, PairId, PlanId, Role, RunId, SyncRunId, Timestamp,
    UserId, WorkspaceId,
    department::Department,
    group::{FailoverGroup, Side, SmokeJob, Strategy, WorkspacePair},
    kind::{ObjectKey, ObjectKind},
    obligation::FenceObligation,
    plan::{FieldChange, PlanAction, PlanCounts, PlanItem, SyncPlan},
    sync_run::{ItemOutcome, OutcomeState, SyncRun, SyncRunState, SyncTrigger},
    workspace::{Cloud, Workspace},
};
use farshore_store::SqlStore;
use serde_json::json;
use uuid::Uuid;

pub const T0: Timestamp = Timestamp(1_800_000_000_000_000);
pub const LEASE_MS: i64 = 15_000;

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// So many milliseconds after [`T0`].
pub fn after(ms: i64) -> Timestamp {
    Timestamp(T0.0 + ms * 1_000)
}

pub fn department(number: u128, name: &str) -> Department {
    Department {
        id: DepartmentId(id(number)),
        name: name.to_owned(),
        rpo_ms: Some(900_000),
        rto_ms: None,
        version: 1,
        created_at: T0,
    }
}

pub fn workspace(number: u128, name: &str) -> Workspace {
    Workspace {
        id: WorkspaceId(id(number)),
        name: name.to_owned(),
        host: format!("https://adb-{number}.example.net"),
        org_id: format!("{number}"),
        cloud: Cloud::Aws,
        region: "us-east-1".to_owned(),
        version: 1,
        created_at: T0,
    }
}

pub fn group(number: u128, name: &str) -> FailoverGroup {
    FailoverGroup {
        id: GroupId(id(number)),
        name: name.to_owned(),
        strategy: Strategy::ActivePassive,
        department_id: None,
        primary_region: "us-east-1".to_owned(),
        active_region: "us-east-1".to_owned(),
        sync_interval_ms: Some(900_000),
        smoke_job: Some(SmokeJob { key: "1:7".to_owned(), name: "Smoke — „test“".to_owned() }),
        suspension: None,
        version: 1,
        created_at: T0,
    }
}

/// A group with one pair of workspaces, as it is after pairing.
pub struct Paired {
    pub group: FailoverGroup,
    pub pair: WorkspacePair,
    pub workspaces: Vec<(Workspace, SealedCredential)>,
}

/// Uses the numbers `base..base + 4`.
pub fn paired(base: u128, name: &str) -> Paired {
    let group = group(base, name);
    let workspaces = vec![
        (workspace(base + 1, &format!("{name} east")), SealedCredential(vec![0, 1, 255])),
        (workspace(base + 2, &format!("{name} west")), SealedCredential(vec![])),
    ];
    let pair = WorkspacePair {
        id: PairId(id(base + 3)),
        group_id: group.id,
        primary: workspaces[0].0.id,
        secondary: workspaces[1].0.id,
        replication_point: None,
        created_at: T0,
    };
    Paired { group, pair, workspaces }
}

/// The same, kept.
pub async fn keep_paired(store: &SqlStore, base: u128, name: &str) -> Paired {
    let paired = paired(base, name);
    store
        .insert_group(&paired.group, &paired.workspaces, std::slice::from_ref(&paired.pair), None)
        .await
        .unwrap();
    paired
}

/// A lease from [`T0`] on.
pub async fn lease(store: &SqlStore, holder: Uuid) -> Lease {
    store.acquire_lease(holder, id(0xabcd), T0, LEASE_MS).await.unwrap().unwrap()
}

/// A lease that was current and was taken away.
pub async fn lost_lease(store: &SqlStore, holder: Uuid) -> Lease {
    let lost = lease(store, holder).await;
    store.revoke_lease(holder).await.unwrap();
    lost
}

pub fn sync_run(number: u128, paired: &Paired, state: SyncRunState) -> SyncRun {
    SyncRun {
        id: SyncRunId(id(number)),
        group_id: paired.group.id,
        pair_id: paired.pair.id,
        source: Side::Primary,
        trigger: SyncTrigger::Manual,
        requested_by: Some("Olga Operator".to_owned()),
        state,
        is_applied_at_once: false,
        plan_id: None,
        only: None,
        choices: vec![(job_key("1:2"), Side::Secondary)],
        total: 0,
        done: 0,
        failed: 0,
        message: None,
        created_at: after(i64::try_from(number).unwrap()),
        apply_began_at: None,
        ended_at: None,
        occurrences: 1,
    }
}

pub fn job_key(key: &str) -> ObjectKey {
    ObjectKey { kind: ObjectKind::Jobs, key: key.into() }
}

pub fn plan_item(index: u32, kind: ObjectKind, action: PlanAction, name: &str) -> PlanItem {
    PlanItem {
        index,
        object: ObjectKey { kind, key: format!("1:{index}").into() },
        name: name.into(),
        action,
        reason: (action == PlanAction::Skip).then(|| "not today".to_owned()),
        changes: vec![FieldChange {
            path: "settings.name".to_owned(),
            before: None,
            after: Some("null \0 byte".to_owned()),
            text: None,
        }],
        source_id: Some(index.to_string().into()),
        target_id: None,
        desired: Some(json!({ "big": 9_007_199_254_740_993_i64, "nested": [{ "a": null }] })),
        activation: None,
        source_hash: Some("ab".repeat(32)),
        target_hash: None,
        is_left_alone: false,
    }
}

pub fn plan(number: u128, paired: &Paired, items: Vec<PlanItem>) -> SyncPlan {
    SyncPlan {
        id: PlanId(id(number)),
        group_id: paired.group.id,
        pair_id: paired.pair.id,
        source: Side::Primary,
        created_at: after(2),
        listing_began_at: after(1),
        counts: PlanCounts::of(&items, 17),
        hash: format!("hash {number}"),
        items,
    }
}

pub fn outcome(index: u32, state: OutcomeState, error: Option<&str>) -> ItemOutcome {
    ItemOutcome {
        index,
        object: job_key(&format!("1:{index}")),
        name: format!("job {index}"),
        action: PlanAction::Create,
        state,
        error: error.map(str::to_owned),
        remedy: error.map(|error| format!("do something about {error}")),
        at: after(i64::from(index)),
    }
}

pub fn fence(number: u128, paired: &Paired, run: RunId) -> FenceObligation {
    FenceObligation {
        id: ObligationId(id(number)),
        group_id: paired.group.id,
        pair_id: paired.pair.id,
        workspace_id: paired.pair.primary,
        run_id: run,
        opened_at: after(i64::try_from(number).unwrap()),
        closed_at: None,
        attempts: 0,
        last_attempt_at: None,
        last_error: None,
        report: None,
    }
}

pub fn actor(number: u128, name: &str, role: Role) -> Actor {
    Actor { id: UserId(id(number)), name: name.to_owned(), role }
}
