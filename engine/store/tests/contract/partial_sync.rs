use std::collections::BTreeSet;

use farshore_control::store::{OutcomeStore, PartialSyncStore, StoreError, SyncRunStore};
use farshore_model::{
    SyncRunId,
    kind::ObjectKey,
    sync_run::{OutcomeState, SyncRun, SyncRunState},
};

use crate::{
    database::TestDatabase,
    fixtures::{Paired, id, job_key, keep_paired, lease, outcome, sync_run},
};

on_both_engines!(
    a_run_keeps_what_it_is_about,
    a_partial_run_takes_nobodys_place,
    a_partial_run_is_not_the_newest_of_its_pair,
    what_failed_is_told,
);

fn partial(number: u128, paired: &Paired, objects: &BTreeSet<ObjectKey>) -> SyncRun {
    let only = u32::try_from(objects.len()).ok();
    SyncRun { only, ..sync_run(number, paired, SyncRunState::Planning) }
}

fn objects(count: u32) -> BTreeSet<ObjectKey> {
    (0..count).map(|number| job_key(&format!("1:{number}"))).collect()
}

async fn a_run_keeps_what_it_is_about(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let objects = objects(600);
    let run = partial(1, &sales, &objects);
    db.store.insert_partial_sync_run(&run, &objects).await.unwrap();
    db.store.insert_partial_sync_run(&run, &objects).await.unwrap();
    assert_eq!(db.store.sync_run(run.id).await.unwrap(), Some(run.clone()));
    assert_eq!(db.store.sync_run_objects(run.id).await.unwrap(), objects);
    assert_eq!(db.store.sync_run_objects(SyncRunId(id(9))).await.unwrap(), BTreeSet::new());
}

async fn a_partial_run_takes_nobodys_place(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let planned = sync_run(1, &sales, SyncRunState::Planned);
    db.store.insert_sync_run(&planned).await.unwrap();
    let objects = objects(2);
    let refused = db.store.insert_partial_sync_run(&partial(2, &sales, &objects), &objects).await;
    assert!(matches!(refused, Err(StoreError::NotNow)), "{refused:?}");
    assert_eq!(db.store.sync_run(planned.id).await.unwrap(), Some(planned));
    assert_eq!(db.store.sync_run(SyncRunId(id(2))).await.unwrap(), None);
    assert_eq!(db.store.sync_run_objects(SyncRunId(id(2))).await.unwrap(), BTreeSet::new());
}

async fn a_partial_run_is_not_the_newest_of_its_pair(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let whole = sync_run(1, &sales, SyncRunState::Completed);
    db.store.insert_sync_run(&whole).await.unwrap();
    let objects = objects(1);
    let part = partial(2, &sales, &objects);
    db.store.insert_partial_sync_run(&part, &objects).await.unwrap();
    assert_eq!(db.store.newest_sync_run(sales.pair.id).await.unwrap(), Some(whole.clone()));
    assert_eq!(db.store.sync_runs(sales.group.id, 9).await.unwrap(), [part, whole]);
}

async fn what_failed_is_told(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let run = sync_run(1, &sales, SyncRunState::Applying);
    db.store.insert_sync_run(&run).await.unwrap();
    let lease = lease(&db.store, run.id.0).await;
    for (index, state) in
        [OutcomeState::Failed, OutcomeState::Succeeded, OutcomeState::Failed, OutcomeState::Skipped]
            .into_iter()
            .enumerate()
    {
        let index = u32::try_from(index).unwrap();
        db.store.record_outcome(&lease, run.id, &outcome(index, state, None)).await.unwrap();
    }
    let failed = db.store.failed_objects(run.id).await.unwrap();
    assert_eq!(failed, BTreeSet::from([job_key("1:0"), job_key("1:2")]));
}
