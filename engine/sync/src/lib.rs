//! The sync engine: makes one side of a workspace pair equal to the other one.
//!
//! It is a reconciler. Every run lists both sides, recomputes the difference and converges, so that running
//! it twice changes nothing. Three states decide about each object: what both sides last agreed on (the
//! [`ledger`]), what the source has now, and what the target has now. Which side is the source is an
//! argument: replication and the carrying back of a failback are the same code.
//!
//! # What it promises
//! - **Nothing is read as empty.** A listing that failed, was throttled or was answered by half gives a
//!   [`PlanError`] and no plan, never deletions.
//! - **The plan leaves no choice.** The planner is pure; the plan is stored, hashed and immutable, and
//!   [`apply_plan`] does what it says or reports why it could not.
//! - **Nothing is created twice.** Before a create goes out, its intent is committed to the ledger; the mark
//!   in it travels inside the object. After a crash or a lost answer the mark is looked for first.
//! - **The target stays passive.** Pools keep no idle instances, clusters end up terminated, jobs have no
//!   concurrency and paused triggers from their creation on. What they do where they are active is kept in
//!   the ledger, and given back by [`activation`].
//! - **One bad object never stops a run.** It becomes an outcome on that object, with a remedy.

pub mod activation;
mod ahead;
mod apply;
mod at_work;
mod body;
mod brake;
mod canonical;
mod carried;
mod cluster_spec;
pub mod context;
pub mod contract;
mod diff;
mod entry;
pub mod error;
mod id_map;
mod inventory;
mod kinds;
pub mod ledger;
mod make_plan;
mod memory_ledger;
mod observe;
mod order;
pub mod outcome;
mod partial_plan;
pub mod passive;
mod people;
mod places;
mod planner;
pub mod policy;
mod recovery;
mod references;
mod region;
mod regional;
mod remark;
mod render;
mod rotation;
mod scope;
pub mod step_log;

pub use ahead::leaves_target_ahead;
pub use apply::apply_plan;
pub use brake::brake;
pub use context::{PairContext, SideContext, SyncOptions, WorkspaceEnd};
pub use error::{ApplyError, FenceError, PlanError, ReleaseError};
pub use ledger::{Carried, LedgerError, LedgerStore, SyncLease, Watermarks};
pub use make_plan::make_plan;
pub use memory_ledger::MemoryLedger;
pub use outcome::{ApplyReport, OutcomeSink, SinkError};
pub use partial_plan::make_partial_plan;
pub use people::{People, compare_people, list_people};
pub use policy::{Deletes, OnBothChanged, OnTargetChanged, SyncPolicy};
pub use region::preview as preview_region_map;
pub use regional::list_regional;
pub use remark::OUT_OF_SCOPE;
pub use render::render_text;
pub use rotation::{is_verified_in_turn, verified_since};
pub use step_log::{SilentLog, StepLog};
