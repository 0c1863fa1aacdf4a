//! From a path to a handler.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use http::{Method, header, request};
use serde_json::{Map, Value};

use super::{ApiError, Call, Reply, authorization, form};
use crate::shared::Shared;
use crate::state::State;

/// Answers a call on the locked state.
pub(crate) type Handler = fn(&mut State, &Call) -> Result<Reply, ApiError>;

/// The largest body that the service takes: a file of 500 MB and the form around it.
pub(crate) const UPLOAD_LIMIT_BYTES: usize = 500 * 1024 * 1024 + 64 * 1024;

/// Collects the routes of one family.
pub(crate) struct Routes {
    router: Router,
    shared: Arc<Shared>,
}

impl Routes {
    /// Adds `/api/2.<minor>/<rest>` for every minor version.
    pub(crate) fn add(self, minors: &[u8], method: MethodFilter, rest: &str, handler: Handler) -> Self {
        minors.iter().fold(self, |routes, minor| {
            routes.add_path(method, &format!("/api/2.{minor}/{rest}"), *minor, handler)
        })
    }

    /// Adds a path as it is.
    pub(crate) fn add_path(self, method: MethodFilter, path: &str, version: u8, handler: Handler) -> Self {
        let shared = Arc::clone(&self.shared);
        let endpoint = on(method, move |placeholders: RawPathParams, request: Request| {
            let shared = Arc::clone(&shared);
            async move { answer(&shared, handler, version, &placeholders, request).await }
        });
        Self { router: self.router.route(path, endpoint), shared: self.shared }
    }
}

/// Every endpoint of the workspace.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    let routes = Routes { router: Router::new(), shared: Arc::clone(shared) };
    let routes = [
        super::workspace::routes,
        super::workspace_files::routes,
        super::dbfs::routes,
        super::dbfs_streams::routes,
        super::global_init_scripts::routes,
        super::jobs::routes,
        super::runs::routes,
        super::run_output::routes,
        super::runs_cancel::routes,
        super::runs_repair::routes,
        super::clusters::routes,
        super::cluster_catalog::routes,
        super::cluster_events::routes,
        super::pools::routes,
        super::policies::routes,
        super::policy_compliance::routes,
        super::policy_enforcement::routes,
        super::permissions::routes,
        super::scim::routes,
        super::rule_sets::routes,
        super::tokens::routes,
        super::oauth::routes,
        super::unity_catalog::routes,
        super::libraries::routes,
        super::instance_profiles::routes,
        super::workspace_conf::routes,
        super::empty_lists::routes,
    ]
    .into_iter()
    .fold(routes, |routes, family: fn(Routes) -> Routes| family(routes));
    routes
        .router
        .fallback(no_endpoint)
        .method_not_allowed_fallback(no_endpoint)
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT_BYTES))
}

async fn no_endpoint(request: Request) -> ApiError {
    ApiError::no_endpoint(request.method().as_str(), request.uri().path())
}

async fn answer(
    shared: &Shared,
    handler: Handler,
    version: u8,
    placeholders: &RawPathParams,
    request: Request,
) -> Response {
    let call = match read_call(version, placeholders, request).await {
        Ok(call) => call,
        Err(error) => return error.into_response(),
    };
    match carry_out(shared, handler, call) {
        Some(response) => response,
        None => futures::future::pending().await,
    }
}

/// Runs the handler on the locked state; `None` when the outage came while the call was being read, which then
/// must not take effect any more.
fn carry_out(shared: &Shared, handler: Handler, call: Call) -> Option<Response> {
    let reply = {
        let mut state = shared.lock();
        if state.is_down {
            return None;
        }
        state.authenticate(&call).and_then(|user_name| {
            let call = Call { user_name, ..call };
            authorization::check(&state, &call)?;
            handler(&mut state, &call)
        })
    };
    // A long answer is written out while others are served.
    Some(reply.into_response())
}

async fn read_call(version: u8, placeholders: &RawPathParams, request: Request) -> Result<Call, ApiError> {
    let (parts, body) = request.into_parts();
    let content_type = header_text(&parts, header::CONTENT_TYPE).unwrap_or_default();
    let host = header_text(&parts, header::HOST).unwrap_or_default();
    let mut call = Call {
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        version,
        placeholders: placeholders.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        query: pairs(parts.uri.query().unwrap_or_default()),
        body: Map::new(),
        upload: None,
        origin: format!("http://{host}"),
        authorization: header_text(&parts, header::AUTHORIZATION),
        user_name: String::new(),
    };
    let bytes = Bytes::from_request(Request::from_parts(parts, body), &())
        .await
        .map_err(|_| ApiError::malformed("The request body could not be read."))?;
    if call.path.contains("/workspace-files/") {
        // Files are posted with whatever content type the sender fancies.
        call.upload = Some(bytes);
    } else if content_type.starts_with("multipart/form-data") {
        read_form(&mut call, &content_type, &bytes)?;
    } else if content_type.starts_with("application/x-www-form-urlencoded") {
        call.query.extend(pairs(&String::from_utf8_lossy(&bytes)));
    } else if content_type.starts_with("application/octet-stream") {
        call.upload = Some(bytes);
    } else if !bytes.is_empty() {
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => call.body = fields,
            Ok(_) => return Err(ApiError::malformed("Invalid JSON given in the body: expected an object.")),
            Err(error) if call.method == Method::GET => drop(error),
            Err(error) => {
                let message = format!("Invalid JSON given in the body of the request: {error}");
                return Err(ApiError::malformed(message));
            }
        }
    }
    Ok(call)
}

fn read_form(call: &mut Call, content_type: &str, body: &Bytes) -> Result<(), ApiError> {
    let unreadable = || ApiError::malformed("The multipart form could not be read.");
    let boundary = form::boundary_of(content_type).ok_or_else(unreadable)?;
    for part in form::parts(body, &boundary).ok_or_else(unreadable)? {
        if matches!(part.name.as_str(), "content" | "contents") {
            call.upload = Some(part.content);
        } else {
            let text = String::from_utf8_lossy(&part.content).into_owned();
            call.body.insert(part.name, Value::String(text));
        }
    }
    Ok(())
}

fn header_text(parts: &request::Parts, name: header::HeaderName) -> Option<String> {
    parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Reads `a=1&a=2&b=3`.
fn pairs(encoded: &str) -> BTreeMap<String, Vec<String>> {
    let mut pairs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in encoded.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.entry(unescape(name)).or_default().push(unescape(value));
    }
    pairs
}

/// Undoes percent-encoding.
pub(crate) fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(escaped) => {
                plain.push(escaped);
                at += 3;
            }
            None => {
                plain.push(if *byte == b'+' { b' ' } else { *byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_unescaped_and_repeated_names_are_kept() {
        let query = pairs("path=%2FUsers%2Fa+b&state=RUNNING&state=PENDING&flag&odd=%zz");
        assert_eq!(query.get("path"), Some(&vec!["/Users/a b".to_owned()]));
        assert_eq!(query.get("state").map(Vec::len), Some(2));
        assert_eq!(query.get("flag"), Some(&vec![String::new()]));
        assert_eq!(query.get("odd"), Some(&vec!["%zz".to_owned()]));
    }
}
