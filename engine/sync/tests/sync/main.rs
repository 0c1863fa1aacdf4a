//! The sync engine against two simulated workspaces, over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_listings;
mod carry_back;
mod changes;
mod content;
mod crashes;
mod demo;
mod fencing;
mod first_copy;
mod outcomes;
mod permissions;
mod world;
