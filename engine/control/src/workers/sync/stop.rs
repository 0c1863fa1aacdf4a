//! Why a sync run stops before its end.

use std::error::Error;

use farshore_model::Problem;
use farshore_sync::{ApplyError, PlanError};

use crate::{
    problem::{chain, from_store},
    store::StoreError,
};

/// Why a sync run stopped before its end.
pub(super) enum Stop {
    /// Another process goes on with it, or it was suspended: nothing may be written here.
    LeaseLost,
    /// To be shown on the run.
    Failed(String),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost => Self::LeaseLost,
            error => Self::Failed(from_store(error).to_string()),
        }
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem.to_string())
    }
}

impl From<PlanError> for Stop {
    fn from(error: PlanError) -> Self {
        tracing::warn!(error = chain(&error), "a sync could not be planned");
        if error.is_lease_lost() { Self::LeaseLost } else { Self::Failed(told(&error, &error.remedy())) }
    }
}

impl From<ApplyError> for Stop {
    fn from(error: ApplyError) -> Self {
        tracing::warn!(error = chain(&error), "a sync stopped");
        if error.is_lease_lost() { Self::LeaseLost } else { Self::Failed(told(&error, &error.remedy())) }
    }
}

/// What happened and what to do, as a person reads it.
fn told(error: &dyn Error, remedy: &str) -> String {
    let what = error.to_string();
    let mut rest = what.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}. {remedy}", rest.as_str())
}
