use std::{error::Error, fs, os::unix::fs::PermissionsExt};

use farshore_control::store::DepartmentStore;
use farshore_store::{OpenError, SqlStore};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{cluster, database::TestDatabase, fixtures::department};

on_both_engines!(
    what_was_kept_is_there_after_a_restart,
    several_processes_may_open_it_at_once,
    a_newer_schema_is_refused,
    another_schema_is_refused,
    answers_a_ping_until_it_is_closed,
);

/// The whole chain, as a log shows it.
fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

async fn what_was_kept_is_there_after_a_restart(db: TestDatabase) {
    db.store.insert_department(&department(1, "Finance")).await.unwrap();
    db.store.close().await;
    let again = SqlStore::open(&db.url).await.unwrap();
    assert_eq!(again.departments().await.unwrap(), [department(1, "Finance")]);
}

async fn several_processes_may_open_it_at_once(db: TestDatabase) {
    let url = if db.is_sqlite() { format!("{}-new", db.url) } else { cluster::new_database().await.unwrap() };
    let mut openings = JoinSet::new();
    for _ in 0..4 {
        let url = url.clone();
        openings.spawn(async move { SqlStore::open(&url).await });
    }
    for opened in openings.join_all().await {
        opened.unwrap().ping().await.unwrap();
    }
}

async fn a_newer_schema_is_refused(db: TestDatabase) {
    db.execute(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', TRUE, '', 0)",
    )
    .await;
    let error = SqlStore::open(&db.url).await.unwrap_err();
    assert!(matches!(error, OpenError::NewerSchema { found: 9_999, .. }), "{error:?}");
    assert!(error.to_string().contains("Start the newer version"), "{error}");
}

async fn another_schema_is_refused(db: TestDatabase) {
    db.execute("UPDATE _sqlx_migrations SET checksum = '' WHERE version = 1").await;
    let error = SqlStore::open(&db.url).await.unwrap_err();
    assert!(matches!(error, OpenError::OtherSchema { version: 1, .. }), "{error:?}");
}

async fn answers_a_ping_until_it_is_closed(db: TestDatabase) {
    db.store.ping().await.unwrap();
    db.store.close().await;
    db.store.ping().await.unwrap_err();
}

#[tokio::test]
async fn sqlite_makes_the_folder_and_a_file_for_its_owner_alone() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("not/there yet/farshore.db");
    let store = SqlStore::open(&format!("sqlite://{}", file.display())).await.unwrap();
    store.insert_department(&department(1, "Finance")).await.unwrap();
    for entry in fs::read_dir(file.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{entry:?}");
    }
}

#[tokio::test]
async fn sqlite_says_what_is_wrong_with_the_file() {
    let folder = TempDir::new().unwrap();
    let here = folder.path().display();

    // A folder where the file should be.
    let error = SqlStore::open(&format!("sqlite://{here}")).await.unwrap_err();
    assert!(matches!(error, OpenError::File { .. }), "{error:?}");

    fs::write(folder.path().join("note.txt"), "not a database, and longer than the header of one").unwrap();
    let error = SqlStore::open(&format!("sqlite://{here}/note.txt")).await.unwrap_err();
    assert!(matches!(error, OpenError::Database { .. }), "{error:?}");
    assert!(chain(&error).contains("restore the last backup"), "{}", chain(&error));

    // A file where the folder should be.
    let error = SqlStore::open(&format!("sqlite://{here}/note.txt/farshore.db")).await.unwrap_err();
    assert!(matches!(error, OpenError::Folder { .. }), "{error:?}");
    assert!(error.to_string().contains("make it, and give"), "{error}");
}

#[tokio::test]
async fn an_address_that_names_no_database_is_refused() {
    for url in ["", "mysql://host/db", "sqlite://", "sqlite://:memory:", "sqlite:///a.db?mode=ro", "/a.db"] {
        let error = SqlStore::open(url).await.unwrap_err();
        assert!(matches!(error, OpenError::UnknownAddress), "{url}: {error:?}");
    }
    let error = SqlStore::open("postgres://user:secret@host:port/db").await.unwrap_err();
    assert!(matches!(error, OpenError::Address(_)), "{error:?}");
    assert!(!format!("{error:?} {}", chain(&error)).contains("secret"), "{error:?}");
}

#[tokio::test]
async fn postgres_says_what_is_wrong_with_the_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = listener.local_addr().unwrap();
    drop(listener);
    let error = SqlStore::open(&format!("postgres://user:secret@{free}/db")).await.unwrap_err();
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains(&free.to_string()), "{error}");
    assert!(!format!("{error:?} {}", chain(&error)).contains("secret"), "{error:?}");

    let Some(folder) = cluster::socket_folder() else { return };
    let error = SqlStore::open(&cluster::address(folder, "nowhere")).await.unwrap_err();
    assert!(matches!(error, OpenError::NoDatabase { .. }), "{error:?}");
    let stranger = cluster::address(folder, "postgres").replace("farshore@", "stranger@");
    let error = SqlStore::open(&stranger).await.unwrap_err();
    assert!(matches!(error, OpenError::SignIn { .. }), "{error:?}");
}
