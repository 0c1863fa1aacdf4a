//! Browsers say where a request comes from. One that changes something is refused unless it comes from the
//! panel's own pages; programs that are not browsers say nothing and carry no cookie by accident.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header::HOST},
    middleware::Next,
    response::{IntoResponse, Response},
};
use farshore_model::{Problem, ProblemKind};

use crate::http::{AppState, ProblemResponse};

/// Middleware for everything.
pub(crate) async fn refuse_foreign_origin(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || is_own(request.headers(), state.public_url.as_deref()) {
        return next.run(request).await;
    }
    let problem = Problem::new(
        ProblemKind::Forbidden,
        "This request came from another site's page.",
        "Nothing was changed.",
        "Open the panel itself and do it there; behind a proxy, start the server with --public-url.",
    );
    ProblemResponse::from(problem).into_response()
}

fn is_own(headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if headers.contains_key("origin") {
        // Present but unreadable, or `null` from a sandbox, is foreign.
        let Some(origin) = text("origin") else { return false };
        if public_url.is_some_and(|url| url.trim_end_matches('/') == origin) {
            return true;
        }
        let host = text(HOST.as_str());
        return origin.split_once("://").map(|(_, host)| host) == host && host.is_some();
    }
    text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect::<HeaderMap>()
    }

    #[test]
    fn only_our_own_pages_and_programs_may_change_something() {
        let own = |pairs: &[(&'static str, &'static str)]| is_own(&headers(pairs), None);
        assert!(own(&[("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3000")]));
        assert!(own(&[("host", "127.0.0.1:3000")]));
        assert!(own(&[("host", "h"), ("sec-fetch-site", "same-origin")]));
        assert!(!own(&[("host", "127.0.0.1:3000"), ("origin", "http://evil.example")]));
        assert!(!own(&[("host", "127.0.0.1:3000"), ("origin", "null")]));
        assert!(!own(&[("host", "h"), ("sec-fetch-site", "cross-site")]));
        assert!(!own(&[("host", "h"), ("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn a_proxy_is_named() {
        let pairs = [("host", "10.0.0.1"), ("origin", "https://dr.example")];
        assert!(is_own(&headers(&pairs), Some("https://dr.example/")));
        assert!(!is_own(&headers(&pairs), Some("https://other.example")));
    }
}
