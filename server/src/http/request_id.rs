//! Every request has an id, which is in its answer, in its log lines and in the errors that it shows.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use farshore_model::IdSource;

use crate::system::RandomIds;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub String);

/// Middleware: gives the id out.
pub(super) async fn assign(mut request: Request, next: Next) -> Response {
    let id = RandomIds.next().simple().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

pub(super) fn span(request: &Request) -> tracing::Span {
    let id = request.extensions().get::<RequestId>().map_or("", |id| id.0.as_str());
    // The query is left out: it may hold what somebody typed.
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
}
