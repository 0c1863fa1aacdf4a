//! The client against small servers on loopback that answer as a workspace does, or as it should not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod credentials;
mod identity;
mod jobs;
mod objects;
mod paging;
mod refusals;
mod retries;
mod scripted;
mod tree;
mod unreachable;
