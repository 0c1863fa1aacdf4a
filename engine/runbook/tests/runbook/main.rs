//! The engine against a fake world that counts what was done to it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends there")]

mod commands;
mod crashes;
mod failures;
mod leases;
mod pauses;
mod store;
mod work;
mod world;
