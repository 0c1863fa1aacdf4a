//! Why a plan could not be made or applied as a whole. What goes wrong with one object is an outcome instead.

use farshore_databricks::ApiError;
use farshore_model::group::Side;

use crate::{ledger::LedgerError, outcome::SinkError};

#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Whatever is missing from a listing that failed is unknown, not deleted.
    #[error(
        "the {what} of the {side} workspace could not be listed completely, so there is no plan; nothing was \
         changed, and nothing counts as deleted"
    )]
    List { side: Side, what: &'static str, source: ApiError },
    #[error(
        "the {what} {name:?} of the {side} workspace could not be read for comparison, so there is no plan; \
         nothing was changed"
    )]
    Read { side: Side, what: &'static str, name: String, source: ApiError },
    #[error(
        "the ledger could not be read or written, so there is no plan; nothing was changed in a workspace"
    )]
    Ledger(#[from] LedgerError),
}

impl PlanError {
    /// What to do, for a person.
    pub fn remedy(&self) -> String {
        match self {
            Self::List { source, .. } | Self::Read { source, .. } => source.remedy(),
            Self::Ledger(LedgerError::LeaseLost) => TAKEN_OVER.to_owned(),
            Self::Ledger(LedgerError::Store(_)) => STORE_REMEDY.to_owned(),
        }
    }

    /// The workspace's own answer, when it was one that failed.
    pub const fn api_error(&self) -> Option<&ApiError> {
        match self {
            Self::List { source, .. } | Self::Read { source, .. } => Some(source),
            Self::Ledger(_) => None,
        }
    }

    pub const fn is_lease_lost(&self) -> bool {
        matches!(self, Self::Ledger(LedgerError::LeaseLost))
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// One call after the other found nobody: going on would only add a time-out for each object.
    #[error(
        "the {side} workspace stopped answering, so the sync stopped; what was applied until then is recorded, \
         and the next sync goes on from there"
    )]
    Unreachable { side: Side, source: ApiError },
    #[error("the ledger could not be read or written, so the sync stopped; what was applied is found again")]
    Ledger(#[from] LedgerError),
    #[error("an outcome could not be recorded, so the sync stopped; what was applied is found again")]
    Sink(#[from] SinkError),
}

impl ApplyError {
    /// What to do, for a person.
    pub fn remedy(&self) -> String {
        match self {
            Self::Unreachable { source, .. } => source.remedy(),
            Self::Ledger(LedgerError::LeaseLost) | Self::Sink(SinkError::LeaseLost) => TAKEN_OVER.to_owned(),
            Self::Ledger(LedgerError::Store(_)) | Self::Sink(SinkError::Store(_)) => STORE_REMEDY.to_owned(),
        }
    }

    pub const fn is_lease_lost(&self) -> bool {
        matches!(self, Self::Ledger(LedgerError::LeaseLost) | Self::Sink(SinkError::LeaseLost))
    }
}

/// A side could not be fenced, or not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum FenceError {
    #[error("the {what} of the {side} workspace could not be listed, so it is not known to be fenced")]
    List { side: Side, what: &'static str, source: ApiError },
    #[error(
        "the {side} workspace stopped answering while it was being fenced; what was fenced stays so, and what \
         each object did before is in the ledger"
    )]
    Unanswered { side: Side, source: ApiError },
    #[error("the ledger could not be read or written, so the {side} workspace was not fenced further")]
    Ledger { side: Side, source: LedgerError },
}

impl FenceError {
    pub fn remedy(&self) -> String {
        match self {
            Self::List { source, .. } | Self::Unanswered { source, .. } => source.remedy(),
            Self::Ledger { source: LedgerError::LeaseLost, .. } => TAKEN_OVER.to_owned(),
            Self::Ledger { source: LedgerError::Store(_), .. } => STORE_REMEDY.to_owned(),
        }
    }

    pub const fn is_lease_lost(&self) -> bool {
        matches!(self, Self::Ledger { source: LedgerError::LeaseLost, .. })
    }
}

/// Nothing of one kind could be released, because the side could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    #[error("the {what} of the {side} workspace could not be listed, so none was released")]
    List { side: Side, what: &'static str, source: ApiError },
    #[error("the {side} workspace stopped answering while it was being released; what was released stays so")]
    Unanswered { side: Side, source: ApiError },
    #[error(
        "the ledger could not be read or written, so nothing more was released in the {side} workspace; what was \
         released stays so"
    )]
    Ledger { side: Side, source: LedgerError },
}

impl ReleaseError {
    pub fn remedy(&self) -> String {
        match self {
            Self::List { source, .. } | Self::Unanswered { source, .. } => source.remedy(),
            Self::Ledger { source: LedgerError::LeaseLost, .. } => TAKEN_OVER.to_owned(),
            Self::Ledger { source: LedgerError::Store(_), .. } => STORE_REMEDY.to_owned(),
        }
    }
}

const TAKEN_OVER: &str = "Nothing needs to be done: the work goes on in the process that has taken it over.";
const STORE_REMEDY: &str = "Check the panel's database, then start the sync again: it finds what is done.";
