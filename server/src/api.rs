//! The REST API: `/api/v1`, with its document at `/api/openapi.json`. Each handler calls the use-case that the
//! page of the same name calls, and returns the same read model.
//!
//! Browsers come with their session cookie; in the demo a program may instead send
//! `Authorization: Bearer demo-<login>` (admin, operator, approver, approver-2, owner, viewer).

mod approvals;
mod audit;
mod caller;
mod demo;
mod departments;
mod export_cells;
mod groups;
mod history;
mod ledger;
mod pairings;
mod people;
mod rate_budget;
mod runs;
mod session;
mod settings;
mod syncs;

use axum::{Json, Router, routing::get};
use farshore_model::{Problem, ProblemKind};
use utoipa::{OpenApi, openapi};
use utoipa_axum::router::OpenApiRouter;

use crate::http::{AppState, ProblemResponse};

/// What every handler returns.
type ApiResult<T> = Result<Json<T>, ProblemResponse>;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Farshore",
        description = "Disaster recovery control panel for Databricks. Every error is a `Problem` \
            (application/problem+json): what happened, what was not lost, what to do. Times are microseconds \
            since 1970-01-01T00:00:00Z unless a name says otherwise."
    ),
    components(schemas(Problem, ProblemKind))
)]
struct Document;

fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi()).nest(
        "/api/v1",
        OpenApiRouter::new()
            .merge(session::routes())
            .merge(groups::routes())
            .merge(pairings::routes())
            .merge(people::routes())
            .merge(rate_budget::routes())
            .merge(syncs::routes())
            .merge(ledger::routes())
            .merge(history::routes())
            .merge(runs::routes())
            .merge(approvals::routes())
            .merge(departments::routes())
            .merge(settings::routes())
            .merge(audit::routes())
            .merge(demo::routes()),
    )
}

/// The document, generated from the handlers.
pub fn document() -> openapi::OpenApi {
    router().into_openapi()
}

pub(crate) fn routes() -> Router<AppState> {
    let (routes, document) = router().split_for_parts();
    routes
        .route("/api/openapi.json", get(move || async move { Json(document) }))
        .route("/api/{*path}", get(unknown).post(unknown).put(unknown).patch(unknown).delete(unknown))
}

/// A path that the API does not have is answered in its own shape, not with a page.
async fn unknown() -> ProblemResponse {
    ProblemResponse(Problem::new(
        ProblemKind::NotFound,
        "The API has no such path.",
        "Nothing was changed.",
        "Look it up in /api/openapi.json.",
    ))
}
