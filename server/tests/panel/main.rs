//! The binary that ships, as a process, against two simulated workspaces as processes: the main job through the
//! API, kills, bad input, and who may do what.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

/// Makes two tests of each function, one a database engine; the function gets a panel over a fresh database.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {$(
            #[tokio::test]
            async fn $test() {
                super::$test(crate::harness::Panel::start().await).await;
            }
        )+}

        mod postgres {$(
            #[tokio::test]
            async fn $test() {
                if let Some(url) = crate::cluster::new_database().await {
                    super::$test(crate::harness::Panel::start_on(&url).await).await;
                    crate::cluster::remove_database(&url).await;
                }
            }
        )+}
    };
}

/// The private PostgreSQL of the store's contract suite: there is one way to find and start it.
#[path = "../../../engine/store/tests/contract/cluster.rs"]
mod cluster;
mod harness;

mod bad_input;
mod command_line;
mod event_stream;
mod exports;
mod kills;
mod left_alone;
mod main_job;
mod refusals;
mod settings;
