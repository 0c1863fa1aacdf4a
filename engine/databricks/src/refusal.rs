//! From an answer that is an error to what it means.

use std::time::Duration;

use crate::{
    ApiError, ErrorKind,
    call::Call,
    error_body::{ErrorBody, Shape},
};

/// What the headers of an answer tell beside its body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signs {
    /// `X-Databricks-Org-Id`: only a workspace sends it.
    pub(crate) org_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// Whether the body is called JSON.
    pub(crate) is_json: bool,
}

/// The error that an answer with this status, which is no success, stands for.
pub(crate) fn refusal(call: &Call, status: u16, signs: &Signs, body: &[u8]) -> ApiError {
    let body = ErrorBody::parse(body);
    let kind = kind_of(status, signs, &body, call.object_id.as_deref());
    // Also of a 503: what stands before the workspace may say it after it has passed the call on.
    let is_unclear =
        call.endpoint.changes_something() && matches!(kind, ErrorKind::Server | ErrorKind::TimedOut);
    ApiError::new(kind, call.endpoint.name(), message_of(kind, status, &body))
        .with_status(status)
        .with_code(body.code)
        .with_retry_after(signs.retry_after)
        .with_unclear_effect(is_unclear)
}

fn kind_of(status: u16, signs: &Signs, body: &ErrorBody, object_id: Option<&str>) -> ErrorKind {
    if let Some(kind) = body.code.as_deref().and_then(|code| kind_of_code(code, status, body, object_id)) {
        return kind;
    }
    let is_workspace = signs.org_id.is_some() || body.shape.is_databricks();
    match status {
        429 => ErrorKind::Throttled,
        408 | 504 => ErrorKind::TimedOut,
        413 => ErrorKind::TooLarge,
        501 => ErrorKind::FeatureDisabled,
        500..=599 => ErrorKind::Server,
        400 | 401 | 403 if says_token_is_bad(&body.message) => ErrorKind::Unauthenticated,
        // "Gone" must be the workspace's own word: read as a deletion, a proxy's 404 would do harm.
        404 if signs.org_id.is_some() || (is_workspace && body.shape != Shape::Api12) => ErrorKind::NotFound,
        // No proxy calls an empty page JSON, or knows the object by its name.
        404 if signs.is_json && (body.shape == Shape::Empty || says_missing(&body.message, object_id)) => {
            ErrorKind::NotFound
        }
        404 => ErrorKind::NotDatabricks,
        _ if !is_workspace && body.shape != Shape::Empty => ErrorKind::NotDatabricks,
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::Forbidden,
        409 if body.message.to_ascii_lowercase().contains("already exists") => ErrorKind::AlreadyExists,
        409 => ErrorKind::Conflict,
        _ => ErrorKind::Invalid,
    }
}

fn kind_of_code(code: &str, status: u16, body: &ErrorBody, object_id: Option<&str>) -> Option<ErrorKind> {
    Some(match code {
        "INVALID_PARAMETER_VALUE" if says_missing(&body.message, object_id) => ErrorKind::NotFound,
        "ENDPOINT_NOT_FOUND" | "FEATURE_DISABLED" | "NOT_IMPLEMENTED" => ErrorKind::FeatureDisabled,
        "REQUEST_LIMIT_EXCEEDED" => ErrorKind::Throttled,
        "RESOURCE_EXHAUSTED" if status == 429 => ErrorKind::Throttled,
        "RESOURCE_EXHAUSTED" | "QUOTA_EXCEEDED" | "RESOURCE_LIMIT_EXCEEDED" => ErrorKind::QuotaExceeded,
        "MAX_NOTEBOOK_SIZE_EXCEEDED" | "MAX_BLOCK_SIZE_EXCEEDED" | "MAX_READ_SIZE_EXCEEDED" => {
            ErrorKind::TooLarge
        }
        // What the permissions of a cluster answer that was removed for good.
        "INVALID_STATE" if body.message.contains("Cannot access cluster") => ErrorKind::NotFound,
        "ABORTED" | "INVALID_STATE" | "RESOURCE_CONFLICT" | "DIRECTORY_NOT_EMPTY" => ErrorKind::Conflict,
        "UNAUTHENTICATED" | "invalid_client" | "unauthorized_client" | "invalid_grant" => {
            ErrorKind::Unauthenticated
        }
        "PERMISSION_DENIED" if says_token_is_bad(&body.message) => ErrorKind::Unauthenticated,
        "PERMISSION_DENIED" => ErrorKind::Forbidden,
        "TEMPORARILY_UNAVAILABLE" | "INTERNAL_ERROR" => ErrorKind::Server,
        "DEADLINE_EXCEEDED" => ErrorKind::TimedOut,
        "NOT_FOUND" => ErrorKind::NotFound,
        "ALREADY_EXISTS" | "uniqueness" => ErrorKind::AlreadyExists,
        _ if code.ends_with("_DOES_NOT_EXIST") => ErrorKind::NotFound,
        _ if code.ends_with("_ALREADY_EXISTS") => ErrorKind::AlreadyExists,
        _ => return None,
    })
}

