use axum::{Json, extract::State};
use farshore_model::view::ApprovalsPage;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{ApiResult, caller::Caller};
use crate::http::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_approvals))
}

/// Runs that wait for approval, and those that were decided. Decide with a command on the run.
#[utoipa::path(get, path = "/approvals", tag = "runs", responses((status = OK, body = ApprovalsPage)))]
async fn list_approvals(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<ApprovalsPage> {
    Ok(Json(state.control.approvals_page(&actor).await?))
}
