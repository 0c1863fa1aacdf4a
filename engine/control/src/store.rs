//! What the use-cases need to have kept, as object-safe traits; SQL lives behind them. Everything that
//! returns has been committed.

mod audit;
mod comparison;
mod department;
mod fence;
mod group;
mod history;
mod lease;
mod ledger_view;
mod outcome;
mod pairing;
mod partial_sync;
mod people_comparison;
mod person;
mod plan;
mod settings;
mod sync_run;
mod workspace;

use std::error::Error;

pub use audit::AuditStore;
pub use comparison::ComparisonStore;
pub use department::DepartmentStore;
pub use fence::FenceStore;
pub use group::GroupStore;
pub use history::HistoryStore;
pub use lease::LeaseStore;
pub use ledger_view::{KindTally, LedgerViewStore};
pub use outcome::OutcomeStore;
pub use pairing::PairingStore;
pub use partial_sync::PartialSyncStore;
pub use people_comparison::PeopleComparisonStore;
pub use person::{PersonStore, StoredPerson};
pub use plan::{PlanHead, PlanStore};
pub use settings::SettingsStore;
pub use sync_run::SyncRunStore;
pub use workspace::{SealedCredential, WorkspaceStore};

use farshore_runbook::RunStore;
use farshore_sync::LedgerStore;

/// Everything at once: what the server hands to [`crate::Control`].
pub trait Store:
    AuditStore
    + ComparisonStore
    + DepartmentStore
    + FenceStore
    + GroupStore
    + HistoryStore
    + LeaseStore
    + LedgerStore
    + LedgerViewStore
    + OutcomeStore
    + PairingStore
    + PartialSyncStore
    + PeopleComparisonStore
    + PersonStore
    + PlanStore
    + RunStore
    + SettingsStore
    + SyncRunStore
    + WorkspaceStore
{
}

impl<T> Store for T where
    T: AuditStore
        + ComparisonStore
        + DepartmentStore
        + FenceStore
        + GroupStore
        + HistoryStore
        + LeaseStore
        + LedgerStore
        + LedgerViewStore
        + OutcomeStore
        + PairingStore
        + PartialSyncStore
        + PeopleComparisonStore
        + PersonStore
        + PlanStore
        + RunStore
        + SettingsStore
        + SyncRunStore
        + WorkspaceStore
{
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no such row")]
    NotFound,
    /// The edit names an older version than the stored one.
    #[error("the row was changed by somebody else")]
    Stale,
    /// A value that must be unique is taken, such as a group's name or a workspace's org id.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// The row is not in a state in which this can be done (a second open sync run of a pair, say).
    #[error("the row is not in the state that this needs")]
    NotNow,
    /// The lease under which the write came is not current: another process owns the work now.
    #[error("the lease was lost")]
    LeaseLost,
    #[error("the database could not {0}")]
    Backend(&'static str, #[source] Box<dyn Error + Send + Sync>),
}
