//! The binary that ships, as a process, against two simulated workspaces as processes: the main job through the
//! API, kills, bad input, and who may do what.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_input;
mod harness;
mod kills;
mod main_job;
mod refusals;
