use farshore_control::store::{FenceStore, StoreError};
use farshore_model::{
    GroupId, ObligationId, RunId,
    obligation::{FenceObligation, FenceReport, StartedRun},
    run::RunbookKind,
};
use farshore_runbook::RunStore;

use crate::{
    database::TestDatabase,
    fixtures::{Paired, after, fence, id, keep_paired, lease, lost_lease},
    run::new_run,
};

on_both_engines!(
    a_fence_is_opened_once_a_run_and_pair,
    attempts_are_counted_until_it_is_closed,
    the_first_report_stays,
    a_lost_lease_writes_nothing,
    fences_are_listed_newest_first,
);

/// A group and a run of it.
async fn failing_over(db: &TestDatabase, base: u128, name: &str) -> (Paired, RunId) {
    let paired = keep_paired(&db.store, base, name).await;
    let (record, first) = new_run(base + 10, paired.group.id, RunbookKind::Failover);
    db.store.create_run(&record, &first).await.unwrap();
    (paired, record.id)
}

fn report() -> FenceReport {
    FenceReport {
        pools_emptied: 4,
        clusters_terminated: 8,
        jobs_held: 40,
        runs_cancelled: 1,
        started_runs: vec![StartedRun {
            run_id: 9_007_199_254_740_993,
            job_id: 7,
            job_name: "Nightly „load“".to_owned(),
            started_at: after(3),
        }],
    }
}

async fn a_fence_is_opened_once_a_run_and_pair(db: TestDatabase) {
    let (paired, run) = failing_over(&db, 100, "Sales").await;
    let lease = lease(&db.store, run.0).await;
    let first = fence(1, &paired, run);
    db.store.open_fence(&lease, &first).await.unwrap();
    db.store.open_fence(&lease, &first).await.unwrap();
    db.store.open_fence(&lease, &fence(2, &paired, run)).await.unwrap();
    assert_eq!(db.store.fences_of_run(run).await.unwrap(), [first]);

    let of_no_run = db.store.open_fence(&lease, &fence(3, &paired, RunId(id(9_999)))).await;
    assert!(matches!(of_no_run, Err(StoreError::NotFound)), "{of_no_run:?}");
}

async fn attempts_are_counted_until_it_is_closed(db: TestDatabase) {
    let (paired, run) = failing_over(&db, 100, "Sales").await;
    let due = fence(1, &paired, run);
    db.store.open_fence(&lease(&db.store, run.0).await, &due).await.unwrap();
    let lease = lease(&db.store, due.id.0).await;
    db.store.record_fence_attempt(&lease, due.id, after(10), "it hangs").await.unwrap();
    db.store.record_fence_attempt(&lease, due.id, after(20), "it still hangs").await.unwrap();
    let tried = FenceObligation {
        attempts: 2,
        last_attempt_at: Some(after(20)),
        last_error: Some("it still hangs".to_owned()),
        ..due.clone()
    };
    assert_eq!(db.store.fences(None, true).await.unwrap(), [tried]);

    db.store.close_fence(&lease, due.id, after(30), &report()).await.unwrap();
    db.store.record_fence_attempt(&lease, due.id, after(40), "too late").await.unwrap();
    let stored = db.store.fences(None, false).await.unwrap();
    assert_eq!((stored[0].attempts, stored[0].last_attempt_at), (3, Some(after(30))));

    let unknown = db.store.record_fence_attempt(&lease, ObligationId(id(77)), after(1), "x").await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
}

async fn the_first_report_stays(db: TestDatabase) {
    let (paired, run) = failing_over(&db, 100, "Sales").await;
    let due = fence(1, &paired, run);
    let lease = lease(&db.store, run.0).await;
    db.store.open_fence(&lease, &due).await.unwrap();
    db.store.close_fence(&lease, due.id, after(30), &report()).await.unwrap();
    db.store.close_fence(&lease, due.id, after(31), &FenceReport::default()).await.unwrap();
    let closed = FenceObligation {
        closed_at: Some(after(30)),
        attempts: 1,
        last_attempt_at: Some(after(30)),
        report: Some(report()),
        ..due
    };
    assert_eq!(db.store.fences_of_run(run).await.unwrap(), [closed]);
    assert_eq!(db.store.fences(None, true).await.unwrap(), []);
    let unknown = db.store.close_fence(&lease, ObligationId(id(77)), after(1), &report()).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
}

async fn a_lost_lease_writes_nothing(db: TestDatabase) {
    let (paired, run) = failing_over(&db, 100, "Sales").await;
    let due = fence(1, &paired, run);
    let lost = lost_lease(&db.store, run.0).await;
    let opened = db.store.open_fence(&lost, &due).await;
    assert!(matches!(opened, Err(StoreError::LeaseLost)), "{opened:?}");
    assert_eq!(db.store.fences_of_run(run).await.unwrap(), []);

    db.store.open_fence(&lease(&db.store, run.0).await, &due).await.unwrap();
    let lost = lost_lease(&db.store, due.id.0).await;
    let tried = db.store.record_fence_attempt(&lost, due.id, after(1), "x").await;
    assert!(matches!(tried, Err(StoreError::LeaseLost)), "{tried:?}");
    let closed = db.store.close_fence(&lost, due.id, after(1), &report()).await;
    assert!(matches!(closed, Err(StoreError::LeaseLost)), "{closed:?}");
    assert_eq!(db.store.fences_of_run(run).await.unwrap(), [due]);
}

async fn fences_are_listed_newest_first(db: TestDatabase) {
    let (sales, sales_run) = failing_over(&db, 100, "Sales").await;
    let (ads, ads_run) = failing_over(&db, 200, "Ads").await;
    let lease = lease(&db.store, sales_run.0).await;
    db.store.open_fence(&lease, &fence(1, &sales, sales_run)).await.unwrap();
    db.store.open_fence(&lease, &fence(2, &ads, ads_run)).await.unwrap();
    db.store.close_fence(&lease, ObligationId(id(1)), after(30), &report()).await.unwrap();
    let ids = async |group: Option<GroupId>, is_open_only| -> Vec<u128> {
        let fences = db.store.fences(group, is_open_only).await.unwrap();
        fences.iter().map(|fence| fence.id.0.as_u128()).collect()
    };
    assert_eq!(ids(None, false).await, [2, 1]);
    assert_eq!(ids(None, true).await, [2]);
    assert_eq!(ids(Some(sales.group.id), false).await, [1]);
    assert_eq!(ids(Some(sales.group.id), true).await, [0_u128; 0]);
}
