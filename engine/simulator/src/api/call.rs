//! One call as a handler sees it.
//!
//! Parameters come from the query, from a JSON body, or from a form; handlers do not care which, as the real
//! service does not.

use std::collections::BTreeMap;

use axum::body::Bytes;
use http::Method;
use serde_json::{Map, Value};

use super::ApiError;

/// A call with its parameters.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// The minor version: 0 for `/api/2.0/…`, 2 for `/api/2.2/…`.
    pub(crate) version: u8,
    /// What the route's placeholders matched.
    pub(crate) placeholders: BTreeMap<String, String>,
    pub(crate) query: BTreeMap<String, Vec<String>>,
    pub(crate) body: Map<String, Value>,
    /// The body when it is not JSON, or the file of a multipart form.
    pub(crate) upload: Option<Bytes>,
    /// `http://host:port` as the caller wrote it.
    pub(crate) origin: String,
    /// The `Authorization` header.
    pub(crate) authorization: Option<String>,
    /// The user name of the caller.
    pub(crate) user_name: String,
}

impl Call {
    /// A parameter as text; numbers and booleans are accepted.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.body.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::Bool(flag)) => Some(flag.to_string()),
            _ => self.query.get(name).and_then(|values| values.first()).cloned(),
        }
    }

    /// A parameter that must be there and not be empty.
    pub(crate) fn required_text(&self, name: &str) -> Result<String, ApiError> {
        match self.text(name) {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(missing(name)),
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        if text.is_empty() {
            return Ok(None);
        }
        let wrong =
            || ApiError::malformed(format!("Could not parse '{text}' as an integer for field '{name}'."));
        text.parse().map(Some).map_err(|_| wrong())
    }

    pub(crate) fn required_integer(&self, name: &str) -> Result<i64, ApiError> {
        self.integer(name)?.ok_or_else(|| missing(name))
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// Every value of a repeated parameter, a JSON array or a comma-separated list.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        if let Some(Value::Array(values)) = self.body.get(name) {
            return values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect();
        }
        let values = self.query.get(name).into_iter().flatten();
        values
            .flat_map(|value| value.split(','))
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<Map<String, Value>>, ApiError> {
        match self.body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(fields.clone())),
            Some(_) => Err(ApiError::malformed(format!("Field '{name}' must be an object."))),
        }
    }

    /// What the route's placeholder `name` matched.
    pub(crate) fn placeholder(&self, name: &str) -> &str {
        self.placeholders.get(name).map(String::as_str).unwrap_or_default()
    }
}

fn missing(name: &str) -> ApiError {
    ApiError::invalid_parameter(format!("Missing required field: {name}"))
}
