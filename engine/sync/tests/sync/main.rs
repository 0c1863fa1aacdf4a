//! The sync engine against two simulated workspaces, over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_listings;
mod brake;
mod carried;
mod carry_back;
mod changes;
mod clusters;
mod content;
mod crashes;
mod dbfs_files;
mod deletes;
mod demo;
mod drift;
mod fencing;
mod files;
mod filters;
mod first_copy;
mod handling;
mod init_scripts;
mod instance_profiles;
mod jobs;
mod kind_by_kind;
mod known_mistakes;
mod order;
mod other_workspaces;
mod outcomes;
mod people;
mod permissions;
mod pools;
mod region_map;
mod unlisted_folders;
mod world;
