use farshore_control::store::{
    DepartmentStore, GroupStore, PairingStore, SealedCredential, StoreError, WorkspaceStore,
};
use farshore_model::{
    DepartmentId, GroupId, PairId, PairingId, RunId,
    group::{FailoverGroup, Strategy, SyncSuspension, WorkspacePair},
    pairing::Pairing,
    readiness::{Readiness, ReadinessCheck, ReadinessState},
};

use crate::{
    database::TestDatabase,
    fixtures::{T0, after, department, group, id, keep_paired, lease, lost_lease, paired, workspace},
};

on_both_engines!(
    a_group_comes_with_pairs_and_workspaces_and_without_its_wizard,
    a_group_holds_several_pairs_in_several_regions,
    a_group_that_cannot_be_kept_leaves_nothing,
    an_edit_leaves_what_runs_change,
    a_stale_edit_is_refused,
    activity_changes_as_one_under_the_lease,
    the_replication_point_never_moves_back,
    a_lost_lease_writes_nothing,
    the_last_readiness_stays,
);

fn pairing(number: u128) -> Pairing {
    Pairing {
        id: PairingId(id(number)),
        primary: None,
        secondary: None,
        group_name: None,
        sync_interval_ms: None,
        smoke_job: None,
        version: 1,
        created_at: T0,
    }
}

fn suspension() -> SyncSuspension {
    SyncSuspension { reason: "failed over".to_owned(), since: after(3), run_id: Some(RunId(id(77))) }
}

async fn a_group_comes_with_pairs_and_workspaces_and_without_its_wizard(db: TestDatabase) {
    db.store.insert_pairing(&pairing(1)).await.unwrap();
    db.store.insert_pairing(&pairing(2)).await.unwrap();
    let sales = paired(100, "Sales");
    db.store
        .insert_group(
            &sales.group,
            &sales.workspaces,
            std::slice::from_ref(&sales.pair),
            Some(PairingId(id(1))),
        )
        .await
        .unwrap();
    let ads = keep_paired(&db.store, 200, "ads").await;

    assert_eq!(db.store.group(sales.group.id).await.unwrap().as_ref(), Some(&sales.group));
    assert_eq!(db.store.group(GroupId(id(9))).await.unwrap(), None);
    assert_eq!(db.store.groups().await.unwrap(), [ads.group, sales.group.clone()]);
    assert_eq!(
        db.store.pairs(Some(sales.group.id)).await.unwrap().as_slice(),
        std::slice::from_ref(&sales.pair)
    );
    assert_eq!(db.store.pairs(None).await.unwrap(), [sales.pair.clone(), ads.pair]);
    assert_eq!(db.store.pair(sales.pair.id).await.unwrap(), Some(sales.pair));
    assert_eq!(db.store.pair(PairId(id(9))).await.unwrap(), None);
    assert_eq!(db.store.pairings().await.unwrap(), [pairing(2)]);
}

async fn a_group_holds_several_pairs_in_several_regions(db: TestDatabase) {
    let sales = paired(100, "Sales");
    let mut workspaces = sales.workspaces.clone();
    let mut third = workspace(150, "Sales north");
    third.region = "eu-north-1".to_owned();
    workspaces.push((third.clone(), SealedCredential(vec![7])));
    let second = WorkspacePair {
        id: PairId(id(151)),
        secondary: third.id,
        created_at: after(1),
        ..sales.pair.clone()
    };
    let pairs = [sales.pair.clone(), second];
    db.store.insert_group(&sales.group, &workspaces, &pairs, None).await.unwrap();
    assert_eq!(db.store.pairs(Some(sales.group.id)).await.unwrap(), pairs);
}

async fn a_group_that_cannot_be_kept_leaves_nothing(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    db.store.insert_pairing(&pairing(1)).await.unwrap();
    let from = Some(PairingId(id(1)));

    let twin = paired(200, "Sales");
    let pairs = std::slice::from_ref(&twin.pair);
    let taken = db.store.insert_group(&twin.group, &twin.workspaces, pairs, from).await;
    assert!(matches!(taken, Err(StoreError::Taken("name"))), "{taken:?}");

    // The second of its workspaces is registered already.
    let mut other = paired(300, "Ads");
    other.workspaces[1].0.org_id.clone_from(&sales.workspaces[0].0.org_id);
    let pairs = std::slice::from_ref(&other.pair);
    let taken = db.store.insert_group(&other.group, &other.workspaces, pairs, from).await;
    assert!(matches!(taken, Err(StoreError::Taken("workspace"))), "{taken:?}");

    // A workspace paired with itself under two ids.
    let mut selfish = paired(400, "Selfish");
    selfish.workspaces[1].0.org_id = selfish.workspaces[0].0.org_id.clone();
    let pairs = std::slice::from_ref(&selfish.pair);
    let taken = db.store.insert_group(&selfish.group, &selfish.workspaces, pairs, from).await;
    assert!(matches!(taken, Err(StoreError::Taken("workspace"))), "{taken:?}");

    // A pair of workspaces that are not there.
    let orphan = paired(500, "Orphan");
    let pairs = std::slice::from_ref(&orphan.pair);
    let refused = db.store.insert_group(&orphan.group, &[], pairs, from).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");

    assert_eq!(db.store.groups().await.unwrap(), [sales.group]);
    assert_eq!(db.store.workspaces().await.unwrap().len(), 2);
    assert_eq!(db.store.pairs(None).await.unwrap(), [sales.pair]);
    assert_eq!(db.store.pairings().await.unwrap(), [pairing(1)]);
}

