use std::collections::BTreeSet;

use farshore_control::store::LeaseStore;
use farshore_model::Lease;
use tokio::task::JoinSet;

use crate::{
    database::TestDatabase,
    fixtures::{LEASE_MS, T0, after, id, lease},
};

on_both_engines!(
    a_lease_is_had_by_one_until_it_expires,
    a_renewed_lease_lasts_longer,
    a_released_lease_is_free_at_once,
    a_revoked_lease_is_lost,
    of_eight_that_ask_at_once_one_gets_it,
    of_eight_that_take_over_one_gets_it,
);

async fn a_lease_is_had_by_one_until_it_expires(db: TestDatabase) {
    let first = db.store.acquire_lease(id(1), id(70), T0, LEASE_MS).await.unwrap();
    assert_eq!(first, Some(Lease { holder: id(1), owner: id(70), generation: 1 }));
    let early = after(LEASE_MS - 1);
    assert_eq!(db.store.acquire_lease(id(1), id(71), early, LEASE_MS).await.unwrap(), None);
    assert_eq!(db.store.acquire_lease(id(1), id(70), early, LEASE_MS).await.unwrap(), None, "its owner");
    let second = db.store.acquire_lease(id(1), id(71), after(LEASE_MS), LEASE_MS).await.unwrap();
    assert_eq!(second, Some(Lease { holder: id(1), owner: id(71), generation: 2 }));
    // Another row is another lease.
    let other = db.store.acquire_lease(id(2), id(70), early, LEASE_MS).await.unwrap();
    assert_eq!(other, Some(Lease { holder: id(2), owner: id(70), generation: 1 }));
}

async fn a_renewed_lease_lasts_longer(db: TestDatabase) {
    let first = lease(&db.store, id(1)).await;
    assert!(db.store.renew_lease(&first, after(LEASE_MS - 1), LEASE_MS).await.unwrap());
    assert_eq!(db.store.acquire_lease(id(1), id(71), after(LEASE_MS), LEASE_MS).await.unwrap(), None);

    let expiry = after(2 * LEASE_MS - 1);
    assert!(!db.store.renew_lease(&first, expiry, LEASE_MS).await.unwrap(), "it has expired");
    let second = db.store.acquire_lease(id(1), id(71), expiry, LEASE_MS).await.unwrap().unwrap();
    assert!(!db.store.renew_lease(&first, T0, LEASE_MS).await.unwrap(), "somebody else has it");
    let stranger = Lease { owner: id(72), ..second };
    assert!(!db.store.renew_lease(&stranger, expiry, LEASE_MS).await.unwrap());
    let unknown = Lease { holder: id(9), ..second };
    assert!(!db.store.renew_lease(&unknown, expiry, LEASE_MS).await.unwrap());
}

async fn a_released_lease_is_free_at_once(db: TestDatabase) {
    let first = lease(&db.store, id(1)).await;
    db.store.release_lease(&first).await.unwrap();
    db.store.release_lease(&first).await.unwrap();
    assert!(!db.store.renew_lease(&first, T0, LEASE_MS).await.unwrap());
    let second = db.store.acquire_lease(id(1), first.owner, T0, LEASE_MS).await.unwrap().unwrap();
    assert_eq!(second.generation, 2);
    // What was lost cannot be given back.
    db.store.release_lease(&first).await.unwrap();
    assert!(db.store.renew_lease(&second, T0, LEASE_MS).await.unwrap());
}

async fn a_revoked_lease_is_lost(db: TestDatabase) {
    db.store.revoke_lease(id(1)).await.unwrap();
    let first = lease(&db.store, id(1)).await;
    db.store.revoke_lease(id(1)).await.unwrap();
    assert!(!db.store.renew_lease(&first, T0, LEASE_MS).await.unwrap());
    let second = db.store.acquire_lease(id(1), first.owner, T0, LEASE_MS).await.unwrap().unwrap();
    assert!(second.generation > first.generation);
}

async fn of_eight_that_ask_at_once_one_gets_it(db: TestDatabase) {
    for row in 1..=25 {
        let mut workers = JoinSet::new();
        for worker in 0..8 {
            let store = db.store.clone();
            workers.spawn(async move { store.acquire_lease(id(row), id(70 + worker), T0, LEASE_MS).await });
        }
        let leases: Vec<Lease> =
            workers.join_all().await.into_iter().filter_map(|result| result.unwrap()).collect();
        assert_eq!(leases.len(), 1, "{leases:?}");
    }
}

async fn of_eight_that_take_over_one_gets_it(db: TestDatabase) {
    lease(&db.store, id(1)).await;
    let mut generations = BTreeSet::new();
    for round in 1..=25 {
        let now = after(round * LEASE_MS);
        let mut workers = JoinSet::new();
        for worker in 0..8 {
            let store = db.store.clone();
            workers.spawn(async move { store.acquire_lease(id(1), id(70 + worker), now, LEASE_MS).await });
        }
        let leases: Vec<Lease> =
            workers.join_all().await.into_iter().filter_map(|result| result.unwrap()).collect();
        assert_eq!(leases.len(), 1, "{leases:?}");
        assert!(generations.insert(leases[0].generation), "{leases:?}");
    }
}
