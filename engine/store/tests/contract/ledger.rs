use std::time::Duration;

use farshore_control::store::LeaseStore;
use farshore_model::{
    Lease, PairId,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
    sync_run::OutcomeState,
};
use farshore_sync::{
    LedgerError, LedgerStore,
    contract::{self, LedgerFixture},
};
use tokio::time::timeout;

use crate::{
    database::TestDatabase,
    fixtures::{LEASE_MS, after, id, lease},
};

on_both_engines!(
    keeps_the_contract_of_the_sync_engine,
    thousands_of_entries_are_put_at_once,
    of_two_entries_for_one_object_the_later_counts,
    a_put_of_nothing_still_needs_the_lease,
    many_puts_at_once_are_all_kept_but_those_without_a_lease,
    a_put_that_was_given_up_holds_up_nobody,
    whose_work_a_put_had_taken_over_that_was_given_up_is_kept_all_the_same,
);

fn entry(kind: ObjectKind, number: u32, outcome: Option<OutcomeState>) -> LedgerEntry {
    LedgerEntry {
        pair_id: PairId(id(10)),
        object: ObjectKey { kind, key: format!("1:{number:05}").into() },
        name: format!("object {number}").into(),
        primary_id: Some(number.to_string().into()),
        secondary_id: None,
        base_hash: None,
        filled_in_hash: None,
        activation: None,
        awaits_release_on_primary: false,
        awaits_release_on_secondary: false,
        intent: None,
        last_outcome: outcome,
        last_error: None,
        agreed_at: None,
    }
}

async fn keeps_the_contract_of_the_sync_engine(db: TestDatabase) {
    let lost = lease(&db.store, id(1)).await;
    let current =
        db.store.acquire_lease(id(1), lost.owner, after(LEASE_MS), LEASE_MS).await.unwrap().unwrap();
    let fixture = LedgerFixture {
        store: &db.store,
        pair: PairId(id(10)),
        other_pair: PairId(id(11)),
        lease: current,
        lost_lease: lost,
    };
    contract::ledger_store(&fixture).await.unwrap();
}

async fn thousands_of_entries_are_put_at_once(db: TestDatabase) {
    let lease = lease(&db.store, id(1)).await;
    let mut entries: Vec<LedgerEntry> =
        (0..3_001).map(|number| entry(ObjectKind::Notebooks, number, None)).collect();
    db.store.put(&lease, &entries).await.unwrap();
    assert_eq!(db.store.load(PairId(id(10))).await.unwrap(), entries);
    for entry in &mut entries {
        entry.secondary_id = Some("there".into());
    }
    db.store.put(&lease, &entries).await.unwrap();
    assert_eq!(db.store.load(PairId(id(10))).await.unwrap(), entries);
}

async fn of_two_entries_for_one_object_the_later_counts(db: TestDatabase) {
    let lease = lease(&db.store, id(1)).await;
    let earlier = entry(ObjectKind::Jobs, 1, Some(OutcomeState::Failed));
    let later = LedgerEntry { last_outcome: Some(OutcomeState::Succeeded), ..earlier.clone() };
    db.store.put(&lease, &[earlier, later.clone()]).await.unwrap();
    assert_eq!(db.store.load(PairId(id(10))).await.unwrap(), [later]);
}

async fn a_put_of_nothing_still_needs_the_lease(db: TestDatabase) {
    let never_leased = Lease { holder: id(1), owner: id(2), generation: 1 };
    let refused = db.store.put(&never_leased, &[]).await;
    assert!(matches!(refused, Err(LedgerError::LeaseLost)), "{refused:?}");
}

async fn many_puts_at_once_are_all_kept_but_those_without_a_lease(db: TestDatabase) {
    let current = lease(&db.store, id(1)).await;
    let lost = lease(&db.store, id(2)).await;
    db.store.revoke_lease(id(2)).await.unwrap();
    let mut puts = tokio::task::JoinSet::new();
    for number in 0..200 {
        let (store, held) = (db.store.clone(), if number % 20 == 7 { lost } else { current });
        puts.spawn(async move {
            let entry = entry(ObjectKind::Notebooks, number, None);
            (number, store.put(&held, &[entry]).await)
        });
    }
    for (number, put) in puts.join_all().await {
        match put {
            Ok(()) => assert_ne!(number % 20, 7, "{number}"),
            Err(error) => {
                assert!(matches!(error, LedgerError::LeaseLost) && number % 20 == 7, "{number}: {error}")
            }
        }
    }
    assert_eq!(db.store.load(PairId(id(10))).await.unwrap().len(), 190);
}

async fn a_put_that_was_given_up_holds_up_nobody(db: TestDatabase) {
    let lease = lease(&db.store, id(1)).await;
    for number in 0..50 {
        let given_up = [entry(ObjectKind::Jobs, number, None)];
        let kept = [entry(ObjectKind::Clusters, number, None)];
        tokio::select! {
            biased;
            _ = db.store.put(&lease, &given_up) => {}
            () = tokio::task::yield_now() => {}
        }
        db.store.put(&lease, &kept).await.unwrap();
    }
    let kept = db.store.load(PairId(id(10))).await.unwrap();
    assert_eq!(kept.iter().filter(|entry| entry.object.kind == ObjectKind::Clusters).count(), 50);
}

/// Long enough to get as far as one can.
const A_WHILE: Duration = Duration::from_millis(100);

async fn whose_work_a_put_had_taken_over_that_was_given_up_is_kept_all_the_same(db: TestDatabase) {
    let lease = lease(&db.store, id(1)).await;
    let lock = db.lock_leases().await;
    let put = |number| {
        let store = db.store.clone();
        Box::pin(async move { store.put(&lease, &[entry(ObjectKind::Jobs, number, None)]).await })
    };
    // The first one writes for itself; the second and the third wait for their turn.
    let (mut first, mut second) = (put(1), put(2));
    timeout(A_WHILE, &mut first).await.unwrap_err();
    timeout(A_WHILE, &mut second).await.unwrap_err();
    let third = tokio::spawn(put(3));
    tokio::time::sleep(A_WHILE).await;
    drop(first);
    // The second one writes for both.
    timeout(A_WHILE, &mut second).await.unwrap_err();
    drop(second);
    tokio::time::sleep(A_WHILE).await;
    lock.release().await;
    third.await.unwrap().unwrap();
    let kept = db.store.load(PairId(id(10))).await.unwrap();
    assert!(kept.contains(&entry(ObjectKind::Jobs, 3, None)), "{kept:#?}");
}
