//! The one event stream of a page: which topics have changed, so that it reads them again.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::State,
    http::HeaderValue,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use farshore_control::Control;
use farshore_model::{Clock, view::Topic};
use futures::{Stream, StreamExt, stream};
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

use super::{AppState, ProblemResponse};
use crate::{login::Identity, system::SystemClock};

/// Often enough that a page knows within seconds that the line is dead.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// `GET /events`
pub(super) async fn events(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
) -> Response {
    if identity.0.is_none() {
        return ProblemResponse::from(farshore_control::signed_out()).into_response();
    }
    let mut shutdown = state.shutdown.clone();
    let until_stop = async move {
        // An error means that the server is gone already.
        let _ = shutdown.wait_for(|stop| *stop).await;
    };
    let stream =
        stream::once(async { time() }).chain(notices(&state.control)).take_until(Box::pin(until_stop));
    let heartbeat = KeepAlive::new().interval(KEEP_ALIVE).event(plain("beat"));
    let mut response = Sse::new(stream).keep_alive(heartbeat).into_response();
    // Proxies that buffer would deliver a failover in one piece at its end.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn notices(control: &Control) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    BroadcastStream::new(control.notices().subscribe()).map(|received| {
        Ok(match received {
            Ok(topic) => notice(&topic),
            // Too far behind to know what was missed: the page reads everything again.
            Err(BroadcastStreamRecvError::Lagged(_)) => plain("resync"),
        })
    })
}

fn notice(topic: &Topic) -> Event {
    match serde_json::to_string(topic) {
        Ok(json) => Event::default().event("notice").data(json),
        Err(_) => plain("resync"),
    }
}

fn time() -> Result<Event, Infallible> {
    Ok(Event::default().event("time").data(SystemClock.now().as_ms().to_string()))
}

/// An event that says all with its name. It still carries something: browsers drop events without data.
fn plain(name: &str) -> Event {
    Event::default().event(name).data("-")
}
