use farshore_control::store::{LeaseStore, PlanStore, StoreError, SyncRunStore};
use farshore_model::{
    GroupId, Lease, PairId, SyncRunId,
    sync_run::{SyncRun, SyncRunState, SyncTrigger},
};
use tokio::task::JoinSet;

use crate::{
    database::TestDatabase,
    fixtures::{after, id, keep_paired, lease, lost_lease, plan, sync_run},
};

on_both_engines!(
    every_state_is_read_back,
    a_run_is_inserted_once,
    a_pair_has_one_open_run,
    a_planned_run_gives_way,
    a_run_that_is_final_from_the_start_disturbs_nobody,
    of_eight_runs_at_once_one_is_kept,
    of_eight_that_replace_a_plan_one_is_kept,
    lists_are_in_order,
    a_person_decides_once,
    what_waits_says_why,
    a_worker_writes_under_its_lease,
    a_lost_lease_writes_nothing,
    counters_are_left_alone,
    a_suspended_run_is_due_again_and_again,
    an_application_is_remembered,
);

async fn every_state_is_read_back(db: TestDatabase) {
    for (state, base) in SyncRunState::ALL.into_iter().zip((100..).step_by(10)) {
        let paired = keep_paired(&db.store, base, &format!("group {base}")).await;
        let run = SyncRun {
            trigger: SyncTrigger::Failback,
            requested_by: None,
            is_applied_at_once: true,
            message: Some("why".to_owned()),
            total: u32::MAX,
            apply_began_at: Some(after(1)),
            ended_at: Some(after(2)),
            ..sync_run(base + 5, &paired, state)
        };
        db.store.insert_sync_run(&run).await.unwrap();
        assert_eq!(db.store.sync_run(run.id).await.unwrap().as_ref(), Some(&run));
        let is_listed = db.store.working_sync_runs().await.unwrap().contains(&run);
        assert_eq!(is_listed, state.is_working(), "{state}");
        // What is final for the model is final for the database.
        let next = db.store.insert_sync_run(&sync_run(base + 6, &paired, SyncRunState::Planning)).await;
        assert_eq!(next.is_ok(), state.is_final() || state == SyncRunState::Planned, "{state}: {next:?}");
    }
    assert_eq!(db.store.sync_run(SyncRunId(id(9))).await.unwrap(), None);
}

async fn a_run_is_inserted_once(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let run = sync_run(1, &sales, SyncRunState::Planned);
    db.store.insert_sync_run(&run).await.unwrap();
    let again = SyncRun { state: SyncRunState::Planning, requested_by: None, ..run.clone() };
    db.store.insert_sync_run(&again).await.unwrap();
    assert_eq!(db.store.sync_runs(sales.group.id, 10).await.unwrap(), [run]);
}

async fn a_pair_has_one_open_run(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let ads = keep_paired(&db.store, 200, "Ads").await;
    let open = sync_run(1, &sales, SyncRunState::Planning);
    db.store.insert_sync_run(&open).await.unwrap();
    let refused = db.store.insert_sync_run(&sync_run(2, &sales, SyncRunState::Planning)).await;
    assert!(matches!(refused, Err(StoreError::NotNow)), "{refused:?}");
    db.store.insert_sync_run(&sync_run(3, &ads, SyncRunState::Planning)).await.unwrap();

    let ended = SyncRun { state: SyncRunState::Failed, ended_at: Some(after(9)), ..open };
    db.store.update_sync_run(&lease(&db.store, ended.id.0).await, &ended).await.unwrap();
    db.store.insert_sync_run(&sync_run(2, &sales, SyncRunState::Planning)).await.unwrap();
    // What has ended cannot be opened again beside it.
    let reopened = SyncRun { state: SyncRunState::Applying, ..ended };
    db.store.revoke_lease(reopened.id.0).await.unwrap();
    let refused = db.store.update_sync_run(&lease(&db.store, reopened.id.0).await, &reopened).await;
    assert!(matches!(refused, Err(StoreError::NotNow)), "{refused:?}");
}

async fn a_planned_run_gives_way(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let planned = sync_run(1, &sales, SyncRunState::Planned);
    db.store.insert_sync_run(&planned).await.unwrap();
    let next = sync_run(2, &sales, SyncRunState::Planning);
    db.store.insert_sync_run(&next).await.unwrap();
    let superseded = db.store.sync_run(planned.id).await.unwrap().unwrap();
    assert_eq!(superseded.state, SyncRunState::Superseded);
    assert_eq!(superseded.ended_at, Some(next.created_at));
    assert!(superseded.message.is_some());
    assert_eq!(db.store.newest_sync_run(sales.pair.id).await.unwrap(), Some(next));
    assert_eq!(db.store.newest_sync_run(PairId(id(9))).await.unwrap(), None);
}

