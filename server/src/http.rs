//! Everything that is reached over HTTP: pages, server functions, the API, the event stream, files, probes.

mod answer;
mod assets;
mod csv;
mod events;
mod export;
mod headers;
mod pages;
mod probes;
mod request_id;
mod state;

use axum::{
    Router, middleware,
    routing::{get, post},
};
use tower_http::{compression::CompressionLayer, trace::TraceLayer};

pub(crate) use answer::ProblemResponse;
pub(crate) use csv::{Csv, attachment};
pub(crate) use export::{Export, ExportFormat, ROWS_A_CHUNK, chunks};
pub(crate) use request_id::RequestId;
pub(crate) use state::AppState;

use crate::{api, login};

/// All routes. Probes answer without a session and without looking for one.
pub(crate) fn router(state: AppState) -> Router {
    let pages = pages::routes(&state).layer(middleware::from_fn(login::require_sign_in));
    let panel = Router::new()
        .merge(pages)
        .route("/sign-in", post(login::sign_in))
        .route("/sign-out", post(login::sign_out))
        .route("/sfn/{*name}", post(pages::server_function))
        .route("/events", get(events::events))
        .merge(api::routes())
        .fallback(pages::not_found_or_file)
        .layer(middleware::from_fn_with_state(state.clone(), login::identify))
        .layer(login::session_layer(state.store.clone(), state.is_https()));
    Router::new()
        .merge(panel)
        .merge(assets::routes(&state))
        .layer(CompressionLayer::new())
        .route("/livez", get(probes::livez))
        .route("/readyz", get(probes::readyz))
        .layer(middleware::from_fn_with_state(state.clone(), login::refuse_foreign_origin))
        .layer(middleware::from_fn(headers::protect))
        .layer(TraceLayer::new_for_http().make_span_with(request_id::span))
        .layer(middleware::from_fn(request_id::assign))
        .with_state(state)
}
