//! The error bodies of the real service.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};

/// An answer that refuses a call, in one of the shapes that the real service has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    pub(crate) retry_after_s: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, error_code: &str, message: impl Into<String>) -> Self {
        let body = json!({"error_code": error_code, "message": message.into(), "details": []});
        Self { status, body, retry_after_s: None }
    }

    /// 400: what was given is wrong. A missing cluster, job or run is told this way too.
    pub(crate) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_PARAMETER_VALUE", message)
    }

    /// 400: the body cannot be read.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST", message)
    }

    /// 400: not possible in the state in which the object is.
    pub(crate) fn invalid_state(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_STATE", message)
    }

    /// 404.
    pub(crate) fn does_not_exist(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "RESOURCE_DOES_NOT_EXIST", message)
    }

    /// 400, as most endpoints of the workspace answer it.
    pub(crate) fn already_exists(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "RESOURCE_ALREADY_EXISTS", message)
    }

    /// 404: there is no such endpoint.
    pub(crate) fn no_endpoint(method: &str, path: &str) -> Self {
        let message = format!("No API found for '{method} {path}'.");
        Self::new(StatusCode::NOT_FOUND, "ENDPOINT_NOT_FOUND", message)
    }

    /// 429.
    pub(crate) fn exhausted(retry_after_s: Option<u64>) -> Self {
        let message = "Current request has to be retried: the workspace's rate limit is reached.";
        Self { retry_after_s, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", message) }
    }

    /// 401 without a credential. The service really sends a number as the code.
    pub(crate) fn no_credential() -> Self {
        let message = "Credential was not sent or was of an unsupported type for this API.";
        let body = json!({"error_code": 401, "message": message});
        Self { status: StatusCode::UNAUTHORIZED, body, retry_after_s: None }
    }

    /// 403 for a credential that is not known. The service really sends a number as the code.
    pub(crate) fn invalid_credential() -> Self {
        let body = json!({"error_code": 403, "message": "Invalid access token."});
        Self { status: StatusCode::FORBIDDEN, body, retry_after_s: None }
    }

    /// The shape of the SCIM endpoints.
    pub(crate) fn scim(status: StatusCode, scim_type: Option<&str>, detail: impl Into<String>) -> Self {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "detail": detail.into(),
            "status": status.as_u16().to_string(),
        });
        if let (Some(scim_type), Some(fields)) = (scim_type, body.as_object_mut()) {
            fields.insert("scimType".into(), scim_type.into());
        }
        Self { status, body, retry_after_s: None }
    }

    /// The shape of OAuth endpoints.
    pub(crate) fn oauth(status: StatusCode, error: &str, description: &str) -> Self {
        Self { status, body: json!({"error": error, "error_description": description}), retry_after_s: None }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body.to_string()));
        *response.status_mut() = self.status;
        let json = header::HeaderValue::from_static("application/json; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
