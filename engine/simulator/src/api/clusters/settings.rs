//! What a cluster's settings may be.

use serde_json::{Map, Value};

use crate::api::policy_rules::{self, ClusterType};
use crate::api::{ApiError, cluster_catalog};
use crate::state::State;

/// What an edit may not carry over into the settings.
const NOT_SETTINGS: [&str; 5] =
    ["cluster_id", "apply_policy_default_values", "clone_from", "idempotency_token", "cluster_source"];

/// Checks the settings of a cluster and adds what the service adds.
pub(crate) fn complete(
    state: &State,
    settings: Map<String, Value>,
    cluster_type: ClusterType,
    fills_defaults: bool,
) -> Result<Map<String, Value>, ApiError> {
    let mut settings = settings;
    settings.retain(|name, value| !value.is_null() && !NOT_SETTINGS.contains(&name.as_str()));
    if let Some(policy_id) = settings.get("policy_id").and_then(Value::as_str).filter(|id| !id.is_empty()) {
        let policy = state.policies.get(policy_id).ok_or_else(|| {
            ApiError::invalid_parameter(format!("Can't find a cluster policy with id: {policy_id}."))
        })?;
        policy_rules::apply(policy.definition(), &mut settings, cluster_type, fills_defaults)?;
    }
    let Some(spark_version) =
        settings.get("spark_version").and_then(Value::as_str).filter(|key| !key.is_empty())
    else {
        return Err(ApiError::invalid_parameter("Missing required field: spark_version"));
    };
    cluster_catalog::check_runtime(spark_version)?;
    if settings.get("is_single_node").and_then(Value::as_bool) == Some(true) {
        settings.entry("num_workers").or_insert_with(|| 0.into());
    }
    check_size(&settings)?;
    let minutes = settings.entry("autotermination_minutes").or_insert_with(|| 0.into());
    if !minutes.as_i64().is_some_and(|minutes| minutes == 0 || (10..=10_000).contains(&minutes)) {
        let message = "The cluster autotermination_minutes must be 0 or between 10 and 10000.";
        return Err(ApiError::invalid_parameter(message));
    }
    settings.entry("cluster_name").or_insert_with(|| "".into());
    settings.entry("enable_elastic_disk").or_insert_with(|| true.into());
    fill_from_pool(state, &mut settings)?;
    check_node_types(state, &settings)?;
    Ok(settings)
}

/// A cluster has a fixed size or one that moves between bounds.
pub(super) fn check_size(settings: &Map<String, Value>) -> Result<(), ApiError> {
    if settings.contains_key("num_workers") == settings.contains_key("autoscale") {
        let message = "Exactly 1 of virtual_cluster_size, num_workers or autoscale must be specified.";
        return Err(ApiError::invalid_parameter(message));
    }
    if settings.get("num_workers").is_some_and(|workers| workers.as_i64().is_none_or(|workers| workers < 0)) {
        return Err(ApiError::invalid_parameter("num_workers must be a number of at least 0."));
    }
    check_autoscale(settings)
}

fn check_node_types(state: &State, settings: &Map<String, Value>) -> Result<(), ApiError> {
    let text = |name: &str| settings.get(name).and_then(Value::as_str).filter(|id| !id.is_empty());
    if text("node_type_id").is_none() {
        return Err(ApiError::invalid_parameter("Missing required field 'node_type_id'"));
    }
    ["node_type_id", "driver_node_type_id"]
        .into_iter()
        .filter_map(text)
        .try_for_each(|node_type_id| cluster_catalog::check_node_type(&state.region, node_type_id))
}

fn check_autoscale(settings: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(range) = settings.get("autoscale") else { return Ok(()) };
    let bound = |name: &str| range.get(name).and_then(Value::as_i64);
    match (bound("min_workers"), bound("max_workers")) {
        (Some(least), Some(most)) if 0 <= least && least <= most => Ok(()),
        _ => Err(ApiError::invalid_parameter("autoscale needs min_workers and max_workers, in this order.")),
    }
}

/// A cluster of a pool has the pool's node type and must not name one of its own.
fn fill_from_pool(state: &State, settings: &mut Map<String, Value>) -> Result<(), ApiError> {
    let pool_of = |settings: &Map<String, Value>, name: &str| -> Result<Option<Value>, ApiError> {
        let Some(pool_id) = settings.get(name).and_then(Value::as_str).filter(|id| !id.is_empty()) else {
            return Ok(None);
        };
        let pool = state.pools.get(pool_id).ok_or_else(|| {
            ApiError::invalid_parameter(format!("Can't find an instance pool with id: {pool_id}."))
        })?;
        Ok(Some(pool.settings.get("node_type_id").cloned().unwrap_or_default()))
    };
    let Some(node_type) = pool_of(settings, "instance_pool_id")? else {
        if let Some(node_type) = settings.get("node_type_id").cloned() {
            settings.entry("driver_node_type_id").or_insert(node_type);
        }
        return Ok(());
    };
    for name in ["node_type_id", "driver_node_type_id"] {
        if settings.get(name).and_then(Value::as_str).is_some_and(|given| !given.is_empty()) {
            let message =
                format!("The field '{name}' cannot be supplied when an instance pool ID is provided.");
            return Err(ApiError::invalid_parameter(message));
        }
    }
    let driver_type = pool_of(settings, "driver_instance_pool_id")?.unwrap_or_else(|| node_type.clone());
    settings.insert("node_type_id".into(), node_type);
    settings.insert("driver_node_type_id".into(), driver_type);
    let pool_id = settings.get("instance_pool_id").cloned().unwrap_or_default();
    settings.entry("driver_instance_pool_id").or_insert(pool_id);
    Ok(())
}

/// Complete settings without what the service has worked out from others: only what a caller has set can break a
/// policy.
pub(crate) fn as_given(settings: &Map<String, Value>) -> Map<String, Value> {
    let mut given = settings.clone();
    let drop_if_same = |given: &mut Map<String, Value>, derived: &str, source: &str| {
        if given.get(derived).is_some() && given.get(derived) == given.get(source) {
            given.remove(derived);
        }
    };
    if given.contains_key("instance_pool_id") {
        given.remove("node_type_id");
        given.remove("driver_node_type_id");
    }
    drop_if_same(&mut given, "driver_node_type_id", "node_type_id");
    drop_if_same(&mut given, "driver_instance_pool_id", "instance_pool_id");
    given
}
