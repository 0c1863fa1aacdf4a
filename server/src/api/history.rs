use std::sync::Arc;

use axum::{Json, extract::State, response::Response};
use farshore_model::{
    GroupId, PairId, SyncRunId,
    group::Side,
    kind::{ObjectKey, ObjectKind},
    plan::PlanItem,
    sync_run::{ItemOutcome, SyncRun},
    view::{ObjectEvent, ObjectPage, PairNames},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiResult,
    caller::{Body, Caller, Id, Query},
    export_cells::{Outcome, changes, outcome_cells, pair, time},
};
use crate::http::{AppState, Export, ExportFormat, ProblemResponse, ROWS_A_CHUNK, chunks};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_object))
        .routes(routes!(export_object))
        .routes(routes!(run_object_again))
        .routes(routes!(choose_version))
        .routes(routes!(run_failed_again))
        .routes(routes!(export_sync))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Object {
    kind: ObjectKind,
    /// As in the ledger.
    key: String,
    /// From 1. Not of an export, which has everything.
    #[serde(default)]
    page: u32,
    /// Of an export.
    #[serde(default)]
    format: ExportFormat,
}

impl Object {
    fn key(&self) -> ObjectKey {
        ObjectKey { kind: self.kind, key: self.key.as_str().into() }
    }
}

/// An object: how it stands in each pair, and one page of what syncs did to it, newest first.
#[utoipa::path(get, path = "/groups/{id}/objects", tag = "ledger", params(("id" = GroupId, Path), Object),
    responses((status = OK, body = ObjectPage)))]
async fn read_object(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Query(object): Query<Object>,
) -> ApiResult<ObjectPage> {
    Ok(Json(state.control.object_page(&actor, id, object.key(), object.page).await?))
}

/// All that syncs did to an object, as one file.
#[utoipa::path(get, path = "/groups/{id}/objects/export", tag = "ledger", params(("id" = GroupId, Path), Object),
    responses((status = OK, body = Vec<ObjectEvent>, content_type = "application/json"),
        (status = OK, body = String, content_type = "text/csv")))]
async fn export_object(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Query(object): Query<Object>,
) -> Result<Response, ProblemResponse> {
    let key = object.key();
    let page = state.control.object_page(&actor, id, key.clone(), 1).await?;
    let asked = Arc::new((state.control, actor, key));
    let events = chunks(1, move |page: u32| {
        let asked = Arc::clone(&asked);
        async move {
            let (control, actor, key) = &*asked;
            let events = control.object_events(actor, id, key, page, ROWS_A_CHUNK).await?;
            Ok((events, page + 1))
        }
    });
    let export = Export {
        format: object.format,
        name: format!("history of {}", page.name),
        titles: &[
            "at",
            "pair",
            "sync",
            "asked_for_by",
            "read_side",
            "name",
            "action",
            "state",
            "error",
            "remedy",
            "reason",
            "changes",
        ],
        cells: Box::new(move |event| event_cells(event, &page.pairs)),
    };
    export.send(events).await
}

fn event_cells(event: &ObjectEvent, pairs: &[PairNames]) -> Vec<String> {
    let by = event.requested_by.clone().unwrap_or_else(|| event.trigger.as_str().to_owned());
    let mut cells = vec![
        time(Some(event.at)),
        pair(pairs, event.pair_id),
        event.sync_run_id.to_string(),
        by,
        event.source.to_string(),
        event.name.clone(),
    ];
    cells.extend(outcome_cells(Outcome {
        action: Some(event.action),
        state: Some(event.state),
        error: event.error.as_deref(),
        remedy: event.remedy.as_deref(),
    }));
    cells.extend([event.reason.clone().unwrap_or_default(), changes(&event.changes)]);
    cells
}

#[derive(Deserialize, ToSchema)]
struct ObjectInput {
    pair_id: PairId,
    /// As in the ledger.
    object: ObjectKey,
}

#[derive(Serialize, ToSchema)]
struct Begun {
    sync_run_id: SyncRunId,
}

/// Sync one object of a pair, and what it needs, now.
#[utoipa::path(post, path = "/groups/{id}/objects/again", tag = "ledger", params(("id" = GroupId, Path)),
    request_body = ObjectInput, responses((status = OK, body = Begun)))]
