//! What a handler answers.

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

/// A successful answer.
#[derive(Debug)]
pub(crate) enum Reply {
    /// 200 with a JSON body.
    Json(Value),
    /// 201 with a JSON body, as SCIM creates answer.
    Created(Value),
    /// 200 with raw content.
    Raw { content_type: &'static str, file_name: String, bytes: Bytes },
    /// 204.
    NoContent,
}

impl Reply {
    /// 200 with `{}`.
    pub(crate) fn empty() -> Self {
        Self::Json(Value::Object(Map::new()))
    }
}

fn json(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        match self {
            Self::Json(value) => json(StatusCode::OK, &value),
            Self::Created(value) => json(StatusCode::CREATED, &value),
            Self::NoContent => StatusCode::NO_CONTENT.into_response(),
            Self::Raw { content_type, file_name, bytes } => {
                let mut response = Response::new(Body::from(bytes));
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
                let disposition = format!("attachment; filename=\"{}\"", file_name.replace('"', ""));
                if let Ok(value) = HeaderValue::from_str(&disposition) {
                    headers.insert(header::CONTENT_DISPOSITION, value);
                }
                response
            }
        }
    }
}
