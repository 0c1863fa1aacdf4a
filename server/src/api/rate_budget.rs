use axum::{Json, extract::State};
use farshore_model::{GroupId, view::RateBudgetPage};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiResult,
    caller::{Caller, Id},
};
use crate::http::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_rate_budget))
}

/// How much of each workspace's patience the answering process of the panel uses now, by endpoint.
#[utoipa::path(get, path = "/groups/{id}/rate-budget", tag = "groups", params(("id" = GroupId, Path)),
    responses((status = OK, body = RateBudgetPage)))]
async fn read_rate_budget(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
) -> ApiResult<RateBudgetPage> {
    Ok(Json(state.control.rate_budget_page(&actor, id).await?))
}
