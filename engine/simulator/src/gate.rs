//! What happens to a call before and after the API sees it: outage, faults, rate limits.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{Html, IntoResponse, Response};
use futures::StreamExt;
use http::{HeaderValue, Request, StatusCode, header, uri::PathAndQuery};
use serde_json::{Map, Value};
use tokio::sync::watch;
use tower::ServiceExt;

use crate::api::ApiError;
use crate::api::router::UPLOAD_LIMIT_BYTES;
use crate::clock;
use crate::faults::Effect;
use crate::shared::Shared;

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped on purpose")]
pub(crate) struct ConnectionDropped;

/// Leads calls to the control endpoints or, unless the workspace is down or a fault says otherwise, to the API.
pub(crate) struct Gate {
    shared: Arc<Shared>,
    api: Router,
    control: Router,
}

impl Gate {
    pub(crate) fn new(shared: Arc<Shared>, api: Router, control: Router) -> Self {
        Self { shared, api, control }
    }

    pub(crate) async fn pass(&self, request: Request<Body>) -> Result<Response, ConnectionDropped> {
        let path = request.uri().path();
        if path == "/livez" || path.starts_with("/_simulator/") {
            return Ok(run(&self.control, request).await);
        }
        let mut outages = self.shared.outages();
        if *outages.borrow_and_update() {
            return hang().await;
        }
        tokio::select! {
            biased;
            () = goes_down(&mut outages) => hang().await,
            answer = self.answer(request) => answer,
        }
    }

    async fn answer(&self, request: Request<Body>) -> Result<Response, ConnectionDropped> {
        // The body is read whatever becomes of the call: an answer before its end would break the connection.
        let (parts, body) = request.into_parts();
        let announced = parts.headers.get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or(0);
        let body = read_whole(body, announced).await?;
        self.disturbed(Request::from_parts(parts, Body::from(body))).await
    }

    async fn disturbed(&self, request: Request<Body>) -> Result<Response, ConnectionDropped> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let written = request.uri().path_and_query().map_or(&*path, PathAndQuery::as_str);
        let (verdict, org_id, date) = {
            let mut state = self.shared.lock();
            (state.faults.judge(&method, written), state.org_id, clock::http_date(state.now_ms))
        };
        // A call counts when it arrives, however long it then takes.
        let arrival =
            self.shared.traffic().arrives(&method, &path, clock::real_now_us(), verdict.has_published_limits);
        let _under_way = UnderWay(&self.shared);
        if verdict.latency_ms > 0 {
            tokio::time::sleep(Duration::from_millis(verdict.latency_ms)).await;
        }
        let mut response = if arrival.is_over_limit {
            ApiError::exhausted(Some(1)).into_response()
        } else {
            match verdict.effect {
                None
                | Some(Effect::Latency { .. } | Effect::PublishedLimits | Effect::StaleGroupLists { .. }) => {
                    run(&self.api, request).await
                }
                Some(Effect::FillIn { fields }) => run(&self.api, filled_in(request, &fields).await?).await,
                Some(Effect::Hang) => return hang().await,
                Some(Effect::Refuse) => return Err(ConnectionDropped),
                Some(Effect::Error { status, error_code, message }) => {
                    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                    ApiError::new(status, &error_code, message).into_response()
                }
                Some(Effect::Throttle { retry_after_s }) => {
                    ApiError::exhausted(retry_after_s).into_response()
                }
                Some(Effect::LoginPage) => login_page(),
                Some(Effect::Truncate) => truncated(run(&self.api, request).await).await,
                Some(Effect::HangAfterEffect) => {
                    run(&self.api, request).await;
                    return hang().await;
                }
                Some(Effect::RefuseAfterEffect) => {
                    run(&self.api, request).await;
                    return Err(ConnectionDropped);
                }
                Some(Effect::UnavailableAfterEffect) => {
                    run(&self.api, request).await;
                    (StatusCode::SERVICE_UNAVAILABLE, Html("<html><title>503</title></html>")).into_response()
                }
            }
        };
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            self.shared.traffic().was_throttled(&arrival.endpoint);
        }
        response.headers_mut().insert("x-databricks-org-id", HeaderValue::from(org_id));
        // By the simulated clock, as everything else that tells time.
        if let Ok(date) = HeaderValue::from_str(&date) {
            response.headers_mut().insert(header::DATE, date);
        }
        response.headers_mut().insert(header::SERVER, HeaderValue::from_static("databricks"));
        Ok(response)
    }
}

/// A call that has arrived and is not answered; it leaves however it ends.
struct UnderWay<'a>(&'a Shared);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.traffic().leaves();
    }
}

async fn run(router: &Router, request: Request<Body>) -> Response {
    match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Reads a body into one piece of the announced length, so that a large one is in memory once.
async fn read_whole(body: Body, announced: usize) -> Result<Bytes, ConnectionDropped> {
    let mut frames = body.into_data_stream();
    let Some(first) = frames.next().await else { return Ok(Bytes::new()) };
    let first = first.map_err(|_| ConnectionDropped)?;
    if first.len() == announced {
        return Ok(first);
    }
    let mut whole = Vec::with_capacity(announced.min(UPLOAD_LIMIT_BYTES).max(first.len()));
    whole.extend_from_slice(&first);
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|_| ConnectionDropped)?;
        if whole.len() + frame.len() > UPLOAD_LIMIT_BYTES {
            return Err(ConnectionDropped);
        }
        whole.extend_from_slice(&frame);
    }
    Ok(whole.into())
}

/// The request, with the fields in its body that it lacks.
async fn filled_in(
    request: Request<Body>,
    fields: &Map<String, Value>,
) -> Result<Request<Body>, ConnectionDropped> {
    let (mut parts, body) = request.into_parts();
    let body = read_whole(body, 0).await?;
    let Ok(mut value) = serde_json::from_slice::<Value>(&body) else {
        return Ok(Request::from_parts(parts, Body::from(body)));
    };
    let settings =
        if value.get("new_settings").is_some() { value.get_mut("new_settings") } else { Some(&mut value) };
    if let Some(settings) = settings.and_then(Value::as_object_mut) {
        for (name, field) in fields {
            settings.entry(name.clone()).or_insert_with(|| field.clone());
        }
    }
    let body = value.to_string();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Ok(Request::from_parts(parts, Body::from(body)))
}

async fn hang() -> Result<Response, ConnectionDropped> {
    futures::future::pending().await
}

async fn goes_down(outages: &mut watch::Receiver<bool>) {
    if outages.wait_for(|is_down| *is_down).await.is_err() {
        futures::future::pending().await
    }
}

fn login_page() -> Response {
    const PAGE: &str = "<!doctype html><html><head><title>Databricks - Sign In</title></head>\
        <body><div id=\"login-page\"><h1>Sign in to Databricks</h1><form method=\"post\" action=\"/login.html\">\
        </form></div></body></html>";
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], PAGE).into_response()
}

/// Half of the body under the full length; then the connection breaks.
async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let half = bytes.slice(..bytes.len() / 2);
    let pause = Duration::from_millis(20);
    let chunks = futures::stream::iter([Ok::<Bytes, ConnectionDropped>(half)]).chain(futures::stream::once(
        async move {
            // Give the first half time to leave before the connection is torn down.
            tokio::time::sleep(pause).await;
            Err(ConnectionDropped)
        },
    ));
    Response::from_parts(parts, Body::from_stream(chunks))
}
