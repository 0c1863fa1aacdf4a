//! `/api/2.0/libraries/*`.

use axum::routing::MethodFilter;
use serde_json::{Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply, clusters};
use crate::state::State;
use crate::state::cluster::Cluster;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::GET, "libraries/all-cluster-statuses", all_statuses)
        .add(&[0], MethodFilter::GET, "libraries/cluster-status", status)
        .add(&[0], MethodFilter::POST, "libraries/install", install)
        .add(&[0], MethodFilter::POST, "libraries/uninstall", uninstall)
}

fn view(cluster: &Cluster) -> Value {
    let status = if cluster.is_running() { "INSTALLED" } else { "PENDING" };
    let shown: Vec<Value> = cluster
        .libraries
        .iter()
        .map(|library| json!({"library": library, "status": status, "is_library_for_all_clusters": false}))
        .collect();
    json!({"cluster_id": cluster.cluster_id, "library_statuses": shown})
}

fn all_statuses(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    let with_libraries = state.clusters.values().filter(|cluster| !cluster.libraries.is_empty());
    let shown: Vec<Value> = with_libraries.map(view).collect();
    Ok(Reply::Json(json!({"statuses": shown})))
}

fn status(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Json(view(clusters::find(state, call)?)))
}

fn given(call: &Call) -> Vec<Value> {
    call.body.get("libraries").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn install(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    change(state, call, "install", |libraries, library| {
        let is_new = !libraries.contains(&library);
        if is_new {
            libraries.push(library);
        }
        is_new
    })
}

fn uninstall(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    change(state, call, "uninstall", |libraries, library| {
        let before = libraries.len();
        libraries.retain(|known| *known != library);
        libraries.len() != before
    })
}

fn change(
    state: &mut State,
    call: &Call,
    verb: &str,
    apply: fn(&mut Vec<Value>, Value) -> bool,
) -> Result<Reply, ApiError> {
    let cluster_id = clusters::find(state, call)?.cluster_id.clone();
    let Some(cluster) = state.clusters.get_mut(&cluster_id) else {
        return Err(clusters::missing(&cluster_id));
    };
    let changed =
        given(call).into_iter().filter(|library| apply(&mut cluster.libraries, library.clone())).count();
    if changed > 0 {
        let summary = format!("{verb} {changed} libraries on cluster \"{}\"", cluster.name());
        state.record(call, summary, Some(cluster_id));
    }
    Ok(Reply::empty())
}
