use farshore_control::store::{DepartmentStore, StoreError};
use farshore_model::{DepartmentId, Timestamp, department::Department};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::{SqlStore, db::Db};

fn department(number: u128, name: String) -> Department {
    Department {
        id: DepartmentId(Uuid::from_u128(number)),
        name,
        rpo_ms: None,
        rto_ms: None,
        version: 1,
        created_at: Timestamp(0),
    }
}

/// The file of the store may grow to so many pages, as if the disk ended there.
async fn limit_pages(store: &SqlStore, pages: &'static str) {
    let Db::Sqlite { writer, .. } = &store.db else { panic!("not SQLite") };
    sqlx::query(pages).execute(writer).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_said_and_loses_nothing() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("farshore.db").display());
    let store = SqlStore::open(&url).await.unwrap();
    let kept = department(1, "Finance".to_owned());
    store.insert_department(&kept).await.unwrap();

    // Less than there is already: the limit becomes what there is.
    limit_pages(&store, "PRAGMA max_page_count = 1").await;
    let big = department(2, "x".repeat(100_000));
    let error = store.insert_department(&big).await.unwrap_err();
    let StoreError::Backend(purpose, source) = &error else { panic!("{error:?}") };
    assert_eq!(*purpose, "keep the department");
    let source = source.downcast_ref::<DatabaseError>().unwrap();
    assert!(matches!(source, DatabaseError::DiskFull(_)), "{source:?}");
    assert!(source.to_string().contains("Free some space"), "{source}");
    assert_eq!(store.departments().await.unwrap(), [kept]);

    limit_pages(&store, "PRAGMA max_page_count = 1000000").await;
    store.insert_department(&big).await.unwrap();
}

#[tokio::test]
async fn readers_cannot_write() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("farshore.db").display());
    let store = SqlStore::open(&url).await.unwrap();
    let Db::Sqlite { readers, .. } = &store.db else { panic!("not SQLite") };
    let error = sqlx::query("DELETE FROM departments").execute(readers).await.unwrap_err();
    assert!(matches!(DatabaseError::from(error), DatabaseError::ReadOnly(_)));
}

#[test]
fn codes_of_postgres_are_told_apart() {
    assert!(matches!(classify_postgres("53100"), Cause::DiskFull));
    assert!(matches!(classify_postgres("57P01"), Cause::ConnectionLost));
    assert!(matches!(classify_postgres("08006"), Cause::ConnectionLost));
    assert!(matches!(classify_postgres("53300"), Cause::Busy));
    assert!(matches!(classify_postgres("25006"), Cause::ReadOnly));
    assert!(matches!(classify_postgres("42P01"), Cause::Refused));
}

#[test]
fn codes_of_sqlite_are_told_apart_by_their_low_byte() {
    assert!(matches!(classify_sqlite(13), Cause::DiskFull));
    assert!(matches!(classify_sqlite(778), Cause::DiskFailed));
    assert!(matches!(classify_sqlite(517), Cause::Busy));
    assert!(matches!(classify_sqlite(1032), Cause::ReadOnly));
    assert!(matches!(classify_sqlite(26), Cause::Damaged));
    assert!(matches!(classify_sqlite(1), Cause::Refused));
}
