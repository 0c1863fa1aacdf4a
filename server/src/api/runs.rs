use axum::{
    Json,
    extract::{Path, State},
};
use farshore_control::{RunCommand, RunRequestInput};
use farshore_model::{
    GroupId, Problem, RunId,
    run::{JournalEntry, RunMode, RunbookKind},
    view::{RequestPage, RunPage, RunSummary},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiResult,
    caller::{Body, Caller, Id, Query},
};
use crate::http::{AppState, ProblemResponse};

/// At most this many runs are listed.
const LIMIT: u32 = 200;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_runs))
        .routes(routes!(request_run))
        .routes(routes!(preview_run))
        .routes(routes!(read_run))
        .routes(routes!(read_journal))
        .routes(routes!(command_run))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    group: Option<GroupId>,
}

/// Failovers and failbacks, newest first.
#[utoipa::path(get, path = "/runs", tag = "runs", params(Filter), responses((status = OK, body = Vec<RunSummary>)))]
async fn list_runs(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(filter): Query<Filter>,
) -> ApiResult<Vec<RunSummary>> {
    Ok(Json(state.control.runs(&actor, filter.group, LIMIT).await?))
}

/// What a request would mean: the regions to choose from and the age of what is there, the steps, and why it
/// cannot be made, if it cannot.
#[utoipa::path(get, path = "/groups/{id}/runs/{kind}/preview", tag = "runs",
    params(("id" = GroupId, Path), ("kind" = RunbookKind, Path)), responses((status = OK, body = RequestPage)))]
async fn preview_run(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, kind)): Path<(uuid::Uuid, String)>,
) -> ApiResult<RequestPage> {
    let kind: RunbookKind =
        kind.parse().map_err(|error| ProblemResponse(Problem::field("kind", format!("{error}"))))?;
    Ok(Json(state.control.request_page(&actor, GroupId(id), kind).await?))
}

#[derive(Deserialize, ToSchema)]
struct RunInput {
    kind: RunbookKind,
    /// Of a failover: `forced` when the primary region cannot be reached. Leave it out for a failback.
    mode: Option<RunMode>,
    /// The passive region that takes over; may be left out when there is only one.
    target_region: Option<String>,
    reason: String,
    /// The group's name, as a confirmation.
    confirm_name: String,
}

/// Request a failover or a failback. It begins when it is approved by somebody else.
#[utoipa::path(post, path = "/groups/{id}/runs", tag = "runs", params(("id" = GroupId, Path)),
    request_body = RunInput, responses((status = OK, body = RunPage)))]
async fn request_run(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(group): Id<GroupId>,
    Body(input): Body<RunInput>,
) -> ApiResult<RunPage> {
    let input = RunRequestInput {
        group,
        kind: input.kind,
        mode: input.mode.unwrap_or(RunMode::Planned),
        target_region: input.target_region,
        reason: input.reason,
        confirm_name: input.confirm_name,
    };
    let id = state.control.request_run(&actor, input).await?;
    Ok(Json(state.control.run_page(&actor, id).await?))
}

/// A run: state, steps, approvals, clocks, fences, and which commands can be given now.
#[utoipa::path(get, path = "/runs/{id}", tag = "runs", params(("id" = RunId, Path)),
    responses((status = OK, body = RunPage)))]
async fn read_run(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<RunId>,
) -> ApiResult<RunPage> {
    Ok(Json(state.control.run_page(&actor, id).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Since {
    /// Entries after this number; 0 for all.
    #[serde(default)]
    since: i64,
}

/// The journal of a run: what happened, in order.
#[utoipa::path(get, path = "/runs/{id}/journal", tag = "runs", params(("id" = RunId, Path), Since),
    responses((status = OK, body = Vec<JournalEntry>)))]
async fn read_journal(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<RunId>,
    Query(since): Query<Since>,
) -> ApiResult<Vec<JournalEntry>> {
    Ok(Json(state.control.run_journal(&actor, id, since.since).await?))
}

/// Approve, decline, pause, resume, retry_step, skip_step, answer_step, abandon or cancel.
#[utoipa::path(post, path = "/runs/{id}/commands", tag = "runs", params(("id" = RunId, Path)),
    request_body = RunCommand, responses((status = OK, body = RunPage)))]
async fn command_run(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<RunId>,
    Body(command): Body<RunCommand>,
) -> ApiResult<RunPage> {
    state.control.command_run(&actor, id, command).await?;
    Ok(Json(state.control.run_page(&actor, id).await?))
}
