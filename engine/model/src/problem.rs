//! What went wrong, in the words that a person needs. The one error shape of the interface and the API.

use std::fmt;

use serde::{Deserialize, Serialize};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// Nobody is signed in.
    SignedOut,
    /// The role may not do this.
    Forbidden,
    /// There is no such thing, or the actor may not know of it.
    NotFound,
    /// Somebody else changed it meanwhile.
    Stale,
    /// It cannot be done in the present state.
    NotNow,
    /// What was typed does not fit.
    Invalid,
    /// A workspace did not answer, or refused.
    Workspace,
    /// The panel itself failed.
    Internal,
}

impl ProblemKind {
    pub const fn http_status(self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Stale | Self::NotNow => 409,
            Self::Invalid => 422,
            Self::Workspace => 502,
            Self::Internal => 500,
        }
    }
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub kind: ProblemKind,
    pub what_happened: String,
    /// What is unchanged although this went wrong.
    pub not_lost: String,
    pub what_to_do: String,
    /// For each input field that does not fit, its name and why.
    pub fields: Vec<(String, String)>,
    pub request_id: Option<String>,
}

impl Problem {
    pub fn new(
        kind: ProblemKind,
        what_happened: impl Into<String>,
        not_lost: impl Into<String>,
        what_to_do: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            what_happened: what_happened.into(),
            not_lost: not_lost.into(),
            what_to_do: what_to_do.into(),
            fields: Vec::new(),
            request_id: None,
        }
    }

    /// One field of a form does not fit.
    pub fn field(name: &str, why: impl Into<String>) -> Self {
        let why = why.into();
        let mut problem = Self::new(
            ProblemKind::Invalid,
            why.clone(),
            "Nothing was changed.",
            "Correct the field and send the form again.",
        );
        problem.fields.push((name.to_owned(), why));
        problem
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.what_happened, self.not_lost, self.what_to_do)
    }
}

impl std::error::Error for Problem {}
