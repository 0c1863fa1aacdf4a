//! The sync engine against two simulated workspaces, over HTTP.

mod bad_listings;
mod carry_back;
mod changes;
mod content;
mod crashes;
mod demo;
mod fencing;
mod first_copy;
mod outcomes;
mod world;
