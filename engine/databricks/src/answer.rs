//! Reading an answer to its last byte, and refusing what only looks like one.

use std::time::Duration;

use reqwest::{
    Response,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER},
};
use serde_json::{Map, Value};

use crate::{
    ApiError, ErrorKind, Result,
    call::{Call, Expects},
    error_body::{ErrorBody, is_html},
    refusal::{Signs, refusal},
};

/// More than any answer of a workspace that is not handed on as it comes; a wrong host must not fill the memory.
const LARGEST_ANSWER_BYTES: usize = 256 * 1024 * 1024;
/// How much memory is set aside because an answer announces that it needs it.
const LARGEST_ADVANCE_BYTES: usize = 16 * 1024 * 1024;

/// A complete, successful answer.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) org_id: Option<String>,
    pub(crate) object: Map<String, Value>,
}

/// Reads the answer to `call`.
///
/// # Errors
/// Whatever is not a complete success: an error status, a redirect, a page, a broken-off body.
pub(crate) async fn read(call: &Call, response: Response) -> Result<Answer> {
    let status = response.status();
    let headers = response.headers().clone();
    if status.is_redirection() {
        return Err(redirected(call, status.as_u16(), &headers));
    }
    let signs = Signs {
        org_id: text(&headers, "x-databricks-org-id"),
        retry_after: retry_after(&headers),
        is_json: content_type(&headers).starts_with("application/json"),
    };
    let body = match read_body(call, response).await {
        Ok(body) => body,
        // A broken-off description of an error does not make the error less clear.
        Err(_) if !status.is_success() => Vec::new(),
        Err(error) => return Err(error.with_status(status.as_u16())),
    };
    if !status.is_success() {
        return Err(refusal(call, status.as_u16(), &signs, &body));
    }
    let object = object_of(call, &headers, &body).map_err(|error| error.with_status(status.as_u16()))?;
    Ok(Answer { org_id: signs.org_id, object })
}

/// Looks at the beginning of an answer whose content is handed on as it comes.
///
/// # Errors
/// Whatever is not a success, and a page that is not sent as a file.
pub(crate) async fn begin(call: &Call, response: Response) -> Result<Response> {
    // A notebook may begin like a page, but then it comes as an attachment.
    let is_page = content_type(response.headers()).starts_with("text/html")
        && !response.headers().contains_key(CONTENT_DISPOSITION);
    if response.status().is_success() && !is_page {
        return Ok(response);
    }
    match read(call, response).await {
        Err(error) => Err(error),
        Ok(_) => Err(half_answer(call, "the answer is empty")),
    }
}

/// Whether an answer is called JSON and is not sent as a file: then a workspace may have ignored that a file was asked
/// for.
pub(crate) fn is_plain_json(headers: &HeaderMap) -> bool {
    content_type(headers).starts_with("application/json") && !headers.contains_key(CONTENT_DISPOSITION)
}

/// A successful answer lacks what it must contain, or contradicts itself. What `call` asked for may have
/// happened all the same.
pub(crate) fn half_answer(call: &Call, message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorKind::HalfAnswer, call.endpoint.name(), message)
        .with_unclear_effect(call.endpoint.changes_something())
}

async fn read_body(call: &Call, mut response: Response) -> Result<Vec<u8>> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(announced.unwrap_or_default().min(LARGEST_ADVANCE_BYTES));
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_ANSWER_BYTES => {
                return Err(ApiError::new(
                    ErrorKind::TooLarge,
                    call.endpoint.name(),
                    "the answer is larger than any workspace sends",
                ));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(source) if source.is_timeout() => {
                let message =
                    format!("the answer stopped after {} bytes and did not go on in time", body.len());
                return Err(ApiError::new(ErrorKind::TimedOut, call.endpoint.name(), message)
                    .with_unclear_effect(call.endpoint.changes_something())
                    .with_source(source));
            }
            Err(source) => {
                let message = format!("the answer broke off after {} bytes", body.len());
                return Err(half_answer(call, message).with_source(source));
            }
        }
    }
}

fn object_of(call: &Call, headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>> {
    let content_type = content_type(headers);
    let is_page = content_type.starts_with("text/html");
    let start = String::from_utf8_lossy(&body[..body.len().min(200)]);
    let start = start.trim_start();
    if is_page || is_html(start) {
        return Err(page_instead_of_answer(call, body));
    }
    if start.is_empty() {
        return match call.expects {
            Expects::Nothing => Ok(Map::new()),
            _ => Err(half_answer(call, "the answer is empty")),
        };
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(half_answer(call, "the answer is JSON, but not the object that it must be")),
        Err(_) if content_type.contains("json") || start.starts_with(['{', '[']) => {
            let message = format!("the answer of {} bytes is not complete JSON", body.len());
            Err(half_answer(call, message))
        }
        Err(_) => Err(ApiError::new(
            ErrorKind::NotDatabricks,
            call.endpoint.name(),
            "the answer is neither JSON nor a page that a workspace knows",
        )),
    }
}

fn content_type(headers: &HeaderMap) -> String {
    text(headers, CONTENT_TYPE.as_str()).unwrap_or_default().to_ascii_lowercase()
}

fn page_instead_of_answer(call: &Call, body: &[u8]) -> ApiError {
    let title = ErrorBody::parse(body).message;
    let message = if title.is_empty() {
        "a web page instead of an answer, probably a login page".to_owned()
    } else {
        format!("a web page titled {title:?} instead of an answer, probably a login page")
    };
    ApiError::new(ErrorKind::NotDatabricks, call.endpoint.name(), message)
}

fn redirected(call: &Call, status: u16, headers: &HeaderMap) -> ApiError {
    // Only the place: the query of a login redirect carries state that is nobody's business.
    let target = text(headers, LOCATION.as_str()).unwrap_or_default();
    let target = target.split(['?', '#']).next().unwrap_or_default();
    ApiError::new(
        ErrorKind::NotDatabricks,
        call.endpoint.name(),
        format!("redirected to {target:?}, probably a login page; it was not followed"),
    )
    .with_status(status)
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Whole seconds; the other form, a date, is never sent by a workspace and would need a clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    text(headers, RETRY_AFTER.as_str())?.parse().ok().map(Duration::from_secs)
}
