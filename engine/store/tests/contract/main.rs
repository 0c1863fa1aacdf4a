//! The contract of the store: every test runs on SQLite and on PostgreSQL.
//!
//! PostgreSQL is a private cluster, see `cluster.rs`. Where it is not installed its tests fail and say so,
//! unless `FARSHORE_SKIP_POSTGRES=1` is set.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Makes two tests of each function, one an engine; the function gets a fresh database.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test(crate::database::TestDatabase::sqlite().await).await;
            }
        )+}

        mod postgres {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                if let Some(database) = crate::database::TestDatabase::postgres().await {
                    let url = database.url.clone();
                    super::$test(database).await;
                    crate::cluster::remove_database(&url).await;
                }
            }
        )+}
    };
}

mod cluster;
mod database;
mod fixtures;

mod audit;
mod cancelled;
mod connection;
mod department;
mod fence;
mod group;
mod history;
mod lease;
mod ledger;
mod open;
mod outcome;
mod pairing;
mod partial_sync;
mod people_comparison;
mod person;
mod plan;
mod run;
mod schema;
mod session;
mod settings;
mod sync_run;
mod workspace;
