//! The shapes in which a workspace, or what stands before it, describes an error.

use serde_json::{Map, Value};

/// What an error answer says, whatever its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ErrorBody {
    pub(crate) shape: Shape,
    /// Such as `RESOURCE_DOES_NOT_EXIST`.
    pub(crate) code: Option<String>,
    /// Empty when the answer said nothing.
    pub(crate) message: String,
}

/// How the answer was written; tells a workspace from somebody else's web server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `{"error_code", "message", "details"}`.
    Standard,
    /// `{"schemas", "detail", "status", "scimType"}`.
    Scim,
    /// `{"error"}` of API 1.2, and of OAuth with `error_description` beside it.
    Api12,
    /// `CODE: message`.
    CodedText,
    /// A page in which the workspace's front end wraps its message: `<pre>…</pre>`.
    WrappedHtml,
    /// Any other page.
    Html,
    /// Text, or JSON, of no known shape.
    Unknown,
    Empty,
}

impl Shape {
    /// Whether only a Databricks workspace writes like this.
    pub(crate) const fn is_databricks(self) -> bool {
        matches!(self, Self::Standard | Self::Scim | Self::Api12 | Self::CodedText | Self::WrappedHtml)
    }
}

impl ErrorBody {
    pub(crate) fn parse(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        if text.is_empty() {
            return Self { shape: Shape::Empty, code: None, message: String::new() };
        }
        if let Ok(Value::Object(object)) = serde_json::from_str(text) {
            return Self::from_object(&object, text);
        }
        if is_html(text) {
            return Self::from_html(text);
        }
        match text.split_once(": ") {
            Some((code, message)) if is_code(code) => {
                Self { shape: Shape::CodedText, code: Some(code.to_owned()), message: shortened(message) }
            }
            _ => Self { shape: Shape::Unknown, code: None, message: shortened(text) },
        }
    }

    fn from_object(object: &Map<String, Value>, text: &str) -> Self {
        let field = |name: &str| object.get(name).and_then(as_text).filter(|text| !text.is_empty());
        if let Some(code) = field("error_code") {
            let message = field("message").or_else(|| field("detail")).unwrap_or_default();
            return Self { shape: Shape::Standard, code: Some(code), message: shortened(&message) };
        }
        if object.contains_key("schemas") {
            let message = field("detail").unwrap_or_default();
            return Self { shape: Shape::Scim, code: field("scimType"), message: shortened(&message) };
        }
        if let Some(error) = field("error") {
            return match field("error_description") {
                Some(description) => {
                    Self { shape: Shape::Api12, code: Some(error), message: shortened(&description) }
                }
                None => Self { shape: Shape::Api12, code: None, message: shortened(&error) },
            };
        }
        // Other web servers write like this.
        let message = field("message").or_else(|| field("detail")).unwrap_or_else(|| text.to_owned());
        Self { shape: Shape::Unknown, code: None, message: shortened(&message) }
    }

    fn from_html(text: &str) -> Self {
        if let Some(message) = between(text, "<pre>", "</pre>") {
            return Self { shape: Shape::WrappedHtml, code: None, message: shortened(&message) };
        }
        let title = between(text, "<title>", "</title>").unwrap_or_default();
        Self { shape: Shape::Html, code: None, message: shortened(&title) }
    }
}

/// Whether an answer's beginning is that of a web page.
pub(crate) fn is_html(text: &str) -> bool {
    let start: String = text.trim_start_matches('\u{feff}').trim_start().chars().take(15).collect();
    let start = start.to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body", "<!--"].iter().any(|tag| start.starts_with(tag))
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_code(text: &str) -> bool {
    text.len() >= 3
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The text between two tags, whose case does not matter; inner tags are dropped.
fn between(text: &str, open: &str, close: &str) -> Option<String> {
    // ASCII lower case keeps every byte's position.
    let lower = text.to_ascii_lowercase();
    let start = lower.find(open)? + open.len();
    let end = start + lower[start..].find(close)?;
    let mut is_in_tag = false;
    let plain: String = text[start..end]
        .chars()
        .filter(|&character| match character {
            '<' => {
                is_in_tag = true;
                false
            }
            '>' => !std::mem::take(&mut is_in_tag),
            _ => !is_in_tag,
        })
        .collect();
    Some(plain.trim().to_owned()).filter(|plain| !plain.is_empty())
}

/// A page of prose or a stack trace is of no use on a screen.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 1_000;
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(body: &str) -> (Shape, Option<String>, String) {
        let ErrorBody { shape, code, message } = ErrorBody::parse(body.as_bytes());
        (shape, code, message)
    }

    fn body(shape: Shape, code: Option<&str>, message: &str) -> (Shape, Option<String>, String) {
        (shape, code.map(str::to_owned), message.to_owned())
    }

    #[test]
    fn standard() {
        assert_eq!(
            parsed(r#"{"error_code":"INVALID_STATE","message":"Cluster is running","details":[]}"#),
            body(Shape::Standard, Some("INVALID_STATE"), "Cluster is running")
        );
        assert_eq!(parsed(r#"{"message":"no code"}"#), body(Shape::Unknown, None, "no code"));
        assert_eq!(
            parsed(r#"{"error_code":400,"message":"a number"}"#),
            body(Shape::Standard, Some("400"), "a number")
        );
    }

    #[test]
    fn scim() {
        assert_eq!(
            parsed(
                r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"User not found","status":"404","scimType":"invalidPath"}"#
            ),
            body(Shape::Scim, Some("invalidPath"), "User not found")
        );
    }

    #[test]
    fn api_1_2_and_oauth() {
        assert_eq!(parsed(r#"{"error":"ContextNotFound"}"#), body(Shape::Api12, None, "ContextNotFound"));
        assert_eq!(
            parsed(r#"{"error":"invalid_client","error_description":"Client authentication failed"}"#),
            body(Shape::Api12, Some("invalid_client"), "Client authentication failed")
        );
    }

    #[test]
    fn plain_text() {
        assert_eq!(
            parsed("INVALID_PARAMETER_VALUE: Expected a path: got none"),
            body(Shape::CodedText, Some("INVALID_PARAMETER_VALUE"), "Expected a path: got none")
        );
        assert_eq!(parsed("Bad gateway: x"), body(Shape::Unknown, None, "Bad gateway: x"));
    }

    #[test]
    fn html() {
        assert_eq!(
            parsed("<HTML><body><PRE>Invalid <b>access</b> token.</PRE></body></html>"),
            body(Shape::WrappedHtml, None, "Invalid access token.")
        );
        assert_eq!(
            parsed("<!DOCTYPE html><html><head><title>Sign in</title></head></html>"),
            body(Shape::Html, None, "Sign in")
        );
        assert_eq!(parsed("<html><body>ß</body>"), body(Shape::Html, None, ""));
    }

    #[test]
    fn empty_and_strange() {
        assert_eq!(parsed(" \n"), body(Shape::Empty, None, ""));
        assert_eq!(parsed("{\"error_co"), body(Shape::Unknown, None, "{\"error_co"));
        assert_eq!(ErrorBody::parse(&[0xff, 0xfe]).shape, Shape::Unknown);
        assert!(parsed(&"x".repeat(5_000)).2.len() < 1_100);
    }
}
