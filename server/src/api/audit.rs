use axum::{Json, extract::State};
use farshore_model::view::{AuditFilter, AuditPage};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiResult,
    caller::{Caller, Query},
};
use crate::http::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// As in the entries, such as `request_failover`.
    action: Option<String>,
    /// Part of a person's name.
    actor: Option<String>,
    /// From 1.
    #[serde(default)]
    page: u32,
}

/// Who did what to what, and how it ended; newest first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(Filter), responses((status = OK, body = AuditPage)))]
async fn list_audit(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(filter): Query<Filter>,
) -> ApiResult<AuditPage> {
    let filter = AuditFilter { action: filter.action, actor: filter.actor, page: filter.page };
    Ok(Json(state.control.audit_page(&actor, filter).await?))
}