/// Whether a message says that the object with this very id is not there. "Cluster X does not exist", said of
/// a job that is being created, is a fault of the request instead.
fn says_missing(message: &str, object_id: Option<&str>) -> bool {
    let Some(id) = object_id.filter(|id| !id.is_empty()) else { return false };
    let lower = message.to_ascii_lowercase();
    let is_missing = ["does not exist", "doesn't exist", "can't find", "cannot find", "not found"]
        .iter()
        .any(|phrase| lower.contains(phrase));
    let is_part_of_a_word =
        |character: char| character.is_alphanumeric() || character == '-' || character == '_';
    is_missing
        && message.match_indices(id).any(|(start, _)| {
            let before = message[..start].chars().next_back();
            let after = message[start + id.len()..].chars().next();
            !before.is_some_and(is_part_of_a_word) && !after.is_some_and(is_part_of_a_word)
        })
}

/// Some endpoints answer 403 PERMISSION_DENIED, or 400, to a token that was never valid.
fn says_token_is_bad(message: &str) -> bool {
    let lower = message.to_ascii_lowercase();
    ["invalid access token", "invalid token", "token is expired", "token has expired", "token expired"]
        .iter()
        .any(|phrase| lower.contains(phrase))
}

fn message_of(kind: ErrorKind, status: u16, body: &ErrorBody) -> String {
    match (kind, body.message.as_str()) {
        (ErrorKind::NotDatabricks, "") => format!("HTTP {status} without a word from a workspace"),
        (ErrorKind::NotDatabricks, title) if body.shape == Shape::Html => {
            format!("a web page titled {title:?} with HTTP {status}")
        }
        (_, "") => format!("HTTP {status} without a description"),
        (_, message) => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Endpoint;

    const GET_CLUSTER: Endpoint = Endpoint::read("/api/2.1/clusters/get");
    const CREATE_JOB: Endpoint = Endpoint::once("/api/2.2/jobs/create");

    fn kind(status: u16, body: &str) -> ErrorKind {
        refusal(&Call::new(GET_CLUSTER).about("0101-abc"), status, &Signs::default(), body.as_bytes()).kind()
    }

    fn coded(code: &str, message: &str) -> String {
        serde_json::json!({"error_code": code, "message": message}).to_string()
    }

    #[test]
    fn codes_decide_before_the_status() {
        for (status, code, expected) in [
            (404, "RESOURCE_DOES_NOT_EXIST", ErrorKind::NotFound),
            (404, "METASTORE_DOES_NOT_EXIST", ErrorKind::NotFound),
            (404, "ENDPOINT_NOT_FOUND", ErrorKind::FeatureDisabled),
            (400, "RESOURCE_ALREADY_EXISTS", ErrorKind::AlreadyExists),
            (409, "ALREADY_EXISTS", ErrorKind::AlreadyExists),
            (409, "ABORTED", ErrorKind::Conflict),
            (400, "INVALID_STATE", ErrorKind::Conflict),
            (400, "DIRECTORY_NOT_EMPTY", ErrorKind::Conflict),
            (400, "INVALID_PARAMETER_VALUE", ErrorKind::Invalid),
            (400, "MAX_NOTEBOOK_SIZE_EXCEEDED", ErrorKind::TooLarge),
            (429, "RESOURCE_EXHAUSTED", ErrorKind::Throttled),
            (429, "REQUEST_LIMIT_EXCEEDED", ErrorKind::Throttled),
            (400, "QUOTA_EXCEEDED", ErrorKind::QuotaExceeded),
            (429, "QUOTA_EXCEEDED", ErrorKind::QuotaExceeded),
            (400, "RESOURCE_EXHAUSTED", ErrorKind::QuotaExceeded),
            (403, "FEATURE_DISABLED", ErrorKind::FeatureDisabled),
            (403, "PERMISSION_DENIED", ErrorKind::Forbidden),
            (500, "INTERNAL_ERROR", ErrorKind::Server),
            (418, "SOMETHING_NEW", ErrorKind::Invalid),
        ] {
            assert_eq!(kind(status, &coded(code, "words")), expected, "{status} {code}");
        }
    }

    #[test]
    fn a_missing_object_is_told_from_a_missing_reference() {
        let missing = coded("INVALID_PARAMETER_VALUE", "Cluster 0101-abc does not exist");
        assert_eq!(kind(400, &missing), ErrorKind::NotFound);
        assert_eq!(
            kind(400, &coded("INVALID_PARAMETER_VALUE", "Cluster 0101-abcd does not exist")),
            ErrorKind::Invalid
        );
        let create = refusal(&Call::new(CREATE_JOB), 400, &Signs::default(), missing.as_bytes());
        assert_eq!(create.kind(), ErrorKind::Invalid);
    }

    #[test]
    fn a_refused_token_is_recognised_in_each_of_its_forms() {
        assert_eq!(kind(401, ""), ErrorKind::Unauthenticated);
        assert_eq!(kind(401, r#"{"error_code":401,"message":"x"}"#), ErrorKind::Unauthenticated);
        assert_eq!(
            kind(403, &coded("PERMISSION_DENIED", "Invalid access token.")),
            ErrorKind::Unauthenticated
        );
        assert_eq!(kind(403, "<html><pre>Invalid access token</pre></html>"), ErrorKind::Unauthenticated);
        assert_eq!(
            kind(400, r#"{"error":"invalid_client","error_description":"x"}"#),
            ErrorKind::Unauthenticated
        );
    }

    #[test]
    fn statuses_decide_where_there_is_no_code() {
        assert_eq!(kind(429, ""), ErrorKind::Throttled);
        assert_eq!(kind(429, "<html>slow down</html>"), ErrorKind::Throttled);
        assert_eq!(kind(503, "<html>maintenance</html>"), ErrorKind::Server);
        assert_eq!(kind(504, ""), ErrorKind::TimedOut);
        assert_eq!(kind(413, "<html>nginx</html>"), ErrorKind::TooLarge);
        assert_eq!(kind(403, ""), ErrorKind::Forbidden);
        assert_eq!(kind(400, r#"{"error":"ContextNotFound"}"#), ErrorKind::Invalid);
        assert_eq!(
            kind(404, r#"{"schemas":[],"detail":"no such user","status":"404"}"#),
            ErrorKind::NotFound
        );
        assert_eq!(kind(404, "RESOURCE_DOES_NOT_EXIST: no"), ErrorKind::NotFound);
        for taken in [
            r#"{"schemas":[],"detail":"User with username a already exists.","status":"409"}"#,
            r#"{"schemas":[],"detail":"taken","status":"409","scimType":"uniqueness"}"#,
        ] {
            assert_eq!(kind(409, taken), ErrorKind::AlreadyExists);
        }
    }

    #[test]
    fn another_web_server_cannot_say_that_something_is_gone() {
        for body in [
            "",
            "<html><title>404</title></html>",
            r#"{"error":"Not Found"}"#,
            r#"{"message":"no route"}"#,
            r#"{"detail":"Not Found"}"#,
        ] {
            assert_eq!(kind(404, body), ErrorKind::NotDatabricks, "{body}");
        }
        let signs = Signs { org_id: Some("1".to_owned()), ..Signs::default() };
        let error = refusal(&Call::new(GET_CLUSTER), 404, &signs, b"");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(kind(403, "<html><title>Blocked</title></html>"), ErrorKind::NotDatabricks);
        let json = Signs { is_json: true, ..Signs::default() };
        let kind_of_json = |body: &str| {
            refusal(&Call::new(GET_CLUSTER).about("0101-abc"), 404, &json, body.as_bytes()).kind()
        };
        assert_eq!(kind_of_json(""), ErrorKind::NotFound);
        assert_eq!(kind_of_json(r#"{"message":"clusters 0101-abc not found."}"#), ErrorKind::NotFound);
        assert_eq!(kind_of_json(r#"{"message":"no route"}"#), ErrorKind::NotDatabricks);
        assert_eq!(kind_of_json(r#"{"detail":"Not Found"}"#), ErrorKind::NotDatabricks);
    }

    #[test]
    fn only_an_unclear_failure_of_a_changing_call_may_have_taken_effect() {
        let is_unclear = |endpoint, status| {
            refusal(&Call::new(endpoint), status, &Signs::default(), b"").may_have_taken_effect()
        };
        assert!(is_unclear(CREATE_JOB, 500));
        assert!(is_unclear(CREATE_JOB, 504));
        assert!(is_unclear(CREATE_JOB, 503), "a proxy may have passed it on");
        assert!(!is_unclear(CREATE_JOB, 429));
        assert!(!is_unclear(CREATE_JOB, 400));
        assert!(!is_unclear(GET_CLUSTER, 500));
    }
}
