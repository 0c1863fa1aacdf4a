use axum::{Json, extract::State};
use farshore_control::EditGroup;
use farshore_model::{
    DepartmentId, GroupId,
    view::{GroupCard, GroupPage, Overview},
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiResult,
    caller::{Body, Caller, Id},
};
use crate::http::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_overview))
        .routes(routes!(list_groups))
        .routes(routes!(read_group, edit_group))
}

/// Every group on one board, worst first, and what waits for the caller.
#[utoipa::path(get, path = "/overview", tag = "groups", responses((status = OK, body = Overview)))]
async fn read_overview(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<Overview> {
    Ok(Json(state.control.overview(&actor).await?))
}

/// Every group at a glance, worst first.
#[utoipa::path(get, path = "/groups", tag = "groups", responses((status = OK, body = Vec<GroupCard>)))]
async fn list_groups(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<Vec<GroupCard>> {
    Ok(Json(state.control.overview(&actor).await?.groups))
}

/// One group: regions, replication, readiness, pairs, history.
#[utoipa::path(get, path = "/groups/{id}", tag = "groups", params(("id" = GroupId, Path)),
    responses((status = OK, body = GroupPage)))]
async fn read_group(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
) -> ApiResult<GroupPage> {
    Ok(Json(state.control.group_page(&actor, id).await?))
}

#[derive(Deserialize, ToSchema)]
struct GroupEdit {
    /// The version that was read; 409 when somebody else has changed the group since.
    version: i64,
    name: String,
    department_id: Option<DepartmentId>,
    /// None: no schedule. At least 60,000.
    sync_interval_ms: Option<i64>,
    /// Key of a job in the ledger, from `smoke_candidates` of the group.
    smoke_job_key: Option<String>,
}

/// Edit a group as a whole; returns it as it is then.
#[utoipa::path(put, path = "/groups/{id}", tag = "groups", params(("id" = GroupId, Path)),
    request_body = GroupEdit, responses((status = OK, body = GroupPage)))]
async fn edit_group(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Body(edit): Body<GroupEdit>,
) -> ApiResult<GroupPage> {
    let edit = EditGroup {
        version: edit.version,
        name: edit.name,
        department_id: edit.department_id,
        sync_interval_ms: edit.sync_interval_ms,
        smoke_job_key: edit.smoke_job_key,
    };
    state.control.edit_group(&actor, id, edit).await?;
    Ok(Json(state.control.group_page(&actor, id).await?))
}
