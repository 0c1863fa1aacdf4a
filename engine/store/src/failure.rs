//! A statement that was not carried out, on its way to the error type of whichever trait it was for.

use std::sync::Arc;

use farshore_control::store::StoreError;
use farshore_runbook as runbook;
use farshore_sync::LedgerError;
use sqlx::error::ErrorKind;

use crate::{DatabaseError, database_error};

/// What the database said, and what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Completes the sentence "the database could not …".
    pub(crate) purpose: &'static str,
    pub(crate) error: sqlx::Error,
}

impl Failure {
    /// `StoreError::Taken(what)` when `column` of `table` was to become the same in two rows.
    pub(crate) fn taken(self, table: &str, column: &str, what: &'static str) -> StoreError {
        if self.is_duplicate(table, column) { StoreError::Taken(what) } else { self.into() }
    }

    /// PostgreSQL tells the name of the constraint, SQLite its columns. Constraints are named accordingly.
    pub(crate) fn is_duplicate(&self, table: &str, column: &str) -> bool {
        let Some(error) = self.error.as_database_error() else { return false };
        error.kind() == ErrorKind::UniqueViolation
            && match error.constraint() {
                Some(constraint) => constraint == format!("{table}_{column}_key"),
                None => error.message().contains(&format!("{table}.{column}")),
            }
    }

    pub(crate) fn into_error(self) -> DatabaseError {
        DatabaseError::from(self.error)
    }

    /// The database answered, and something else might have been kept.
    pub(crate) fn is_about_what_was_written(&self) -> bool {
        database_error::is_about_what_was_written(&self.error)
    }

    fn is_reference_missing(&self) -> bool {
        self.error.as_database_error().is_some_and(|error| error.kind() == ErrorKind::ForeignKeyViolation)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        if failure.is_reference_missing() {
            return Self::NotFound;
        }
        Self::Backend(failure.purpose, Box::new(failure.into_error()))
    }
}

impl From<Failure> for runbook::StoreError {
    fn from(failure: Failure) -> Self {
        Self::Backend(failure.purpose, Box::new(failure.into_error()))
    }
}

impl From<Failure> for LedgerError {
    fn from(failure: Failure) -> Self {
        Self::Store(Box::new(failure.into_error()))
    }
}

/// Why a write under a lease did not go on.
#[derive(Debug)]
pub(crate) enum Refusal {
    LeaseLost,
    Failed(Failure),
    /// The same for several who had asked together. The text completes the sentence "the database could not …".
    FailedForAll(&'static str, Arc<DatabaseError>),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::LeaseLost => Self::LeaseLost,
            Refusal::Failed(failure) => failure.into(),
            Refusal::FailedForAll(purpose, error) => Self::Backend(purpose, Box::new(error)),
        }
    }
}

impl From<Refusal> for runbook::StoreError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::LeaseLost => Self::LeaseLost,
            Refusal::Failed(failure) => failure.into(),
            Refusal::FailedForAll(purpose, error) => Self::Backend(purpose, Box::new(error)),
        }
    }
}

impl From<Refusal> for LedgerError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::LeaseLost => Self::LeaseLost,
            Refusal::Failed(failure) => failure.into(),
            Refusal::FailedForAll(_, error) => Self::Store(Box::new(error)),
        }
    }
}
