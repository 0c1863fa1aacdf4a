use std::{cell::RefCell, collections::BTreeSet};

use farshore_control::store::LeaseStore;
use farshore_model::{
    DurationMs, GroupId, Lease, Role, RunId,
    run::{
        ApprovalRule, JournalEntry, Run, RunDefinition, RunEvent, RunHead, RunMode, RunRecord, RunRequest,
        RunState, RunbookKind, StepDefinition,
    },
};
use farshore_runbook::{Guard, RunFilter, RunStore, StoreError, contract};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    database::TestDatabase,
    fixtures::{T0, actor, after, id},
};

on_both_engines!(
    keeps_the_contract_of_the_runbook_engine,
    forty_runs_are_shared_out_among_eight_workers,
    of_eight_failovers_of_a_group_one_is_created,
    a_revoked_lease_cannot_append,
    an_append_that_fails_leaves_the_head,
    a_run_of_an_older_version_is_listed_by_its_journal,
);

/// A head of one of the runs made here.
fn head(state: RunState, is_drivable: bool) -> RunHead {
    let (record, _) = new_run(1, GroupId(id(1)), RunbookKind::Failover);
    RunHead { state, is_drivable, ..record.head }
}

fn running() -> RunHead {
    head(RunState::Running, true)
}

const LENGTH: DurationMs = DurationMs::from_secs(15);

/// A run that somebody asked for, and its first entry.
pub fn new_run(number: u128, group_id: GroupId, kind: RunbookKind) -> (RunRecord, JournalEntry) {
    let step = StepDefinition {
        name: "fence_primary".to_owned(),
        title: "Fence the primary".to_owned(),
        description: String::new(),
        planned_ms: DurationMs::from_secs(20),
        input: json!(null),
        marks_operational: true,
    };
    let request = RunRequest {
        group_id,
        actor: actor(1, "Olga Operator", Role::Operator),
        reason: "The region is gone.".to_owned(),
        mode: RunMode::Forced,
        definition: RunDefinition {
            kind,
            version: 1,
            steps: vec![step],
            approval: ApprovalRule { required: 1, role: Role::Approver },
        },
        context: json!(null),
    };
    let run_id = RunId(id(number));
    let first = JournalEntry { run_id, seq: 1, at: T0, event: RunEvent::Requested(Box::new(request)) };
    (Run::begin(&first).unwrap().record(), first)
}

fn log(run: RunId, seq: i64) -> JournalEntry {
    let event = RunEvent::StepLog { index: 0, message: format!("line {seq}") };
    JournalEntry { run_id: run, seq, at: after(seq), event }
}

/// A run of a group of its own that an executor could drive.
async fn drivable_run(db: &TestDatabase, number: u128) -> RunId {
    let (record, first) = new_run(number, GroupId(id(number)), RunbookKind::Failover);
    db.store.create_run(&record, &first).await.unwrap();
    db.store.append_entry(&log(record.id, 2), running(), Guard::Person).await.unwrap();
    record.id
}

async fn keeps_the_contract_of_the_runbook_engine(db: TestDatabase) {
    let opened = RefCell::new(Vec::new());
    contract::verify(async |_promise| {
        let database = db.another().await;
        let store = database.store.clone();
        opened.borrow_mut().push(database);
        store
    })
    .await
    .unwrap();
    assert!(!opened.borrow().is_empty());
}

async fn forty_runs_are_shared_out_among_eight_workers(db: TestDatabase) {
    for number in 1..=40 {
        drivable_run(&db, number).await;
    }
    let mut workers = JoinSet::new();
    for worker in 0..8 {
        let store = db.store.clone();
        workers.spawn(async move {
            let mut claimed = Vec::new();
            while let Some(lease) = store.claim_next_run(id(70 + worker), T0, LENGTH).await.unwrap() {
                claimed.push(lease);
            }
            claimed
        });
    }
    let leases: Vec<Lease> = workers.join_all().await.into_iter().flatten().collect();
    let holders: BTreeSet<_> = leases.iter().map(|lease| lease.holder).collect();
    assert_eq!((leases.len(), holders.len()), (40, 40));
}

async fn of_eight_failovers_of_a_group_one_is_created(db: TestDatabase) {
    let mut requests = JoinSet::new();
    for number in 1..=8 {
        let store = db.store.clone();
        let (record, first) = new_run(number, GroupId(id(500)), RunbookKind::Failover);
        requests.spawn(async move { store.create_run(&record, &first).await });
    }
    let results = requests.join_all().await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let kept = db.store.runs(&RunFilter::default()).await.unwrap();
    assert_eq!(kept.len(), 1);
    let busy = results
        .iter()
        .filter(|result| matches!(result, Err(StoreError::GroupBusy(other)) if *other == kept[0].id))
        .count();
    assert_eq!(busy, 7, "{results:?}");
}

async fn a_revoked_lease_cannot_append(db: TestDatabase) {
    let run = drivable_run(&db, 1).await;
    let lease = db.store.claim_next_run(id(70), T0, LENGTH).await.unwrap().unwrap();
    db.store.revoke_lease(run.0).await.unwrap();
    let guard = Guard::Lease { lease, now: T0 };
    let refused = db.store.append_entry(&log(run, 3), running(), guard).await;
    assert!(matches!(refused, Err(StoreError::LeaseLost)), "{refused:?}");
    // Nor can the lease of another row.
    let other = db.store.acquire_lease(id(2), id(70), T0, 15_000).await.unwrap().unwrap();
    let guard = Guard::Lease { lease: other, now: T0 };
    let refused = db.store.append_entry(&log(run, 3), running(), guard).await;
    assert!(matches!(refused, Err(StoreError::LeaseLost)), "{refused:?}");
    assert_eq!(db.store.journal(run).await.unwrap().len(), 2);
    assert!(db.store.claim_next_run(id(71), T0, LENGTH).await.unwrap().is_some());
}

async fn an_append_that_fails_leaves_the_head(db: TestDatabase) {
    let run = drivable_run(&db, 1).await;
    let before = db.store.runs(&RunFilter::default()).await.unwrap();
    // The row and its journal disagree: nothing the store does, but a restored backup may.
    db.execute("UPDATE run_journal SET seq = 3 WHERE seq = 2").await;
    let head = head(RunState::Failed, false);
    let refused = db.store.append_entry(&log(run, 3), head, Guard::Person).await;
    assert!(matches!(refused, Err(StoreError::Backend(..))), "{refused:?}");
    assert_eq!(db.store.runs(&RunFilter::default()).await.unwrap(), before);
}

async fn a_run_of_an_older_version_is_listed_by_its_journal(db: TestDatabase) {
    let (record, first) = new_run(1, GroupId(id(1)), RunbookKind::Failover);
    db.store.create_run(&record, &first).await.unwrap();
    db.execute("UPDATE runs SET outline = NULL").await;
    assert_eq!(db.store.runs(&RunFilter::default()).await.unwrap(), [record]);
}
