//! What the words of Farshore mean: ids, states with their legal transitions, plans, runs, targets and
//! roles. Pure `serde` types without I/O, shared by the server and the browser.

pub mod audit;
pub mod department;
pub mod group;
pub mod id;
pub mod kind;
pub mod lease;
pub mod ledger;
pub mod obligation;
pub mod pairing;
pub mod people;
pub mod plan;
pub mod problem;
pub mod readiness;
pub mod region_map;
pub mod replication_settings;
pub mod role;
pub mod run;
pub mod sync_run;
pub mod time;
pub mod view;
pub mod workspace;

pub use id::*;
pub use lease::Lease;
pub use problem::{Problem, ProblemKind};
pub use role::{Actor, Role};
pub use time::{Clock, DurationMs, IdSource, Timestamp};
