//! What Unity Catalog says of the workspace's metastore.

use axum::routing::MethodFilter;
use serde_json::{Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply, cluster_catalog};
use crate::seed;
use crate::state::State;

pub(super) fn routes(routes: Routes) -> Routes {
    let version = &[1];
    routes
        .add(version, MethodFilter::GET, "unity-catalog/metastore_summary", summary)
        .add(version, MethodFilter::GET, "unity-catalog/current-metastore-assignment", assignment)
        .add(version, MethodFilter::GET, "unity-catalog/metastores", list)
        .add(version, MethodFilter::GET, "unity-catalog/metastores/{id}", get)
}

/// There is one metastore a region.
fn metastore_id(state: &State) -> String {
    let (high, low) = (seed::of_text(&state.region), seed::mix(seed::of_text(&state.region)));
    let hex = format!("{high:016x}{low:016x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

fn metastore(state: &State) -> Value {
    let (region, id) = (&state.region, metastore_id(state));
    let cloud = cluster_catalog::cloud_of(region);
    json!({
        "metastore_id": id,
        "name": format!("metastore-{region}"),
        "cloud": cloud,
        "region": region,
        "global_metastore_id": format!("{cloud}:{region}:{id}"),
        "owner": "admins",
        "privilege_model_version": "1.0",
        "delta_sharing_scope": "INTERNAL",
        "external_access_enabled": false,
        "created_at": 1_735_689_600_000_i64,
        "updated_at": 1_735_689_600_000_i64,
        "created_by": state.directory.admin_user_name(),
        "updated_by": state.directory.admin_user_name(),
    })
}

fn summary(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Json(metastore(state)))
}

fn assignment(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Json(json!({
        "metastore_id": metastore_id(state), "workspace_id": state.org_id, "default_catalog_name": "main",
    })))
}

fn list(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Json(json!({"metastores": [metastore(state)]})))
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let id = call.placeholder("id");
    if id != metastore_id(state) {
        return Err(ApiError::does_not_exist(format!("Metastore '{id}' does not exist.")));
    }
    Ok(Reply::Json(metastore(state)))
}