async fn an_edit_leaves_what_runs_change(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let finance = department(1, "Finance");
    db.store.insert_department(&finance).await.unwrap();
    let lease = lease(&db.store, id(77)).await;
    db.store.set_group_activity(&lease, sales.group.id, "us-west-2", Some(&suspension())).await.unwrap();
    // The editor's page was loaded before the failover.
    let edited = FailoverGroup {
        name: "Sales & more".to_owned(),
        strategy: Strategy::PassiveReadOnly,
        department_id: Some(finance.id),
        sync_interval_ms: None,
        smoke_job: None,
        ..sales.group
    };
    assert_eq!(db.store.update_group(&edited).await.unwrap(), 2);
    let expected = FailoverGroup {
        active_region: "us-west-2".to_owned(),
        suspension: Some(suspension()),
        version: 2,
        ..edited
    };
    assert_eq!(db.store.group(expected.id).await.unwrap().as_ref(), Some(&expected));

    let homeless = FailoverGroup { department_id: Some(DepartmentId(id(9))), ..expected.clone() };
    let refused = db.store.update_group(&homeless).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    assert_eq!(db.store.group(expected.id).await.unwrap(), Some(expected));
}

async fn a_stale_edit_is_refused(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let ads = keep_paired(&db.store, 200, "Ads").await;
    db.store.update_group(&sales.group).await.unwrap();
    let stale = db.store.update_group(&sales.group).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    let unknown = db.store.update_group(&group(9, "Nobody")).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
    let taken = db.store.update_group(&FailoverGroup { name: "Sales".to_owned(), ..ads.group }).await;
    assert!(matches!(taken, Err(StoreError::Taken("name"))), "{taken:?}");
}

async fn activity_changes_as_one_under_the_lease(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let lease = lease(&db.store, id(77)).await;
    db.store.set_group_activity(&lease, sales.group.id, "us-west-2", Some(&suspension())).await.unwrap();
    let failed_over = FailoverGroup {
        active_region: "us-west-2".to_owned(),
        suspension: Some(suspension()),
        ..sales.group.clone()
    };
    assert_eq!(db.store.group(sales.group.id).await.unwrap(), Some(failed_over));
    db.store.set_group_activity(&lease, sales.group.id, "us-east-1", None).await.unwrap();
    assert_eq!(db.store.group(sales.group.id).await.unwrap(), Some(sales.group));
    let unknown = db.store.set_group_activity(&lease, GroupId(id(9)), "us-east-1", None).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
}

async fn the_replication_point_never_moves_back(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let lease = lease(&db.store, id(77)).await;
    for (set, expected) in [(50, 50), (40, 50), (50, 50), (60, 60)] {
        db.store.set_replication_point(&lease, sales.pair.id, after(set)).await.unwrap();
        let pair = db.store.pair(sales.pair.id).await.unwrap().unwrap();
        assert_eq!(pair.replication_point, Some(after(expected)));
    }
    let unknown = db.store.set_replication_point(&lease, PairId(id(9)), after(1)).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
}

async fn a_lost_lease_writes_nothing(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let lost = lost_lease(&db.store, id(77)).await;
    let moved = db.store.set_replication_point(&lost, sales.pair.id, after(1)).await;
    assert!(matches!(moved, Err(StoreError::LeaseLost)), "{moved:?}");
    let set = db.store.set_group_activity(&lost, sales.group.id, "us-west-2", None).await;
    assert!(matches!(set, Err(StoreError::LeaseLost)), "{set:?}");
    assert_eq!(db.store.group(sales.group.id).await.unwrap(), Some(sales.group));
    assert_eq!(db.store.pair(sales.pair.id).await.unwrap(), Some(sales.pair));
}

async fn the_last_readiness_stays(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    assert_eq!(db.store.readiness(sales.group.id).await.unwrap(), None);
    let check = ReadinessCheck {
        name: "smoke_job".to_owned(),
        title: "A smoke job is chosen".to_owned(),
        state: ReadinessState::ActionRequired,
        detail: "none".to_owned(),
        remedy: Some("choose one".to_owned()),
    };
    for readiness in [
        Readiness { checks: vec![check], evaluated_at: after(1) },
        Readiness { checks: vec![], evaluated_at: after(2) },
    ] {
        db.store.put_readiness(sales.group.id, &readiness).await.unwrap();
        assert_eq!(db.store.readiness(sales.group.id).await.unwrap(), Some(readiness));
    }
}
