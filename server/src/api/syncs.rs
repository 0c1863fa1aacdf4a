use axum::{Json, extract::State};
use farshore_model::{
    GroupId, SyncRunId,
    kind::ObjectKind,
    plan::PlanAction,
    view::{PlanFilter, SyncPage},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiResult,
    caller::{Body, Caller, Id, Query},
};
use crate::http::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(request_sync))
        .routes(routes!(read_sync))
        .routes(routes!(apply_plan))
        .routes(routes!(cancel_plan))
}

#[derive(Deserialize, ToSchema)]
struct SyncInput {
    /// False: the plan is made and waits to be looked at.
    #[serde(default)]
    is_applied_at_once: bool,
}

#[derive(Serialize, ToSchema)]
struct Started {
    /// One for each pair of the group.
    sync_run_ids: Vec<SyncRunId>,
}

/// Plan a sync of every pair, or sync at once.
#[utoipa::path(post, path = "/groups/{id}/syncs", tag = "syncs", params(("id" = GroupId, Path)),
    request_body = SyncInput, responses((status = OK, body = Started)))]
async fn request_sync(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Body(input): Body<SyncInput>,
) -> ApiResult<Started> {
    let sync_run_ids = state.control.request_sync(&actor, id, input.is_applied_at_once).await?;
    Ok(Json(Started { sync_run_ids }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    kind: Option<ObjectKind>,
    action: Option<PlanAction>,
    /// Part of a name.
    text: Option<String>,
    #[serde(default)]
    is_failed_only: bool,
    /// From 1.
    #[serde(default)]
    page: u32,
}

/// A sync run: state, progress, one page of its plan, outcomes, failures by their error.
#[utoipa::path(get, path = "/syncs/{id}", tag = "syncs", params(("id" = SyncRunId, Path), Filter),
    responses((status = OK, body = SyncPage)))]
async fn read_sync(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SyncRunId>,
    Query(filter): Query<Filter>,
) -> ApiResult<SyncPage> {
    let filter = PlanFilter {
        kind: filter.kind,
        action: filter.action,
        text: filter.text,
        is_failed_only: filter.is_failed_only,
        page: filter.page,
    };
    Ok(Json(state.control.sync_page(&actor, id, filter).await?))
}

#[derive(Deserialize, ToSchema)]
struct ApplyInput {
    /// `plan_hash` of the run that was looked at.
    plan_hash: String,
}

/// Apply exactly the plan that was looked at. Should it not fit any more, the run becomes `superseded` and a new
/// plan is made.
#[utoipa::path(post, path = "/syncs/{id}/apply", tag = "syncs", params(("id" = SyncRunId, Path)),
    request_body = ApplyInput, responses((status = OK, body = SyncPage)))]
async fn apply_plan(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SyncRunId>,
    Body(input): Body<ApplyInput>,
) -> ApiResult<SyncPage> {
    state.control.apply_plan(&actor, id, &input.plan_hash).await?;
    Ok(Json(state.control.sync_page(&actor, id, PlanFilter::default()).await?))
}

/// Drop a plan that is not to be applied.
#[utoipa::path(post, path = "/syncs/{id}/cancel", tag = "syncs", params(("id" = SyncRunId, Path)),
    responses((status = OK, body = SyncPage)))]
async fn cancel_plan(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SyncRunId>,
) -> ApiResult<SyncPage> {
    state.control.cancel_plan(&actor, id).await?;
    Ok(Json(state.control.sync_page(&actor, id, PlanFilter::default()).await?))
}
