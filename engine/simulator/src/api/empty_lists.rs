//! Kinds of objects that this workspace has none of: their lists are answered, and are empty.

use axum::routing::MethodFilter;
use serde_json::json;

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::state::State;

const LISTS: [&str; 9] = [
    "repos",
    "secrets/scopes/list",
    "sql/warehouses",
    "pipelines",
    "serving-endpoints",
    "git-credentials",
    "ip-access-lists",
    "lakeview/dashboards",
    "mlflow/experiments/list",
];

pub(super) fn routes(routes: Routes) -> Routes {
    LISTS.into_iter().fold(routes, |routes, list| routes.add(&[0], MethodFilter::GET, list, nothing))
}

fn nothing(_: &mut State, _: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Json(json!({})))
}
