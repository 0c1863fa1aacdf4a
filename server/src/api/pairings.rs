use axum::{Json, extract::State, http::StatusCode};
use farshore_control::{PairingSettings, TypedSide};
use farshore_model::{GroupId, PairingId, group::Side, view::PairingPage, workspace::Cloud};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiResult,
    caller::{Body, Caller, Id},
};
use crate::http::{AppState, ProblemResponse};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(begin_pairing))
        .routes(routes!(read_pairing, discard_pairing))
        .routes(routes!(test_side))
        .routes(routes!(set_pairing))
        .routes(routes!(finish_pairing))
}

/// Begin a pairing; returns the wizard.
#[utoipa::path(post, path = "/pairings", tag = "pairings", responses((status = OK, body = PairingPage)))]
async fn begin_pairing(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<PairingPage> {
    let id = state.control.begin_pairing(&actor).await?;
    Ok(Json(state.control.pairing_page(&actor, id).await?))
}

/// What was typed and found so far. Tokens are never part of it.
#[utoipa::path(get, path = "/pairings/{id}", tag = "pairings", params(("id" = PairingId, Path)),
    responses((status = OK, body = PairingPage)))]
async fn read_pairing(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<PairingId>,
) -> ApiResult<PairingPage> {
    Ok(Json(state.control.pairing_page(&actor, id).await?))
}

/// Drop an unfinished pairing.
#[utoipa::path(delete, path = "/pairings/{id}", tag = "pairings", params(("id" = PairingId, Path)),
    responses((status = NO_CONTENT)))]
async fn discard_pairing(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<PairingId>,
) -> Result<StatusCode, ProblemResponse> {
    state.control.discard_pairing(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
struct SideInput {
    version: i64,
    side: Side,
    name: String,
    host: String,
    /// Empty: the token that was sent before is kept.
    #[serde(default = "empty")]
    #[schema(value_type = String)]
    token: SecretString,
    /// Only where the test cannot find it out.
    cloud: Option<Cloud>,
    region: Option<String>,
}

fn empty() -> SecretString {
    SecretString::from(String::new())
}

/// Test one connection and keep what was found, whether it passed or not.
#[utoipa::path(post, path = "/pairings/{id}/test", tag = "pairings", params(("id" = PairingId, Path)),
    request_body = SideInput, responses((status = OK, body = PairingPage)))]
async fn test_side(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<PairingId>,
    Body(input): Body<SideInput>,
) -> ApiResult<PairingPage> {
    let typed = TypedSide {
        version: input.version,
        side: input.side,
        name: input.name,
        host: input.host,
        token: input.token,
        cloud: input.cloud,
        region: input.region,
    };
    state.control.test_side(&actor, id, typed).await?;
    Ok(Json(state.control.pairing_page(&actor, id).await?))
}

#[derive(Deserialize, ToSchema)]
struct SettingsInput {
    version: i64,
    group_name: String,
    /// None: no schedule. At least 60,000.
    sync_interval_ms: Option<i64>,
    /// From `smoke_candidates`; None: readiness will be `action_required`.
    smoke_job_key: Option<String>,
}

/// Name the group, choose its schedule and smoke job.
#[utoipa::path(put, path = "/pairings/{id}/settings", tag = "pairings", params(("id" = PairingId, Path)),
    request_body = SettingsInput, responses((status = OK, body = PairingPage)))]
async fn set_pairing(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<PairingId>,
    Body(input): Body<SettingsInput>,
) -> ApiResult<PairingPage> {
    let settings = PairingSettings {
        version: input.version,
        group_name: input.group_name,
        sync_interval_ms: input.sync_interval_ms,
        smoke_job_key: input.smoke_job_key,
    };
    state.control.set_pairing(&actor, id, settings).await?;
    Ok(Json(state.control.pairing_page(&actor, id).await?))
}

#[derive(Serialize, ToSchema)]
struct Paired {
    group_id: GroupId,
}

/// Make the group. Nothing is copied yet.
#[utoipa::path(post, path = "/pairings/{id}/finish", tag = "pairings", params(("id" = PairingId, Path)),
    responses((status = OK, body = Paired)))]
async fn finish_pairing(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<PairingId>,
) -> ApiResult<Paired> {
    Ok(Json(Paired { group_id: state.control.finish_pairing(&actor, id).await? }))
}
