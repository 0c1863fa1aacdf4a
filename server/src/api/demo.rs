use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{ApiResult, caller::Caller};
use crate::http::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(take_region_down))
        .routes(routes!(bring_region_back))
        .routes(routes!(change_content))
}

#[derive(Serialize, ToSchema)]
struct Done {
    /// What was done, as a sentence.
    message: String,
}

/// Only in the demo: the region's HTTP hangs, its scheduler stands still, its running runs end.
#[utoipa::path(post, path = "/demo/regions/{region}/down", tag = "demo", params(("region" = String, Path)),
    responses((status = OK, body = Done)))]
async fn take_region_down(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(region): Path<String>,
) -> ApiResult<Done> {
    state.control.demo_region_down(&actor, &region).await?;
    Ok(Json(Done { message: format!("{region} is down.") }))
}

/// Only in the demo: the API answers at once, the scheduler starts after its delay.
#[utoipa::path(post, path = "/demo/regions/{region}/up", tag = "demo", params(("region" = String, Path)),
    responses((status = OK, body = Done)))]
async fn bring_region_back(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(region): Path<String>,
) -> ApiResult<Done> {
    state.control.demo_region_up(&actor, &region).await?;
    Ok(Json(Done { message: format!("{region} is back.") }))
}

/// Only in the demo: changes one notebook and one job there.
#[utoipa::path(post, path = "/demo/regions/{region}/change", tag = "demo", params(("region" = String, Path)),
    responses((status = OK, body = Done)))]
async fn change_content(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(region): Path<String>,
) -> ApiResult<Done> {
    Ok(Json(Done { message: state.control.demo_change(&actor, &region).await? }))
}
