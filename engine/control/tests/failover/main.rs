//! Failovers and failbacks from the request to the last changing call: two simulated workspaces over HTTP, the
//! use-cases and workers of this crate, and the SQL store on SQLite.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod approval;
mod brake;
mod choose_version;
mod conflict;
mod content;
mod failback;
mod first_copy;
mod forced;
mod health;
mod kill;
mod lists;
mod people;
mod planned;
mod process;
mod returning_region;
mod run_again;
mod settings;
mod unreleased;
mod world;
