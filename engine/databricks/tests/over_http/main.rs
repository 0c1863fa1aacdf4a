//! The client against small servers on loopback that answer as a workspace does, or as it should not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod administration;
mod credentials;
mod dbfs;
mod dialect;
mod identity;
mod jobs;
mod objects;
mod paging;
mod permissions;
mod principals;
mod refusals;
mod retries;
mod scripted;
mod tree;
mod tree_content;
mod unreachable;
