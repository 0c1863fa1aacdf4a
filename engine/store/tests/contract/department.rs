use farshore_control::store::{DepartmentStore, StoreError};
use farshore_model::{DepartmentId, department::Department};

use crate::{
    database::TestDatabase,
    fixtures::{department, id},
};

on_both_engines!(
    departments_are_read_back_by_name,
    a_name_is_taken_once,
    a_stale_edit_is_refused,
    of_eight_edits_of_one_version_one_wins,
);

async fn departments_are_read_back_by_name(db: TestDatabase) {
    let (finance, ads) = (department(1, "finance"), department(2, "Ads"));
    db.store.insert_department(&finance).await.unwrap();
    db.store.insert_department(&ads).await.unwrap();
    assert_eq!(db.store.department(finance.id).await.unwrap(), Some(finance.clone()));
    assert_eq!(db.store.department(DepartmentId(id(9))).await.unwrap(), None);
    assert_eq!(db.store.departments().await.unwrap(), [ads, finance]);
}

async fn a_name_is_taken_once(db: TestDatabase) {
    db.store.insert_department(&department(1, "Finance")).await.unwrap();
    db.store.insert_department(&department(2, "Ads")).await.unwrap();
    let inserted = db.store.insert_department(&department(3, "Finance")).await;
    assert!(matches!(inserted, Err(StoreError::Taken("name"))), "{inserted:?}");
    let renamed = db.store.update_department(&department(2, "Finance")).await;
    assert!(matches!(renamed, Err(StoreError::Taken("name"))), "{renamed:?}");
    assert_eq!(db.store.departments().await.unwrap().len(), 2);
}

async fn a_stale_edit_is_refused(db: TestDatabase) {
    let first = department(1, "Finance");
    db.store.insert_department(&first).await.unwrap();
    let edited = Department { rpo_ms: None, rto_ms: Some(3_600_000), ..first.clone() };
    assert_eq!(db.store.update_department(&edited).await.unwrap(), 2);
    assert_eq!(
        db.store.department(first.id).await.unwrap(),
        Some(Department { version: 2, ..edited.clone() })
    );

    let stale = db.store.update_department(&first).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    let unknown = db.store.update_department(&department(9, "Nobody")).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
    assert_eq!(db.store.departments().await.unwrap(), [Department { version: 2, ..edited }]);
}

async fn of_eight_edits_of_one_version_one_wins(db: TestDatabase) {
    let first = department(1, "Finance");
    db.store.insert_department(&first).await.unwrap();
    let mut edits = tokio::task::JoinSet::new();
    for number in 0..8 {
        let (store, edit) = (db.store.clone(), Department { rpo_ms: Some(number), ..first.clone() });
        edits.spawn(async move { store.update_department(&edit).await });
    }
    let results = edits.join_all().await;
    assert_eq!(results.iter().filter(|result| matches!(result, Ok(2))).count(), 1, "{results:?}");
    let stale = results.iter().filter(|result| matches!(result, Err(StoreError::Stale))).count();
    assert_eq!(stale, 7, "{results:?}");
}
