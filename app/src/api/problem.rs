//! The error of every server function: a [`Problem`], and what the person had typed.

use std::{fmt, ops::Deref};

use farshore_model::{Problem, ProblemKind};
use leptos::server_fn::{codec::JsonEncoding, error::FromServerFnError, error::ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// A [`Problem`] on its way to the page. Without JavaScript it travels in the address of the page that is shown
/// again, and so does what was typed into the form, which would be lost otherwise. Never put a secret there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiProblem {
    pub problem: Problem,
    /// Names and values of form fields.
    #[serde(default)]
    typed: Vec<(String, String)>,
}

impl ApiProblem {
    /// Adds what had been typed, so that it stands in the form again.
    pub fn with_typed(mut self, fields: &[(&str, &str)]) -> Self {
        self.typed.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// What had been typed into a field.
    pub fn typed(&self, field: &str) -> Option<&str> {
        self.typed.iter().find_map(|(name, value)| (name == field).then_some(value.as_str()))
    }

    /// Why a field does not fit.
    pub fn field_error(&self, field: &str) -> Option<String> {
        self.problem.fields.iter().find_map(|(name, why)| (name == field).then(|| why.clone()))
    }
}

impl Deref for ApiProblem {
    type Target = Problem;

    fn deref(&self) -> &Problem {
        &self.problem
    }
}

impl From<Problem> for ApiProblem {
    /// On the server the id of the request is added, under which the log tells more, and the answer to a script
    /// gets the status of the problem.
    fn from(problem: Problem) -> Self {
        #[cfg(feature = "ssr")]
        let problem = answered(problem);
        Self { problem, typed: Vec::new() }
    }
}

#[cfg(feature = "ssr")]
fn answered(problem: Problem) -> Problem {
    use leptos::prelude::use_context;

    if use_context::<http::request::Parts>().is_some_and(|parts| is_called_by_script(&parts))
        && let Some(response) = use_context::<leptos_axum::ResponseOptions>()
        && let Ok(status) = http::StatusCode::from_u16(problem.kind.http_status())
    {
        response.set_status(status);
    }
    let request_id = problem.request_id.or_else(|| use_context::<super::RequestId>().map(|id| id.0));
    Problem { request_id, ..problem }
}

/// A server function, and not called by a form without JavaScript, whose answer leads back to its page.
#[cfg(feature = "ssr")]
fn is_called_by_script(parts: &http::request::Parts) -> bool {
    let wants_page = parts.headers.get(http::header::ACCEPT).and_then(|accept| accept.to_str().ok());
    parts.uri.path().starts_with("/sfn/") && !wants_page.is_some_and(|accept| accept.contains("text/html"))
}

impl fmt::Display for ApiProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for ApiProblem {}

impl FromServerFnError for ApiProblem {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let problem = match error {
            ServerFnErrorErr::Request(_) => Problem::new(
                ProblemKind::Internal,
                "The panel did not answer.",
                "What was recorded on the server is safe; this page shows the last state it read.",
                "Check the connection and try again.",
            ),
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Serialization(_) => Problem::new(
                ProblemKind::Invalid,
                "The form did not arrive as the panel expects it.",
                "Nothing was changed.",
                "Reload the page and fill the form in again.",
            ),
            _ => Problem::new(
                ProblemKind::Internal,
                "The answer of the panel could not be read.",
                "What was recorded on the server is safe.",
                "Reload the page: the panel may have been updated.",
            ),
        };
        Self::from(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_survives_the_way_through_an_address() {
        let refused =
            ApiProblem::from(Problem::field("name", "A name is needed.")).with_typed(&[("rpo", "15")]);
        let back = ApiProblem::de(refused.ser());
        assert_eq!(back, refused);
        assert_eq!(back.typed("rpo"), Some("15"));
        assert_eq!(back.typed("token"), None);
        assert_eq!(back.field_error("name").as_deref(), Some("A name is needed."));
    }
}
