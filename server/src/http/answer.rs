//! A problem as an answer: the status that says it to programs, the words that say it to people.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use farshore_model::Problem;

/// `application/problem+json` with the fields of [`Problem`].
#[derive(Debug)]
pub(crate) struct ProblemResponse(pub Problem);

impl From<Problem> for ProblemResponse {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.kind.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self.0)).into_response();
        let kind = header::HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}