async fn a_run_that_is_final_from_the_start_disturbs_nobody(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let planned = sync_run(1, &sales, SyncRunState::Planned);
    db.store.insert_sync_run(&planned).await.unwrap();
    let suspended = sync_run(2, &sales, SyncRunState::Suspended);
    db.store.insert_sync_run(&suspended).await.unwrap();
    assert_eq!(db.store.sync_runs(sales.group.id, 10).await.unwrap(), [suspended, planned]);
}

async fn of_eight_runs_at_once_one_is_kept(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    insert_eight(&db, (1..=8).map(|number| sync_run(number, &sales, SyncRunState::Planning))).await;
    assert_eq!(db.store.sync_runs(sales.group.id, 10).await.unwrap().len(), 1);
}

async fn of_eight_that_replace_a_plan_one_is_kept(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    db.store.insert_sync_run(&sync_run(1, &sales, SyncRunState::Planned)).await.unwrap();
    insert_eight(&db, (2..=9).map(|number| sync_run(number, &sales, SyncRunState::Planning))).await;
    let states: Vec<SyncRunState> =
        db.store.sync_runs(sales.group.id, 10).await.unwrap().iter().map(|run| run.state).collect();
    assert_eq!(states, [SyncRunState::Planning, SyncRunState::Superseded]);
}

/// One of them is kept, the others are told that it is not the time.
async fn insert_eight(db: &TestDatabase, runs: impl Iterator<Item = SyncRun>) {
    let mut workers = JoinSet::new();
    for run in runs {
        let store = db.store.clone();
        workers.spawn(async move { store.insert_sync_run(&run).await });
    }
    let results = workers.join_all().await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let refused = results.iter().filter(|result| matches!(result, Err(StoreError::NotNow))).count();
    assert_eq!(refused, 7, "{results:?}");
}

async fn lists_are_in_order(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let ads = keep_paired(&db.store, 200, "Ads").await;
    for number in [2, 4, 1, 3] {
        db.store.insert_sync_run(&sync_run(number, &sales, SyncRunState::Completed)).await.unwrap();
    }
    db.store.insert_sync_run(&sync_run(8, &sales, SyncRunState::Applying)).await.unwrap();
    db.store.insert_sync_run(&sync_run(7, &ads, SyncRunState::Planning)).await.unwrap();
    let numbers = |runs: Vec<SyncRun>| -> Vec<u128> { runs.iter().map(|run| run.id.0.as_u128()).collect() };
    assert_eq!(numbers(db.store.sync_runs(sales.group.id, 3).await.unwrap()), [8, 4, 3]);
    assert_eq!(numbers(db.store.sync_runs(GroupId(id(9)), 3).await.unwrap()), [0_u128; 0]);
    assert_eq!(numbers(db.store.working_sync_runs().await.unwrap()), [7, 8]);
}

async fn a_person_decides_once(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let run = sync_run(1, &sales, SyncRunState::Planned);
    db.store.insert_sync_run(&run).await.unwrap();
    db.store.decide_sync_run(run.id, SyncRunState::Applying, after(50)).await.unwrap();
    // When the application began is the worker's to say.
    let applying = SyncRun { state: SyncRunState::Applying, ..run.clone() };
    assert_eq!(db.store.sync_run(run.id).await.unwrap(), Some(applying));
    let again = db.store.decide_sync_run(run.id, SyncRunState::Cancelled, after(51)).await;
    assert!(matches!(again, Err(StoreError::NotNow)), "{again:?}");
    let unknown = db.store.decide_sync_run(SyncRunId(id(9)), SyncRunState::Cancelled, after(51)).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");

    let ads = keep_paired(&db.store, 200, "Ads").await;
    let other = sync_run(2, &ads, SyncRunState::Planned);
    db.store.insert_sync_run(&other).await.unwrap();
    db.store.decide_sync_run(other.id, SyncRunState::Cancelled, after(52)).await.unwrap();
    let cancelled = SyncRun { state: SyncRunState::Cancelled, ended_at: Some(after(52)), ..other };
    assert_eq!(db.store.sync_run(cancelled.id).await.unwrap(), Some(cancelled));
}

async fn what_waits_says_why(db: TestDatabase) {
    let (sales, ads) = (keep_paired(&db.store, 100, "Sales").await, keep_paired(&db.store, 200, "Ads").await);
    let why = || Some("It would delete too much.".to_owned());
    let held = SyncRun { message: why(), ..sync_run(1, &sales, SyncRunState::Planned) };
    let seen = sync_run(2, &ads, SyncRunState::Planned);
    let failed = SyncRun { message: why(), ..sync_run(3, &sales, SyncRunState::Failed) };
    for run in [&held, &seen, &failed] {
        db.store.insert_sync_run(run).await.unwrap();
        assert_eq!(run.is_held(), run == &held);
    }
    assert_eq!(db.store.held_sync_runs().await.unwrap(), std::slice::from_ref(&held));
    db.store.decide_sync_run(held.id, SyncRunState::Cancelled, after(50)).await.unwrap();
    assert_eq!(db.store.held_sync_runs().await.unwrap(), []);
}

