//! Turns the errors of the layers below into the words that a person needs. The chain of causes is logged here,
//! once; what is shown never holds it.

use std::error::Error;

use farshore_databricks::ApiError;
use farshore_model::{Problem, ProblemKind};

use crate::{store::StoreError, vault::VaultError};

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// What is looked for. PostgreSQL takes no text with a NUL character, and nothing has one in its name.
pub(crate) fn check_searched(field: &str, text: &str) -> Result<(), Problem> {
    match text.contains('\0') {
        true => {
            Err(Problem::field(field, "This has a NUL character in it, which no name, key or address has."))
        }
        false => Ok(()),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
pub(crate) fn from_store(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound => crate::audit::not_found("thing any more"),
        StoreError::Stale => Problem::new(
            ProblemKind::Stale,
            "Somebody else changed this while you were editing it.",
            "Their change is kept, yours was not saved and is still in the form.",
            "Look at what is stored now, and save yours again if it is to replace it.",
        ),
        StoreError::Taken(what) => Problem::field(what, format!("This {what} is already taken.")),
        StoreError::NotNow | StoreError::LeaseLost => Problem::new(
            ProblemKind::NotNow,
            "This has moved on meanwhile, and cannot be done in its present state.",
            "Nothing was changed.",
            "Reload the page to see where it stands.",
        ),
        StoreError::Backend(..) => {
            tracing::error!(error = chain(&error), "the store failed");
            Problem::new(
                ProblemKind::Internal,
                "The panel's database did not answer as it should.",
                "What was committed before is safe; this request changed nothing that it did not report.",
                "Try again; if it stays, look into the server's log with the request id.",
            )
        }
    }
}

pub(crate) fn from_workspace(error: &ApiError) -> Problem {
    tracing::warn!(error = chain(error), endpoint = error.endpoint(), "a workspace call failed");
    Problem::new(
        ProblemKind::Workspace,
        error.to_string(),
        "Nothing was changed in the panel, and what was known before is kept.",
        error.remedy(),
    )
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
pub(crate) fn from_vault(error: VaultError) -> Problem {
    tracing::error!(%error, "the vault failed");
    Problem::new(
        ProblemKind::Internal,
        "A workspace's credential could not be read with this server's key.",
        "The credential is still stored, encrypted.",
        "Start the server with the key file that it was stored with (FARSHORE_KEY_FILE), or enter the token anew.",
    )
}

/// It cannot be done in the present state.
pub(crate) fn not_now(what_happened: impl Into<String>, what_to_do: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::NotNow, what_happened, "Nothing was changed.", what_to_do)
}
