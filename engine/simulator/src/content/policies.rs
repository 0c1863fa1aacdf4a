//! Five cluster policies.

use serde_json::{Value, json};

use super::{DAY_MS, fields};
use crate::api::policies;
use crate::state::State;

/// Adds the policies; their ids by name.
pub(super) fn add(state: &mut State) -> Vec<(&'static str, String)> {
    let creator = state.directory.admin_user_name();
    definitions()
        .into_iter()
        .enumerate()
        .map(|(index, (name, description, definition))| {
            let policy =
                json!({"name": name, "description": description, "definition": definition.to_string()});
            let policy_id = policies::add(state, fields(policy), &creator);
            if let Some(policy) = state.policies.get_mut(&policy_id) {
                policy.created_ms -= (400 - 10 * index as i64) * DAY_MS;
            }
            (name, policy_id)
        })
        .collect()
}

fn definitions() -> [(&'static str, &'static str, Value); 5] {
    let tag = |value: &str| json!({"type": "fixed", "value": value});
    [
        (
            "data-engineering-jobs",
            "Job clusters of the production pipelines",
            json!({
                "spark_version": {"type": "unlimited", "defaultValue": "16.4.x-scala2.12"},
                "autoscale.max_workers": {"type": "range", "maxValue": 20, "defaultValue": 8},
                "custom_tags.cost_owner": tag("data-engineering"),
                "spark_conf.spark.databricks.delta.optimizeWrite.enabled": {"type": "fixed", "value": "true"},
            }),
        ),
        (
            "analytics-interactive",
            "Shared clusters for analysts",
            json!({
                "autoscale.max_workers": {"type": "range", "maxValue": 12, "defaultValue": 6},
                "data_security_mode": {"type": "fixed", "value": "USER_ISOLATION"},
                "custom_tags.cost_owner": tag("analytics"),
            }),
        ),
        (
            "finance-restricted",
            "Clusters that may read unpublished figures",
            json!({
                "data_security_mode": {"type": "allowlist", "values": ["USER_ISOLATION", "SINGLE_USER"]},
                "enable_local_disk_encryption": {"type": "fixed", "value": true},
                "custom_tags.cost_owner": tag("finance"),
                "custom_tags.classification": tag("restricted"),
            }),
        ),
        (
            "ml-experiments",
            "Machine-learning runtimes for model work",
            json!({
                "num_workers": {"type": "range", "maxValue": 6, "defaultValue": 2},
                "autotermination_minutes": {"type": "range", "minValue": 10, "maxValue": 240, "defaultValue": 60},
                "custom_tags.cost_owner": tag("data-science"),
            }),
        ),
        (
            "small-personal",
            "One node for a single person",
            json!({
                "num_workers": {"type": "fixed", "value": 0, "hidden": true},
                "autotermination_minutes": {"type": "range", "minValue": 10, "maxValue": 120, "defaultValue": 30},
                "custom_tags.cost_owner": tag("personal"),
            }),
        ),
    ]
}
