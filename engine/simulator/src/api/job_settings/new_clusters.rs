//! The clusters that a job brings up.

use serde_json::{Map, Value};

use crate::api::policy_rules::{self, ClusterType};
use crate::api::{ApiError, cloud_defaults, clusters};
use crate::state::State;

/// Whether a policy's defaults are to be filled in.
const WISH: &str = "apply_policy_default_values";

/// The specifications of new clusters in settings, wherever they are.
fn specifications(settings: &Map<String, Value>) -> Vec<&Value> {
    let list = |name: &str| settings.get(name).and_then(Value::as_array).into_iter().flatten();
    let tasks = list("tasks");
    let within = list("tasks").filter_map(|task| task.get("for_each_task")?.get("task"));
    list("job_clusters").chain(tasks).chain(within).filter_map(|owner| owner.get("new_cluster")).collect()
}

/// Shows what a cluster will have without a word about it. Under a policy, that decides.
pub(crate) fn add_cloud_defaults(region: &str, settings: &mut Map<String, Value>) {
    for array in ["job_clusters", "tasks"] {
        let owners = settings.get_mut(array).and_then(Value::as_array_mut).into_iter().flatten();
        for owner in owners {
            if let Some(Value::Object(cluster)) = owner.get_mut("new_cluster")
                && !cluster.contains_key("policy_id")
            {
                cloud_defaults::add(region, cluster);
                cluster.entry("data_security_mode").or_insert_with(|| "SINGLE_USER".into());
            }
        }
    }
}

/// Refuses clusters that could not be created. Those that the job has already stay as they are, whatever has become
/// of their pools and policies.
pub(super) fn check(
    state: &State,
    settings: &Map<String, Value>,
    known: &Map<String, Value>,
) -> Result<(), ApiError> {
    let known = specifications(known);
    for specification in specifications(settings) {
        if let Value::Object(given) = specification
            && !known.contains(&specification)
        {
            created(state, given)?;
        }
    }
    Ok(())
}

/// Fills in a policy's defaults when these are wanted. The wish is taken, and not shown again.
pub(super) fn complete(state: &State, owner: &mut Map<String, Value>) {
    let Some(Value::Object(cluster)) = owner.get_mut("new_cluster") else { return };
    let is_wanting_defaults = is_wanting_defaults(cluster);
    cluster.remove(WISH);
    let policy = cluster.get("policy_id").and_then(Value::as_str).and_then(|id| state.policies.get(id));
    if let Some(policy) = policy.filter(|_| is_wanting_defaults) {
        policy_rules::fill(policy.definition(), cluster, true);
    }
}

/// The settings of the cluster that comes of a specification.
pub(crate) fn created(state: &State, given: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    let settings = clusters::complete(state, given.clone(), ClusterType::Job, is_wanting_defaults(given));
    settings.map_err(|error| {
        let message = error.body.get("message").and_then(Value::as_str).unwrap_or_default();
        ApiError::invalid_parameter(format!("Cluster validation error: {message}"))
    })
}

fn is_wanting_defaults(given: &Map<String, Value>) -> bool {
    given.get(WISH).and_then(Value::as_bool).unwrap_or(false)
}
