use axum::{
    Json,
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use farshore_model::{
    GroupId, PairId,
    kind::ObjectKind,
    people::WhatDiffers,
    view::{PairDifference, PeopleFilter, PeoplePage},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiResult,
    caller::{Caller, Id},
};
use crate::http::{AppState, Csv, ProblemResponse, attachment};

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

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Json,
    Csv,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Export {
    pair: Option<PairId>,
    kind: Option<ObjectKind>,
    /// Part of a name, a field or a value.
    text: Option<String>,
    #[serde(default)]
    format: Format,
}

/// All differences in one file.
#[utoipa::path(get, path = "/groups/{id}/people/export", tag = "people", params(("id" = GroupId, Path), Export),
    responses((status = OK, body = Vec<PairDifference>, content_type = "application/json"),
        (status = OK, body = String, content_type = "text/csv")))]
async fn export_people(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<GroupId>,
    Query(export): Query<Export>,
) -> Result<Response, ProblemResponse> {
    let Export { pair, kind, text, format } = export;
    let filter = PeopleFilter { pair, kind, text, page: 1 };
    let differences = state.control.people_differences(&actor, id, filter).await?;
    Ok(match format {
        Format::Json => {
            let disposition = [(header::CONTENT_DISPOSITION, attachment("people.json"))];
            (disposition, Json(differences)).into_response()
        }
        Format::Csv => csv(&differences).into_response("people.csv"),
    })
}

fn csv(differences: &[PairDifference]) -> Csv {
    let mut csv = Csv::new(&["pair", "kind", "name", "difference", "field", "primary", "secondary"]);
    for PairDifference { pair_id, difference } in differences {
        let pair = pair_id.to_string();
        let (what, field, primary, secondary) = match &difference.what {
            WhatDiffers::OnlyOn { side } => (format!("only_on_{side}"), None, None, None),
            WhatDiffers::Field { field, primary, secondary } => {
                ("field".to_owned(), Some(field), primary.as_ref(), secondary.as_ref())
            }
        };
        let text = |value: Option<&'_ String>| value.map(String::as_str).unwrap_or_default().to_owned();
        let (field, primary, secondary) = (text(field), text(primary), text(secondary));
        csv.push([&*pair, difference.kind.as_str(), &difference.name, &what, &field, &primary, &secondary]);
    }
    csv
}
