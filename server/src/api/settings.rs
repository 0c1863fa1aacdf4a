use axum::{Json, extract::State};
use farshore_control::TypedStandalone;
use farshore_model::{
    GroupId, StandaloneId,
    region_map::RegionMap,
    replication_settings::VersionedSettings,
    view::{RegionMapPreview, SettingsPage, WorkspacesPage},
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
        .routes(routes!(read_settings, replace_settings))
        .routes(routes!(preview_region_map))
        .routes(routes!(list_workspaces))
        .routes(routes!(add_standalone))
        .routes(routes!(edit_standalone, remove_standalone))
}

/// What of a group is replicated, and how; the defaults, as version 0, while nobody has decided anything.
#[utoipa::path(get, path = "/groups/{id}/settings", tag = "settings", params(("id" = GroupId, Path)),
    responses((status = OK, body = SettingsPage)))]
async fn read_settings(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
) -> ApiResult<SettingsPage> {
    Ok(Json(state.control.settings_page(&actor, id).await?))
}

/// Replace the settings of a group as a whole, from the next plan on. 409 when `version` is not the stored one;
/// what does not fit is named `filter_2`, `rule_3` or `most_percent`, counted from 1.
#[utoipa::path(put, path = "/groups/{id}/settings", tag = "settings", params(("id" = GroupId, Path)),
    request_body = VersionedSettings, responses((status = OK, body = SettingsPage)))]
async fn replace_settings(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Body(edit): Body<VersionedSettings>,
) -> ApiResult<SettingsPage> {
    state.control.replace_settings(&actor, id, edit.version, edit.settings).await?;
    Ok(Json(state.control.settings_page(&actor, id).await?))
}

#[derive(Deserialize, ToSchema)]
struct TriedMap {
    /// It need not be the stored one, and is not stored.
    region_map: RegionMap,
    /// Read the objects again, unless that was done a few seconds ago.
    #[serde(default)]
    is_anew: bool,
}

/// What a region map would do to the objects of the active side, and which values look regional and fit no rule.
#[utoipa::path(post, path = "/groups/{id}/region-map/preview", tag = "settings", params(("id" = GroupId, Path)),
    request_body = TriedMap, responses((status = OK, body = RegionMapPreview)))]
async fn preview_region_map(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Body(tried): Body<TriedMap>,
) -> ApiResult<RegionMapPreview> {
    Ok(Json(state.control.preview_region_map(&actor, id, &tried.region_map, tried.is_anew).await?))
}

/// The workspaces of failover groups, and those that need no counterpart, with the reasons.
#[utoipa::path(get, path = "/workspaces", tag = "settings",
    responses((status = OK, body = WorkspacesPage)))]
async fn list_workspaces(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<WorkspacesPage> {
    Ok(Json(state.control.workspaces_page(&actor).await?))
}

#[derive(Deserialize, ToSchema)]
struct NewStandalone {
    name: String,
    /// The workspace's address or its id.
    address: String,
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct NotedStandalone {
    standalone_id: StandaloneId,
}

/// Note that a workspace needs no counterpart.
#[utoipa::path(post, path = "/workspaces/without-counterpart", tag = "settings", request_body = NewStandalone,
    responses((status = OK, body = NotedStandalone)))]
async fn add_standalone(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(new): Body<NewStandalone>,
) -> ApiResult<NotedStandalone> {
    let typed = TypedStandalone { name: new.name, address: new.address, reason: new.reason };
    let standalone_id = state.control.add_standalone(&actor, typed).await?;
    Ok(Json(NotedStandalone { standalone_id }))
}

#[derive(Deserialize, ToSchema)]
struct ReasonEdit {
    /// The version that was read; 409 when somebody else has changed the reason since.
    version: i64,
    reason: String,
}

/// Give another reason.
#[utoipa::path(put, path = "/workspaces/without-counterpart/{id}", tag = "settings",
    params(("id" = StandaloneId, Path)), request_body = ReasonEdit,
    responses((status = OK, body = WorkspacesPage)))]
async fn edit_standalone(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<StandaloneId>,
    Body(edit): Body<ReasonEdit>,
) -> ApiResult<WorkspacesPage> {
    state.control.edit_standalone(&actor, id, edit.version, &edit.reason).await?;
    Ok(Json(state.control.workspaces_page(&actor).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReadVersion {
    /// The version that was read; 409 when somebody else has changed the reason since.
    version: i64,
}

/// Take a workspace off the list. The workspace itself is not touched.
#[utoipa::path(delete, path = "/workspaces/without-counterpart/{id}", tag = "settings",
    params(("id" = StandaloneId, Path), ReadVersion), responses((status = OK, body = WorkspacesPage)))]
async fn remove_standalone(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<StandaloneId>,
    Query(read): Query<ReadVersion>,
) -> ApiResult<WorkspacesPage> {
    state.control.remove_standalone(&actor, id, read.version).await?;
    Ok(Json(state.control.workspaces_page(&actor).await?))
}