async fn run_object_again(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Body(input): Body<ObjectInput>,
) -> ApiResult<Begun> {
    let sync_run_id = state.control.run_object_again(&actor, id, input.pair_id, input.object).await?;
    Ok(Json(Begun { sync_run_id }))
}

#[derive(Deserialize, ToSchema)]
struct ChoiceInput {
    pair_id: PairId,
    /// As in the ledger, where it is in conflict.
    object: ObjectKey,
    /// Whose version is kept.
    side: Side,
}

/// Settle a conflict. The active side's version is put in the place of the other one; the passive side's stays until
/// the active side changes the object, and is not carried back.
#[utoipa::path(post, path = "/groups/{id}/objects/choice", tag = "ledger", params(("id" = GroupId, Path)),
    request_body = ChoiceInput, responses((status = OK, body = Begun)))]
async fn choose_version(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Body(input): Body<ChoiceInput>,
) -> ApiResult<Begun> {
    let ChoiceInput { pair_id, object, side } = input;
    let sync_run_id = state.control.choose_version(&actor, id, pair_id, object, side).await?;
    Ok(Json(Begun { sync_run_id }))
}

/// Sync what failed in a sync that has ended, and what that needs, now. It leaves the replication point where it is,
/// unless nothing else differs.
#[utoipa::path(post, path = "/syncs/{id}/again", tag = "syncs", params(("id" = SyncRunId, Path)),
    responses((status = OK, body = Begun)))]
async fn run_failed_again(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SyncRunId>,
) -> ApiResult<Begun> {
    let sync_run_id = state.control.run_failed_again(&actor, id).await?;
    Ok(Json(Begun { sync_run_id }))
}

/// One item of a plan and what became of it.
#[derive(Serialize, ToSchema)]
struct AppliedItem {
    item: PlanItem,
    /// None: it was not applied, or not yet.
    outcome: Option<ItemOutcome>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Format {
    #[serde(default)]
    format: ExportFormat,
}

/// All items of a sync's plan with their outcomes, as one file.
#[utoipa::path(get, path = "/syncs/{id}/export", tag = "syncs", params(("id" = SyncRunId, Path), Format),
    responses((status = OK, body = Vec<AppliedItem>, content_type = "application/json"),
        (status = OK, body = String, content_type = "text/csv")))]
async fn export_sync(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<SyncRunId>,
    Query(query): Query<Format>,
) -> Result<Response, ProblemResponse> {
    let run: SyncRun = state.control.sync_run(&actor, id).await?;
    let (group, _) = state.control.group_with_pairs(&actor, run.group_id).await?;
    let day: String = time(Some(run.created_at)).chars().take("2026-01-01T00:00".len()).collect();
    let asked = Arc::new((state.control, actor, run));
    let items = chunks(None, move |last: Option<u32>| {
        let asked = Arc::clone(&asked);
        async move {
            let (control, actor, run) = &*asked;
            let items = control.sync_items_after(actor, run, last, ROWS_A_CHUNK).await?;
            let last = items.last().map(|(item, _)| item.index).or(last);
            let items = items.into_iter().map(|(item, outcome)| AppliedItem { item, outcome }).collect();
            Ok((items, last))
        }
    });
    let export = Export {
        format: query.format,
        name: format!("{} sync {day}", group.name),
        titles: &[
            "kind",
            "name",
            "key",
            "source_id",
            "target_id",
            "planned",
            "reason",
            "changes",
            "action",
            "state",
            "error",
            "remedy",
            "at",
        ],
        cells: Box::new(item_cells),
    };
    export.send(items).await
}

fn item_cells(AppliedItem { item, outcome }: &AppliedItem) -> Vec<String> {
    let outcome = outcome.as_ref();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let mut cells = vec![
        item.object.kind.to_string(),
        item.name.to_string(),
        item.object.key.to_string(),
        text(item.source_id.as_deref()),
        text(item.target_id.as_deref()),
        item.action.to_string(),
        text(item.reason.as_deref()),
        changes(&item.changes),
    ];
    cells.extend(outcome_cells(outcome.map_or_else(Outcome::default, |outcome| Outcome {
        action: Some(outcome.action),
        state: Some(outcome.state),
        error: outcome.error.as_deref(),
        remedy: outcome.remedy.as_deref(),
    })));
    cells.push(time(outcome.map(|outcome| outcome.at)));
    cells
}