async fn a_worker_writes_under_its_lease(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let run = sync_run(1, &sales, SyncRunState::Planning);
    db.store.insert_sync_run(&run).await.unwrap();
    let lease = lease(&db.store, run.id.0).await;
    let stored = plan(5, &sales, vec![]);
    db.store.insert_plan(&lease, &stored).await.unwrap();
    let applying = SyncRun {
        state: SyncRunState::Applying,
        plan_id: Some(stored.id),
        total: 5_000,
        message: Some("under way".to_owned()),
        apply_began_at: Some(after(7)),
        ..run
    };
    db.store.update_sync_run(&lease, &applying).await.unwrap();
    assert_eq!(db.store.sync_run(applying.id).await.unwrap().as_ref(), Some(&applying));

    let unknown = sync_run(9, &sales, SyncRunState::Planning);
    let lease = lease_of(&db, unknown.id).await;
    let refused = db.store.update_sync_run(&lease, &unknown).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
}

async fn lease_of(db: &TestDatabase, run: SyncRunId) -> Lease {
    lease(&db.store, run.0).await
}

async fn a_lost_lease_writes_nothing(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let run = sync_run(1, &sales, SyncRunState::Planning);
    db.store.insert_sync_run(&run).await.unwrap();
    let lost = lost_lease(&db.store, run.id.0).await;
    let of_another_run = lease(&db.store, id(2)).await;
    let changed = SyncRun { state: SyncRunState::Failed, ..run.clone() };
    for wrong in [lost, of_another_run] {
        let refused = db.store.update_sync_run(&wrong, &changed).await;
        assert!(matches!(refused, Err(StoreError::LeaseLost)), "{refused:?}");
    }
    let refused = db.store.insert_plan(&lost, &plan(5, &sales, vec![])).await;
    assert!(matches!(refused, Err(StoreError::LeaseLost)), "{refused:?}");
    assert_eq!(db.store.plan_head(plan(5, &sales, vec![]).id).await.unwrap(), None);
    assert_eq!(db.store.sync_run(run.id).await.unwrap(), Some(run));
}

async fn counters_are_left_alone(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let run = SyncRun { done: 3, failed: 1, ..sync_run(1, &sales, SyncRunState::Applying) };
    db.store.insert_sync_run(&run).await.unwrap();
    let stale_counters = SyncRun { done: 0, failed: 0, total: 9, ..run.clone() };
    db.store.update_sync_run(&lease(&db.store, run.id.0).await, &stale_counters).await.unwrap();
    assert_eq!(db.store.sync_run(run.id).await.unwrap(), Some(SyncRun { total: 9, ..run }));
}

async fn a_suspended_run_is_due_again_and_again(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let run = SyncRun { ended_at: Some(after(1)), ..sync_run(1, &sales, SyncRunState::Suspended) };
    db.store.insert_sync_run(&run).await.unwrap();
    db.store.repeat_suspended(&run, after(60)).await.unwrap();
    let twice = SyncRun { occurrences: 2, ended_at: Some(after(60)), ..run.clone() };
    assert_eq!(db.store.sync_runs(sales.group.id, 10).await.unwrap(), std::slice::from_ref(&twice));
    // Two processes that saw the same row count one time once.
    let late = db.store.repeat_suspended(&run, after(61)).await;
    assert!(matches!(late, Err(StoreError::NotNow)), "{late:?}");
    assert_eq!(db.store.sync_run(run.id).await.unwrap(), Some(twice));
    let ended = sync_run(2, &sales, SyncRunState::Completed);
    db.store.insert_sync_run(&ended).await.unwrap();
    let refused = db.store.repeat_suspended(&ended, after(62)).await;
    assert!(matches!(refused, Err(StoreError::NotNow)), "{refused:?}");
    let unknown = db.store.repeat_suspended(&sync_run(9, &sales, SyncRunState::Suspended), after(62)).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
}

async fn an_application_is_remembered(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    db.store.insert_sync_run(&sync_run(1, &sales, SyncRunState::Failed)).await.unwrap();
    assert!(!db.store.has_applied_sync(sales.pair.id).await.unwrap());
    let applied = SyncRun { apply_began_at: Some(after(2)), ..sync_run(2, &sales, SyncRunState::Failed) };
    db.store.insert_sync_run(&applied).await.unwrap();
    assert!(db.store.has_applied_sync(sales.pair.id).await.unwrap());
    assert!(!db.store.has_applied_sync(PairId(id(9))).await.unwrap());
}
