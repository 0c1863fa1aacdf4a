use std::sync::Arc;

use axum::{Json, extract::State, response::Response};
use farshore_control::ComparedSyncs;
use farshore_model::{
    GroupId, PairId, SyncRunId,
    group::Side,
    kind::ObjectKind,
    view::{
        ComparePage, ComparisonRow, Difference, LedgerFilter, LedgerPage, LedgerRow, LedgerState, PairNames,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiResult,
    caller::{Caller, Id, Query},
    export_cells::{Outcome, outcome_cells, pair, time},
};
use crate::http::{AppState, Export, ExportFormat, ProblemResponse, ROWS_A_CHUNK, chunks};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_ledger))
        .routes(routes!(export_ledger))
        .routes(routes!(compare_syncs))
        .routes(routes!(export_comparison))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// One pair of the group.
    pair: Option<PairId>,
    kind: Option<ObjectKind>,
    state: Option<LedgerState>,
    /// Only what rests on a side until it is released there.
    #[serde(default)]
    is_held_only: bool,
    /// Part of a name, or a whole id on either side.
    text: Option<String>,
    /// From 1. Not of an export, which has everything.
    #[serde(default)]
    page: u32,
    /// Of an export.
    #[serde(default)]
    format: ExportFormat,
}

impl Filter {
    fn into_parts(self) -> (LedgerFilter, u32, ExportFormat) {
        let Self { pair, kind, state, is_held_only, text, page, format } = self;
        (LedgerFilter { pair, kind, state, is_held_only, text }, page, format)
    }
}

/// Every object of a group's pairs and how it stands, one page of them; and per kind how many there are and since
/// when they are known to be on the other side.
#[utoipa::path(get, path = "/groups/{id}/ledger", tag = "ledger", params(("id" = GroupId, Path), Filter),
    responses((status = OK, body = LedgerPage)))]
async fn read_ledger(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Query(filter): Query<Filter>,
) -> ApiResult<LedgerPage> {
    let (filter, page, _) = filter.into_parts();
    Ok(Json(state.control.ledger_page(&actor, id, filter, page).await?))
}

/// All objects that fit, as one file.
#[utoipa::path(get, path = "/groups/{id}/ledger/export", tag = "ledger", params(("id" = GroupId, Path), Filter),
    responses((status = OK, body = Vec<LedgerRow>, content_type = "application/json"),
        (status = OK, body = String, content_type = "text/csv")))]
async fn export_ledger(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Query(filter): Query<Filter>,
) -> Result<Response, ProblemResponse> {
    let (filter, _, format) = filter.into_parts();
    let (group, pairs) = state.control.group_with_pairs(&actor, id).await?;
    let asked = Arc::new((state.control, actor, filter));
    let rows = chunks(None::<LedgerRow>, move |last| {
        let asked = Arc::clone(&asked);
        async move {
            let (control, actor, filter) = &*asked;
            let rows = control.ledger_after(actor, id, filter, last.as_ref(), ROWS_A_CHUNK).await?;
            let last = rows.last().cloned();
            Ok((rows, last))
        }
    });
    let export = Export {
        format,
        name: format!("{} ledger", group.name),
        titles: &[
            "pair",
            "kind",
            "name",
            "key",
            "primary_id",
            "secondary_id",
            "state",
            "error",
            "agreed_at",
            "held_on",
        ],
        cells: Box::new(move |row| ledger_cells(row, &pairs)),
    };
    export.send(rows).await
}

fn ledger_cells(row: &LedgerRow, pairs: &[PairNames]) -> Vec<String> {
    let held_on = [Side::Primary, Side::Secondary].map(|side| row.is_held_on(side).then(|| side.as_str()));
    vec![
        pair(pairs, row.pair_id),
        row.object.kind.to_string(),
        row.name.clone(),
        row.object.key.to_string(),
        row.primary_id.clone().unwrap_or_default(),
        row.secondary_id.clone().unwrap_or_default(),
        row.state.to_string(),
        row.error.clone().unwrap_or_default(),
        time(row.agreed_at),
        held_on.into_iter().flatten().collect::<Vec<_>>().join(" "),
    ]
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Compared {
    /// The first sync; the one before the second unless given.
    a: Option<SyncRunId>,
    /// The second sync; the newest that did something unless given.
    b: Option<SyncRunId>,
    difference: Option<Difference>,
    /// From 1. Not of an export, which has everything.
    #[serde(default)]
    page: u32,
    /// Of an export.
    #[serde(default)]
    format: ExportFormat,
}

impl Compared {
    const fn syncs(&self) -> ComparedSyncs {
        ComparedSyncs { first: self.a, second: self.b }
    }
}

/// What one sync did and the other one did not: changes of either, of both, and failures that came and went.
#[utoipa::path(get, path = "/groups/{id}/compare", tag = "ledger", params(("id" = GroupId, Path), Compared),
    responses((status = OK, body = ComparePage)))]
async fn compare_syncs(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Query(query): Query<Compared>,
) -> ApiResult<ComparePage> {
    Ok(Json(state.control.compare_page(&actor, id, query.syncs(), query.difference, query.page).await?))
}

/// Every object in which two syncs differ, as one file.
#[utoipa::path(get, path = "/groups/{id}/compare/export", tag = "ledger",
    params(("id" = GroupId, Path), Compared),
    responses((status = OK, body = Vec<ComparisonRow>, content_type = "application/json"),
        (status = OK, body = String, content_type = "text/csv")))]
async fn export_comparison(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Query(query): Query<Compared>,
) -> Result<Response, ProblemResponse> {
    let (group, _) = state.control.group_with_pairs(&actor, id).await?;
    let (syncs, difference, format) = (query.syncs(), query.difference, query.format);
    // Once: the next page is of the same two, whatever has become the newest meanwhile.
    let compared = state.control.compared_syncs(&actor, id, syncs).await?;
    let ids = compared.as_ref().map(|(first, second)| [first.id, second.id].map(|id| id.to_string()));
    let ids = ids.unwrap_or_default();
    let asked = Arc::new((state.control, actor, compared));
    let rows = chunks(1, move |page: u32| {
        let asked = Arc::clone(&asked);
        async move {
            let (control, actor, compared) = &*asked;
            let rows = match compared {
                Some((first, second)) => {
                    let syncs = (first, second);
                    control.compared_objects(actor, syncs, difference, page, ROWS_A_CHUNK).await?
                }
                None => Vec::new(),
            };
            Ok((rows, page + 1))
        }
    });
    let export = Export {
        format,
        name: format!("{} comparison of syncs", group.name),
        titles: &[
            "kind",
            "name",
            "key",
            "difference",
            "first_sync",
            "first_action",
            "first_state",
            "first_error",
            "first_remedy",
            "second_sync",
            "second_action",
            "second_state",
            "second_error",
            "second_remedy",
        ],
        cells: Box::new(move |row| comparison_cells(row, &ids)),
    };
    export.send(rows).await
}

fn comparison_cells(row: &ComparisonRow, ids: &[String; 2]) -> Vec<String> {
    let mut cells = vec![
        row.object.kind.to_string(),
        row.name.clone(),
        row.object.key.to_string(),
        row.difference.to_string(),
    ];
    for (outcome, id) in [&row.first, &row.second].into_iter().zip(ids) {
        cells.push(id.clone());
        cells.extend(outcome_cells(outcome.as_ref().map_or_else(Outcome::default, |outcome| Outcome {
            action: Some(outcome.action),
            state: Some(outcome.state),
            error: outcome.error.as_deref(),
            remedy: outcome.remedy.as_deref(),
        })));
    }
    cells
}
