//! How one item ended: why it failed, or what it is done without.

use farshore_databricks::ApiError;
use farshore_model::group::Side;

use crate::{ledger::LedgerError, passive::is_unanswered};

/// The item is done.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// What the workspace has refused, and the object can do without.
    pub(super) refusal: Option<ApiError>,
}

pub(super) enum Failure {
    /// An outcome on the object; the run goes on.
    Item { error: String, remedy: String, unanswered: Option<Box<Unanswered>> },
    /// The run stops.
    Ledger(LedgerError),
}

/// A call that nobody answered.
pub(super) struct Unanswered {
    pub(super) side: Side,
    pub(super) source: ApiError,
}

impl Failure {
    pub(super) fn item(error: String, remedy: String) -> Self {
        Self::Item { error, remedy, unanswered: None }
    }

    /// A call to the workspace on that side failed.
    pub(super) fn call(side: Side, source: ApiError) -> Self {
        Self::Item {
            error: source.to_string(),
            remedy: source.remedy(),
            unanswered: is_unanswered(&source).then(|| Box::new(Unanswered { side, source })),
        }
    }

    /// The object on that side is not any more what it was when the plan was made.
    pub(super) fn changed_since(side: Side) -> Self {
        Self::item(
            format!("it has changed in {side} since the plan was made"),
            format!("Nothing was written over the change in {side}; the next sync compares again."),
        )
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}
