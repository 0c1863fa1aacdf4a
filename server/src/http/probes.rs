//! For load balancers and supervisors.

use axum::{extract::State, http::StatusCode};

use super::AppState;

/// The process runs.
pub(super) async fn livez() -> &'static str {
    "ok\n"
}

/// The process can do its work: the database answers.
pub(super) async fn readyz(State(state): State<AppState>) -> (StatusCode, &'static str) {
    match state.store.ping().await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!(?error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
