//! A worker that loses its lease drops what it has under way, in the middle of a transaction if need be.

use std::time::Duration;

use farshore_control::store::{LeaseStore, PlanStore};
use farshore_model::{
    PlanId,
    kind::ObjectKind,
    plan::{PlanAction, SyncPlan},
};

use crate::{
    database::TestDatabase,
    fixtures::{LEASE_MS, T0, id, keep_paired, lease, plan, plan_item},
};

on_both_engines!(a_dropped_write_is_whole_or_absent, a_dropped_claim_locks_nobody_out);

async fn a_dropped_write_is_whole_or_absent(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let lease = lease(&db.store, id(1)).await;
    let items = (0..600).map(|index| plan_item(index, ObjectKind::Jobs, PlanAction::Create, "job"));
    let whole = plan(0, &sales, items.collect());
    for number in 1..=60 {
        let attempt = SyncPlan { id: PlanId(id(1_000 + number)), ..whole.clone() };
        let patience = Duration::from_micros(u64::try_from(number * number * 5).unwrap());
        let answer = tokio::time::timeout(patience, db.store.insert_plan(&lease, &attempt)).await;
        let stored = db.store.plan(attempt.id).await.unwrap();
        match answer {
            Ok(answer) => {
                answer.unwrap();
                assert!(stored.as_ref() == Some(&attempt), "a plan that was kept is not there");
            }
            Err(_) => assert!(stored.is_none_or(|stored| stored == attempt), "half a plan"),
        }
    }
    db.store.insert_plan(&lease, &whole).await.unwrap();
}

async fn a_dropped_claim_locks_nobody_out(db: TestDatabase) {
    for number in 1..=200 {
        let patience = Duration::from_micros(u64::try_from(number * 5).unwrap());
        let claim = db.store.acquire_lease(id(number), id(70), T0, LEASE_MS);
        let _ = tokio::time::timeout(patience, claim).await;
    }
    lease(&db.store, id(1_000)).await;
}
