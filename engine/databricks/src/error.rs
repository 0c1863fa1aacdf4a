//! What can go wrong with a call, in the words of the panel.

use std::{sync::Arc, time::Duration};

/// The result of a call to a workspace.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

/// A call to a workspace failed.
///
/// Its `Display` names the endpoint and repeats what the workspace said; [`remedy`](Self::remedy) is the
/// sentence for a person. It never contains a token.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{endpoint}: {message}{}", status_suffix(.status, .code))]
pub struct ApiError {
    kind: ErrorKind,
    endpoint: String,
    status: Option<u16>,
    code: Option<String>,
    message: String,
    retry_after: Option<Duration>,
    has_unclear_effect: bool,
    #[source]
    source: Option<Arc<reqwest::Error>>,
}

/// What a failure means to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// No connection came about, or it broke before an answer began.
    Unreachable,
    /// The host did not answer in time.
    TimedOut,
    /// The token or the client secret is refused.
    Unauthenticated,
    /// The credential is good, but may not do this.
    Forbidden,
    /// The workspace says, in its own words, that the object is not there.
    NotFound,
    /// An object of that name exists.
    AlreadyExists,
    /// The request is refused as it stands; repeating it does not help.
    Invalid,
    /// The content is larger than the workspace accepts.
    TooLarge,
    /// Too many requests.
    Throttled,
    /// The workspace or the account has reached a limit on how many objects it may hold.
    QuotaExceeded,
    /// The workspace does not have this feature.
    FeatureDisabled,
    /// Something else than Databricks answered: a login page, a proxy, another web server.
    NotDatabricks,
    /// The answer broke off, is not parsable, or lacks what it must contain.
    HalfAnswer,
    /// The workspace failed.
    Server,
    /// The object's state does not allow this now, or somebody else was faster.
    Conflict,
}

impl ErrorKind {
    /// The name under which it is stored and shown, such as `timed_out`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::AlreadyExists => "already_exists",
            Self::Invalid => "invalid",
            Self::TooLarge => "too_large",
            Self::Throttled => "throttled",
            Self::QuotaExceeded => "quota_exceeded",
            Self::FeatureDisabled => "feature_disabled",
            Self::NotDatabricks => "not_databricks",
            Self::HalfAnswer => "half_answer",
            Self::Server => "server",
            Self::Conflict => "conflict",
        }
    }
}

impl ApiError {
    /// An error of which nothing more is known than this. Callers need it for their own fakes of a workspace.
    pub fn new(kind: ErrorKind, endpoint: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind,
            endpoint: endpoint.into(),
            status: None,
            code: None,
            message: message.into(),
            retry_after: None,
            has_unclear_effect: false,
            source: None,
        }
    }

    /// With the HTTP status of the answer.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// With the error code of the answer, such as `RESOURCE_DOES_NOT_EXIST`.
    #[must_use]
    pub fn with_code(mut self, code: Option<String>) -> Self {
        self.code = code;
        self
    }

    /// With the wait that the workspace asked for.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// With whether the call may have changed something although it failed.
    #[must_use]
    pub fn with_unclear_effect(mut self, is_unclear: bool) -> Self {
        self.has_unclear_effect = is_unclear;
        self
    }

    pub(crate) fn with_source(mut self, source: reqwest::Error) -> Self {
        // The address may carry object names in its query; the endpoint says enough.
        self.source = Some(Arc::new(source.without_url()));
        self
    }

    /// With every occurrence of `secret` blackened: a workspace or a proxy might repeat what it was sent.
    pub(crate) fn without_secret(mut self, secret: &str) -> Self {
        if !secret.is_empty() && self.message.contains(secret) {
            self.message = self.message.replace(secret, "[redacted]");
        }
        self
    }

    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Which endpoint was called, such as `jobs/create`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The HTTP status, when an answer came.
    pub const fn status(&self) -> Option<u16> {
        self.status
    }

    /// The workspace's own error code, when it gave one.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// What the workspace, or the network, said.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How long the workspace asked us to wait.
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether the same call may succeed later without anybody doing anything. Before a creating call is
    /// repeated, ask [`may_have_taken_effect`](Self::may_have_taken_effect).
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Unreachable
                | ErrorKind::TimedOut
                | ErrorKind::Throttled
                | ErrorKind::Server
                | ErrorKind::HalfAnswer
        )
    }

    /// Whether the call may have changed the workspace although it failed: its answer was lost. Whoever created
    /// something must look for it before creating it again.
    pub const fn may_have_taken_effect(&self) -> bool {
        self.has_unclear_effect
    }
}

fn status_suffix(status: &Option<u16>, code: &Option<String>) -> String {
    match (status, code) {
        (Some(status), Some(code)) => format!(" ({code}, HTTP {status})"),
        (Some(status), None) => format!(" (HTTP {status})"),
        (None, Some(code)) => format!(" ({code})"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_endpoint_the_code_and_the_status() {
        let error = ApiError::new(ErrorKind::Invalid, "jobs/create", "no tasks")
            .with_status(400)
            .with_code(Some("INVALID_PARAMETER_VALUE".to_owned()));
        assert_eq!(error.to_string(), "jobs/create: no tasks (INVALID_PARAMETER_VALUE, HTTP 400)");
        assert_eq!(
            ApiError::new(ErrorKind::TimedOut, "jobs/list", "no answer").to_string(),
            "jobs/list: no answer"
        );
    }

    #[test]
    fn a_repeated_secret_is_blackened() {
        let error = ApiError::new(ErrorKind::Unauthenticated, "Me", "token dapi123 is invalid");
        assert_eq!(error.without_secret("dapi123").message(), "token [redacted] is invalid");
    }
}
