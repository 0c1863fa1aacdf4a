use farshore_control::store::{SettingsStore, StoreError};
use farshore_model::{
    GroupId, StandaloneId,
    kind::ObjectKind,
    region_map::{Matching, RegionMap, RegionRule},
    replication_settings::{
        Bundles, DeletionBrake, FilterBy, Handling, OnDrift, ReplicationSettings, ScopeFilter,
        VersionedSettings,
    },
    workspace::{Standalone, StandaloneWorkspace},
};

use crate::{
    database::TestDatabase,
    fixtures::{after, id, keep_paired},
};

on_both_engines!(
    settings_are_read_back,
    stale_settings_are_refused,
    of_eight_first_decisions_one_is_kept,
    workspaces_without_counterpart_are_read_back,
    a_workspace_is_on_the_list_once,
    a_stale_reason_is_refused,
);

/// Something in every field.
fn settings(most_objects: u32) -> ReplicationSettings {
    ReplicationSettings {
        handling: [(ObjectKind::Jobs, Handling::CoDeploy), (ObjectKind::Users, Handling::Excluded)].into(),
        filters: vec![
            ScopeFilter {
                kind: Some(ObjectKind::Notebooks),
                by: FilterBy::Path { path: "/Shared/\0 „etl“".to_owned() },
                is_included: true,
            },
            ScopeFilter {
                kind: None,
                by: FilterBy::Tag { key: "scope".to_owned(), value: "*".to_owned() },
                is_included: false,
            },
        ],
        region_map: RegionMap {
            rules: vec![RegionRule {
                field: Some("node_type_id".to_owned()),
                matching: Matching::Exact,
                primary: "m5.large".to_owned(),
                secondary: "m6.large".to_owned(),
            }],
        },
        on_drift: OnDrift::Ask,
        bundles: Bundles::Carried,
        brake: DeletionBrake { most_objects, most_percent: 3 },
    }
}

fn of_version(version: i64, most_objects: u32) -> VersionedSettings {
    VersionedSettings { settings: settings(most_objects), version }
}

async fn settings_are_read_back(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await.group.id;
    let ads = keep_paired(&db.store, 200, "Ads").await.group.id;
    assert_eq!(db.store.settings(sales).await.unwrap(), VersionedSettings::default());
    assert_eq!(VersionedSettings::default().version, 0);
    assert_eq!(db.store.put_settings(sales, &of_version(0, 7)).await.unwrap(), 1);
    assert_eq!(db.store.settings(sales).await.unwrap(), of_version(1, 7));
    assert_eq!(db.store.put_settings(sales, &of_version(1, 8)).await.unwrap(), 2);
    assert_eq!(db.store.settings(sales).await.unwrap(), of_version(2, 8));
    assert_eq!(db.store.settings(ads).await.unwrap(), VersionedSettings::default());
}

async fn stale_settings_are_refused(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await.group.id;
    let early = db.store.put_settings(sales, &of_version(1, 1)).await;
    assert!(matches!(early, Err(StoreError::Stale)), "{early:?}");
    db.store.put_settings(sales, &of_version(0, 7)).await.unwrap();
    for version in [0, 2] {
        let stale = db.store.put_settings(sales, &of_version(version, 1)).await;
        assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    }
    assert_eq!(db.store.settings(sales).await.unwrap(), of_version(1, 7));
    for version in [0, 1] {
        let unknown = db.store.put_settings(GroupId(id(9)), &of_version(version, 1)).await;
        assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
    }
}

async fn of_eight_first_decisions_one_is_kept(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await.group.id;
    let mut decisions = tokio::task::JoinSet::new();
    for number in 0..8 {
        let store = db.store.clone();
        decisions.spawn(async move { store.put_settings(sales, &of_version(0, number)).await });
    }
    let results = decisions.join_all().await;
    assert_eq!(results.iter().filter(|result| matches!(result, Ok(1))).count(), 1, "{results:?}");
    let stale = results.iter().filter(|result| matches!(result, Err(StoreError::Stale))).count();
    assert_eq!(stale, 7, "{results:?}");
}

fn standalone(number: u128, name: &str) -> StandaloneWorkspace {
    StandaloneWorkspace {
        id: StandaloneId(id(number)),
        name: name.to_owned(),
        address: format!("https://adb-{number}.example.net"),
        standalone: Standalone {
            reason: "Only tests run here; it is made anew within a day.".to_owned(),
            by: "Adam Admin".to_owned(),
            since: after(1),
        },
        version: 1,
    }
}

async fn workspaces_without_counterpart_are_read_back(db: TestDatabase) {
    let (tests, academy) = (standalone(1, "tests"), standalone(2, "Academy"));
    db.store.insert_standalone(&tests).await.unwrap();
    db.store.insert_standalone(&academy).await.unwrap();
    assert_eq!(db.store.standalones().await.unwrap(), [academy.clone(), tests.clone()]);
    assert_eq!(db.store.standalone(tests.id).await.unwrap(), Some(tests.clone()));
    let stale = db.store.remove_standalone(tests.id, 2).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    assert_eq!(db.store.standalone(tests.id).await.unwrap(), Some(tests.clone()));
    db.store.remove_standalone(tests.id, 1).await.unwrap();
    db.store.remove_standalone(tests.id, 1).await.unwrap();
    assert_eq!(db.store.standalone(tests.id).await.unwrap(), None);
    assert_eq!(db.store.standalones().await.unwrap(), [academy]);
}

async fn a_workspace_is_on_the_list_once(db: TestDatabase) {
    let first = standalone(1, "tests");
    db.store.insert_standalone(&first).await.unwrap();
    let again = StandaloneWorkspace { address: first.address.clone(), ..standalone(2, "again") };
    let inserted = db.store.insert_standalone(&again).await;
    assert!(matches!(inserted, Err(StoreError::Taken("address"))), "{inserted:?}");
    db.store.insert_standalone(&standalone(2, "again")).await.unwrap();
    let moved = db.store.update_standalone(&again).await;
    assert!(matches!(moved, Err(StoreError::Taken("address"))), "{moved:?}");
}

async fn a_stale_reason_is_refused(db: TestDatabase) {
    let first = standalone(1, "tests");
    db.store.insert_standalone(&first).await.unwrap();
    let other = Standalone { reason: "Nobody uses it.".to_owned(), by: "Eve".to_owned(), since: after(9) };
    let edited = StandaloneWorkspace { standalone: other, ..first.clone() };
    assert_eq!(db.store.update_standalone(&edited).await.unwrap(), 2);
    let stale = db.store.update_standalone(&first).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    let unknown = db.store.update_standalone(&standalone(9, "nowhere")).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
    assert_eq!(db.store.standalones().await.unwrap(), [StandaloneWorkspace { version: 2, ..edited }]);
}
