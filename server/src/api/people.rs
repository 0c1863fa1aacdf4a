use axum::{Json, extract::State, response::Response};
use farshore_model::{
    GroupId, PairId,
    kind::ObjectKind,
    people::{PeopleDifference, WhatDiffers},
    view::{PairDifference, PairNames, PeopleFilter, PeoplePage},
};
use futures::stream;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiResult,
    caller::{Caller, Id, Query},
};
use crate::http::{AppState, Export, ExportFormat, ProblemResponse};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_people))
        .routes(routes!(compare_people))
        .routes(routes!(export_people))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// One pair of the group.
    pair: Option<PairId>,
    /// `users`, `service_principals` or `groups`.
    kind: Option<ObjectKind>,
    /// Part of a name, a field or a value.
    text: Option<String>,
    /// From 1.
    #[serde(default)]
    page: u32,
}

impl From<Filter> for PeopleFilter {
    fn from(filter: Filter) -> Self {
        let Filter { pair, kind, text, page } = filter;
        Self { pair, kind, text, page }
    }
}

/// How users, service principals and groups of the two sides of each pair differ: as of when, how many, and one page
/// of the differences.
#[utoipa::path(get, path = "/groups/{id}/people", tag = "people", params(("id" = GroupId, Path), Filter),
    responses((status = OK, body = PeoplePage)))]
async fn read_people(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Query(filter): Query<Filter>,
) -> ApiResult<PeoplePage> {
    Ok(Json(state.control.people_page(&actor, id, filter.into()).await?))
}

/// Have them compared now. The answer does not wait for it: `requested_at` of each pair is set until it has begun.
#[utoipa::path(post, path = "/groups/{id}/people/compare", tag = "people", params(("id" = GroupId, Path)),
    responses((status = OK, body = PeoplePage)))]
async fn compare_people(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
) -> ApiResult<PeoplePage> {
    state.control.compare_people(&actor, id).await?;
    Ok(Json(state.control.people_page(&actor, id, PeopleFilter::default()).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Exported {
    pair: Option<PairId>,
    kind: Option<ObjectKind>,
    /// Part of a name, a field or a value.
    text: Option<String>,
    #[serde(default)]
    format: ExportFormat,
}

/// All differences in one file.
#[utoipa::path(get, path = "/groups/{id}/people/export", tag = "people", params(("id" = GroupId, Path), Exported),
    responses((status = OK, body = Vec<PairDifference>, content_type = "application/json"),
        (status = OK, body = String, content_type = "text/csv")))]
async fn export_people(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Query(exported): Query<Exported>,
) -> Result<Response, ProblemResponse> {
    let Exported { pair, kind, text, format } = exported;
    let filter = PeopleFilter { pair, kind, text, page: 1 };
    let (group, pairs) = state.control.group_with_pairs(&actor, id).await?;
    // At once, and not in chunks: another comparison may replace them at any moment.
    let differences = state.control.people_differences(&actor, id, filter).await?;
    let export = Export {
        format,
        name: format!("{} people", group.name),
        titles: &["pair", "kind", "name", "difference", "field", "primary", "secondary"],
        cells: Box::new(move |one| cells(one, &pairs)),
    };
    export.send(stream::iter([Ok(differences)])).await
}

fn cells(one: &PairDifference, pairs: &[PairNames]) -> Vec<String> {
    let pair = pairs.iter().find(|pair| pair.id == one.pair_id);
    let PeopleDifference { kind, name, what } = &one.difference;
    let (what, field, primary, secondary) = match what.clone() {
        WhatDiffers::OnlyOn { side } => (format!("only_on_{side}"), String::new(), None, None),
        WhatDiffers::Field { field, primary, secondary } => ("field".to_owned(), field, primary, secondary),
    };
    vec![
        pair.map_or_else(|| one.pair_id.to_string(), |pair| format!("{} / {}", pair.primary, pair.secondary)),
        kind.to_string(),
        name.clone(),
        what,
        field,
        primary.unwrap_or_default(),
        secondary.unwrap_or_default(),
    ]
}
