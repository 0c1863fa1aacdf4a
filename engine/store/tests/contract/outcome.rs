use std::collections::BTreeSet;

use farshore_control::store::{LeaseStore, OutcomeStore, StoreError, SyncRunStore};
use farshore_model::{
    Lease, SyncRunId,
    plan::PlanAction,
    sync_run::{ItemOutcome, OutcomeState, SyncRun, SyncRunState},
    view::FailureGroup,
};
use tokio::task::JoinSet;

use crate::{
    database::TestDatabase,
    fixtures::{id, keep_paired, lease, lost_lease, outcome, sync_run},
};

on_both_engines!(
    outcomes_are_read_back,
    eight_workers_count_each_outcome_once,
    a_second_outcome_replaces_the_first,
    what_changes_nothing_is_not_counted,
    failures_are_grouped_by_error,
    a_lost_lease_records_nothing,
);

/// An applying run and its lease.
async fn applying(db: &TestDatabase) -> (SyncRun, Lease) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let run = sync_run(1, &sales, SyncRunState::Applying);
    db.store.insert_sync_run(&run).await.unwrap();
    let lease = lease(&db.store, run.id.0).await;
    (run, lease)
}

async fn counted(db: &TestDatabase, run: SyncRunId) -> (u32, u32) {
    let run = db.store.sync_run(run).await.unwrap().unwrap();
    (run.done, run.failed)
}

async fn outcomes_are_read_back(db: TestDatabase) {
    let (run, lease) = applying(&db).await;
    let outcomes: Vec<ItemOutcome> =
        [OutcomeState::Succeeded, OutcomeState::Failed, OutcomeState::Skipped, OutcomeState::Succeeded]
            .into_iter()
            .zip(0..)
            .map(|(state, index)| outcome(index, state, (index == 1).then_some("refused „so“")))
            .collect();
    for outcome in outcomes.iter().rev() {
        db.store.record_outcome(&lease, run.id, outcome).await.unwrap();
    }
    assert_eq!(db.store.outcomes(run.id, 0, 3).await.unwrap(), outcomes);
    assert_eq!(db.store.outcomes(run.id, 1, 2).await.unwrap(), outcomes[1..=2]);
    assert_eq!(db.store.outcomes(run.id, 4, u32::MAX).await.unwrap(), []);
    assert_eq!(db.store.recorded_items(run.id).await.unwrap(), BTreeSet::from([0, 1, 2, 3]));
    assert_eq!(db.store.recorded_items(SyncRunId(id(9))).await.unwrap(), BTreeSet::new());
    assert_eq!(counted(&db, run.id).await, (4, 1));
}

async fn eight_workers_count_each_outcome_once(db: TestDatabase) {
    let (run, lease) = applying(&db).await;
    let mut workers = JoinSet::new();
    for worker in 0..8 {
        let store = db.store.clone();
        workers.spawn(async move {
            for step in 0..40 {
                let index = worker * 40 + step;
                let state = if index % 5 == 0 { OutcomeState::Failed } else { OutcomeState::Succeeded };
                store.record_outcome(&lease, run.id, &outcome(index, state, None)).await.unwrap();
                // Somebody else records the same one.
                let other = (index + 40) % 320;
                let state = if other % 5 == 0 { OutcomeState::Failed } else { OutcomeState::Succeeded };
                store.record_outcome(&lease, run.id, &outcome(other, state, None)).await.unwrap();
            }
        });
    }
    workers.join_all().await;
    assert_eq!(counted(&db, run.id).await, (320, 64));
    assert_eq!(db.store.recorded_items(run.id).await.unwrap().len(), 320);
}

async fn a_second_outcome_replaces_the_first(db: TestDatabase) {
    let (run, lease) = applying(&db).await;
    for (state, expected) in [
        (OutcomeState::Failed, (1, 1)),
        (OutcomeState::Failed, (1, 1)),
        (OutcomeState::Succeeded, (1, 0)),
        (OutcomeState::Failed, (1, 1)),
    ] {
        let outcome = outcome(7, state, None);
        db.store.record_outcome(&lease, run.id, &outcome).await.unwrap();
        assert_eq!(counted(&db, run.id).await, expected);
        assert_eq!(db.store.outcomes(run.id, 7, 7).await.unwrap(), [outcome]);
    }
}

async fn what_changes_nothing_is_not_counted(db: TestDatabase) {
    let (run, lease) = applying(&db).await;
    for (action, index) in [PlanAction::Skip, PlanAction::Conflict].into_iter().zip(0..) {
        let skipped = ItemOutcome { action, ..outcome(index, OutcomeState::Skipped, None) };
        db.store.record_outcome(&lease, run.id, &skipped).await.unwrap();
    }
    assert_eq!(counted(&db, run.id).await, (0, 0));
    assert_eq!(db.store.recorded_items(run.id).await.unwrap().len(), 2);
}

async fn failures_are_grouped_by_error(db: TestDatabase) {
    let (run, lease) = applying(&db).await;
    let failures = [(0, "b"), (1, "a"), (2, "b"), (3, "c"), (4, "b"), (5, "b"), (6, "a")];
    for (index, error) in failures {
        let failed = outcome(index, OutcomeState::Failed, Some(error));
        db.store.record_outcome(&lease, run.id, &failed).await.unwrap();
    }
    let succeeded = outcome(7, OutcomeState::Succeeded, Some("b"));
    db.store.record_outcome(&lease, run.id, &succeeded).await.unwrap();
    let unexplained = outcome(8, OutcomeState::Failed, None);
    db.store.record_outcome(&lease, run.id, &unexplained).await.unwrap();
    let group = |error: &str, count: u32, examples: &[&str]| FailureGroup {
        error: error.to_owned(),
        remedy: (!error.is_empty()).then(|| format!("do something about {error}")),
        count,
        examples: examples.iter().map(|name| (*name).to_owned()).collect(),
    };
    let expected = [
        group("b", 4, &["job 0", "job 2", "job 4"]),
        group("a", 2, &["job 1", "job 6"]),
        group("", 1, &["job 8"]),
        group("c", 1, &["job 3"]),
    ];
    assert_eq!(db.store.failure_groups(run.id).await.unwrap(), expected);
    assert_eq!(db.store.failure_groups(SyncRunId(id(9))).await.unwrap(), []);
}

async fn a_lost_lease_records_nothing(db: TestDatabase) {
    let (run, _) = applying(&db).await;
    db.store.revoke_lease(run.id.0).await.unwrap();
    let lost = lost_lease(&db.store, run.id.0).await;
    let of_another_run = lease(&db.store, id(2)).await;
    for wrong in [lost, of_another_run] {
        let refused =
            db.store.record_outcome(&wrong, run.id, &outcome(0, OutcomeState::Succeeded, None)).await;
        assert!(matches!(refused, Err(StoreError::LeaseLost)), "{refused:?}");
    }
    let nowhere = SyncRunId(id(2));
    let refused =
        db.store.record_outcome(&of_another_run, nowhere, &outcome(0, OutcomeState::Succeeded, None)).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(counted(&db, run.id).await, (0, 0));
    assert_eq!(db.store.outcomes(run.id, 0, 9).await.unwrap(), []);
}
