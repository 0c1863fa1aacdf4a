//! The id in the address of a page.

use std::str::FromStr;

use farshore_model::{Problem, ProblemKind};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::api::{ApiProblem, ApiResult};

/// The `:id` of the address; a problem when it is no id at all.
pub fn use_path_id<T>() -> Memo<ApiResult<T>>
where
    T: FromStr + Clone + PartialEq + Send + Sync + 'static,
{
    let params = use_params_map();
    Memo::new(move |_| {
        let id = params.with(|params| params.get("id").and_then(|text| text.parse().ok()));
        id.ok_or_else(|| {
            ApiProblem::from(Problem::new(
                ProblemKind::NotFound,
                "Nothing lives at this address.",
                "Nothing was changed.",
                "Check the address, or begin at the overview.",
            ))
        })
    })
}

/// A value behind the `?` of the address; empty when it is not there.
pub fn use_query(key: &'static str) -> Memo<String> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|query| query.get(key).unwrap_or_default()))
}

/// None for an empty text.
pub fn some_text(text: String) -> Option<String> {
    Some(text).filter(|text| !text.trim().is_empty())
}

/// Builds `path?key=value&…`, without the empty ones.
pub fn address(path: &str, query: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = query
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| format!("{key}={}", escape(value)))
        .collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// Percent-encodes everything but what never needs it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => escaped.push(byte.into()),
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_hold_what_is_set() {
        assert_eq!(address("/audit", &[("action", ""), ("page", "")]), "/audit");
        assert_eq!(
            address("/syncs/7", &[("text", "a b&c/ü"), ("page", "2")]),
            "/syncs/7?text=a%20b%26c%2F%C3%BC&page=2"
        );
    }
}
