//! `/api/2.0/libraries/*`.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply, clusters};
use crate::state::State;
use crate::state::cluster::Cluster;
use crate::state::library::Library;

/// What a library can be; each names exactly one.
const SOURCES: [&str; 7] = ["jar", "egg", "whl", "pypi", "maven", "cran", "requirements"];

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::GET, "libraries/all-cluster-statuses", all_statuses)
        .add(&[0], MethodFilter::GET, "libraries/cluster-status", status)
        .add(&[0], MethodFilter::POST, "libraries/install", install)
        .add(&[0], MethodFilter::POST, "libraries/uninstall", uninstall)
}

/// The file of a library that is one and is not where it should be.
fn lost_file<'a>(state: &State, spec: &'a Value) -> Option<&'a str> {
    let named =
        ["jar", "egg", "whl", "requirements"].into_iter().find_map(|source| spec.get(source)?.as_str())?;
    // What lies in object storage, in a volume or behind a mount is not the workspace's own.
    let is_elsewhere = |path: &&str| path.starts_with("/mnt/") || path.starts_with("/Volumes/");
    let in_dbfs = named.strip_prefix("dbfs:").filter(|path| !is_elsewhere(path));
    let is_lost = match (named.strip_prefix("/Workspace"), in_dbfs) {
        (Some(path), _) => state.tree.get(path).is_none(),
        (None, Some(path)) => state.dbfs.get(path).is_none(),
        (None, None) => false,
    };
    is_lost.then_some(named)
}

fn view(state: &State, cluster: &Cluster) -> Value {
    let install_ms = state.cluster_start_ms / 2;
    let present = cluster.libraries.iter().filter(|library| !library.is_gone(cluster));
    let shown: Vec<Value> = present
        .map(|library| {
            let mut status = library.status(cluster, state.now_ms, install_ms);
            let lost = lost_file(state, &library.spec);
            let mut fields = json!({"library": library.spec, "is_library_for_all_clusters": false});
            if let (Some(path), "INSTALLED") = (lost, status) {
                status = "FAILED";
                fields["messages"] = json!([format!("Library installation failed: {path} does not exist.")]);
            }
            fields["status"] = status.into();
            fields
        })
        .collect();
    let mut reply = Map::from_iter([("cluster_id".to_owned(), cluster.cluster_id.clone().into())]);
    if !shown.is_empty() {
        reply.insert("library_statuses".into(), shown.into());
    }
    Value::Object(reply)
}

fn all_statuses(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    let is_present = |cluster: &&Cluster| cluster.libraries.iter().any(|library| !library.is_gone(cluster));
    let shown: Vec<Value> =
        state.clusters.values().filter(is_present).map(|cluster| view(state, cluster)).collect();
    let reply = if shown.is_empty() { json!({}) } else { json!({"statuses": shown}) };
    Ok(Reply::Json(reply))
}

fn status(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Json(view(state, clusters::find(state, call)?)))
}

/// The libraries that a call names.
fn given(call: &Call) -> Result<Vec<Value>, ApiError> {
    let libraries = call.body.get("libraries").and_then(Value::as_array).filter(|given| !given.is_empty());
    let libraries =
        libraries.ok_or_else(|| ApiError::invalid_parameter("Missing required field: libraries"))?;
    for library in libraries {
        check(library)?;
    }
    Ok(libraries.clone())
}

fn check(library: &Value) -> Result<(), ApiError> {
    let named: Vec<&str> = SOURCES
        .into_iter()
        .filter(|source| library.get(source).is_some_and(|value| !value.is_null()))
        .collect();
    let [source] = named.as_slice() else {
        let message = format!("A library must have exactly one of {}.", SOURCES.join(", "));
        return Err(ApiError::invalid_parameter(message));
    };
    let field = match *source {
        "pypi" | "cran" => Some("package"),
        "maven" => Some("coordinates"),
        _ => None,
    };
    let value = library.get(source).and_then(|value| match field {
        Some(field) => value.get(field)?.as_str(),
        None => value.as_str(),
    });
    if value.is_some_and(|value| !value.is_empty()) {
        return Ok(());
    }
    let what = field.map_or_else(|| (*source).to_owned(), |field| format!("{source}.{field}"));
    Err(ApiError::invalid_parameter(format!("Library field {what} must be given.")))
}

fn install(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    change(state, call, "install", |libraries, spec, now_ms| {
        match libraries.iter_mut().find(|known| known.spec == spec) {
            // Wanted again before it went.
            Some(known) => known.leaving_ms.take().is_some(),
            None => {
                libraries.push(Library { spec, asked_ms: now_ms, leaving_ms: None });
                true
            }
        }
    })
}

fn uninstall(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    change(state, call, "uninstall", |libraries, spec, now_ms| {
        let known = libraries.iter_mut().find(|known| known.spec == spec && known.leaving_ms.is_none());
        known.map(|known| known.leaving_ms = Some(now_ms)).is_some()
    })
}

/// Changes one library and says whether that made a difference.
type Change = fn(&mut Vec<Library>, Value, i64) -> bool;

fn change(state: &mut State, call: &Call, verb: &str, apply: Change) -> Result<Reply, ApiError> {
    let cluster_id = clusters::find(state, call)?.cluster_id.clone();
    let (given, now_ms) = (given(call)?, state.now_ms);
    let Some(cluster) = state.clusters.get_mut(&cluster_id) else {
        return Err(clusters::missing(&cluster_id));
    };
    let mut libraries = std::mem::take(&mut cluster.libraries);
    libraries.retain(|library| !library.is_gone(cluster));
    let changed: Vec<String> = given
        .into_iter()
        .filter(|spec| apply(&mut libraries, spec.clone(), now_ms))
        .map(|spec| spec.to_string())
        .collect();
    cluster.libraries = libraries;
    if !changed.is_empty() {
        let summary = format!("{verb} on cluster \"{}\": {}", cluster.name(), changed.join(", "));
        state.record(call, summary, Some(cluster_id));
    }
    Ok(Reply::empty())
}
