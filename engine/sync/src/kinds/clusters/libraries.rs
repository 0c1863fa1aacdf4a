//! The libraries of a cluster: what is wanted on it, not how far its installation is.

use std::collections::BTreeMap;

use farshore_databricks::{ApiError, WorkspaceClient};
use serde_json::Value;

use super::LIBRARIES;
use crate::canonical::{compact, text};

/// The clusters, each with the libraries that are wanted on it.
pub(super) fn merged(mut clusters: Vec<Value>, statuses: Vec<Value>) -> Vec<Value> {
    let of_cluster = |mut entry: Value| {
        let id = text(&entry, "cluster_id")?.to_owned();
        let statuses = entry.get_mut("library_statuses").map(Value::take);
        Some((id, wanted(&statuses.and_then(into_list).unwrap_or_default())))
    };
    let mut by_cluster: BTreeMap<String, Value> = statuses.into_iter().filter_map(of_cluster).collect();
    for cluster in &mut clusters {
        let libraries = text(cluster, "cluster_id").and_then(|id| by_cluster.remove(id));
        if let (Some(libraries), Some(cluster)) = (libraries, cluster.as_object_mut()) {
            cluster.insert(LIBRARIES.to_owned(), libraries);
        }
    }
    clusters
}

/// What stays on the cluster, sorted: not what leaves it at its next start, and not what a workspace installs on
/// every cluster, whatever the cluster says.
pub(super) fn wanted(statuses: &[Value]) -> Value {
    let is_own = |status: &&Value| {
        text(status, "status") != Some("UNINSTALL_ON_RESTART")
            && status.get("is_library_for_all_clusters") != Some(&Value::Bool(true))
    };
    let mut libraries: Vec<Value> =
        statuses.iter().filter(is_own).filter_map(|status| status.get("library").cloned()).collect();
    libraries.sort_by_cached_key(compact);
    Value::Array(libraries)
}

/// Installs what is missing and removes what is too much. On a terminated cluster both are noted, and take effect
/// when it starts.
pub(super) async fn make_equal(
    target: &WorkspaceClient,
    cluster_id: &str,
    present: &Value,
    wanted: &Value,
) -> Result<(), ApiError> {
    let beyond = |left: &Value, right: &Value| -> Vec<Value> {
        of(left).iter().filter(|library| !of(right).contains(library)).cloned().collect()
    };
    let (missing, superfluous) = (beyond(wanted, present), beyond(present, wanted));
    if !superfluous.is_empty() {
        target.uninstall_libraries(cluster_id, &superfluous).await?;
    }
    if !missing.is_empty() {
        target.install_libraries(cluster_id, &missing).await?;
    }
    Ok(())
}

/// The libraries in a field that may be missing.
pub(super) fn of(libraries: &Value) -> &[Value] {
    libraries.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn into_list(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_leaves_the_cluster_is_gone_and_the_rest_has_one_order() {
        let [numpy, arrow, spark] = [
            json!({"pypi": {"package": "numpy"}}),
            json!({"pypi": {"package": "arrow"}}),
            json!({"jar": "x"}),
        ];
        let status = |library: &Value, status: &str| json!({"library": library, "status": status});
        let statuses = vec![
            json!({"cluster_id": "a", "library_statuses": [
                status(&numpy, "INSTALLED"), status(&arrow, "FAILED"), status(&spark, "UNINSTALL_ON_RESTART"),
            ]}),
            json!({"cluster_id": "of another one"}),
            json!({"cluster_id": "b", "library_statuses": [
                {"library": numpy, "status": "INSTALLED", "is_library_for_all_clusters": true},
            ]}),
        ];
        let clusters = ["a", "b", "c"].map(|id| json!({ "cluster_id": id }));
        let merged = merged(clusters.to_vec(), statuses);
        assert_eq!(merged[0]["libraries"], json!([arrow, numpy]));
        assert_eq!(merged[1]["libraries"], json!([]));
        assert_eq!(merged[2].get("libraries"), None);
    }
}
