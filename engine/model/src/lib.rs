//! What the words of Farshore mean: ids, states with their legal transitions, plans, runs, targets and
//! roles. Pure `serde` types without I/O, shared by the server and the browser.

pub mod id;
pub mod role;
pub mod run;
pub mod time;

pub use id::*;
pub use role::{Actor, Role};
pub use time::{Clock, DurationMs, IdSource, Timestamp};
