use axum::{Json, extract::State};
use farshore_model::view::Viewer;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{ApiResult, caller::Caller};
use crate::http::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_session))
}

/// Who is calling, and at what kind of panel.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = OK, body = Viewer)))]
async fn read_session(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<Viewer> {
    Ok(Json(state.control.viewer(Some(&actor), "UTC".to_owned()).await?))
}
