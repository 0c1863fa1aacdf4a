//! Why a call got no answer.

use std::error::Error;

use super::Transport;
use crate::{ApiError, ErrorKind, call::Call, rate_budget::Paused};

impl Transport {
    pub(super) fn no_answer(&self, call: &Call, source: reqwest::Error) -> ApiError {
        let endpoint = call.endpoint.name();
        let host = &self.host;
        if source.is_builder() {
            return ApiError::new(ErrorKind::Invalid, endpoint, "the request could not be put together")
                .with_source(source);
        }
        let was_sent = !source.is_connect();
        let (kind, message) = match (source.is_timeout(), was_sent) {
            (true, true) => {
                (ErrorKind::TimedOut, format!("{host} took the request but did not answer in time"))
            }
            (true, false) => (ErrorKind::TimedOut, format!("no connection to {host} came about in time")),
            (false, true) => {
                (ErrorKind::Unreachable, format!("the connection to {host} broke: {}", root_cause(&source)))
            }
            (false, false) => {
                (ErrorKind::Unreachable, format!("cannot connect to {host}: {}", root_cause(&source)))
            }
        };
        ApiError::new(kind, endpoint, message)
            .with_unclear_effect(was_sent && call.endpoint.changes_something())
            .with_source(source)
    }
}

pub(super) fn still_paused(call: &Call, paused: Paused) -> ApiError {
    let message = format!(
        "the workspace asked everybody to leave this endpoint alone for another {} s",
        paused.remaining.as_secs().max(1)
    );
    ApiError::new(ErrorKind::Throttled, call.endpoint.name(), message)
        .with_retry_after(Some(paused.remaining))
}

/// The innermost reason, such as "Connection refused": what wraps it says nothing to a person.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
