//! `/api/2.0/policies/{clusters,jobs}/enforce-compliance`: brings what there is to the present version of its policy.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::clusters::{self, as_given};
use super::policy_compliance::policy_of;
use super::policy_rules::{self, ClusterType, Correction};
use super::router::Routes;
use super::{ApiError, Call, Reply, jobs};
use crate::state::State;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(&[0], MethodFilter::POST, "policies/clusters/enforce-compliance", enforce_on_cluster).add(
        &[0],
        MethodFilter::POST,
        "policies/jobs/enforce-compliance",
        enforce_on_job,
    )
}

/// The changes as they are answered, below the place of the cluster in its job.
fn shown(place: &str, corrections: Vec<Correction>) -> Vec<Value> {
    let plain = |value: Option<Value>| match value {
        Some(Value::String(text)) => text,
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let kind = |value: &Value| match value {
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        _ => "string",
    };
    let corrections = corrections.into_iter().map(|Correction { path, before, after }| {
        let kind = after.as_ref().or(before.as_ref()).map_or("string", kind);
        json!({
            "field": format!("{place}{path}"), "previous_value": plain(before), "new_value": plain(after), "type": kind,
        })
    });
    corrections.collect()
}

fn enforce_on_cluster(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let cluster = clusters::find(state, call)?;
    let mut settings = as_given(&cluster.settings);
    let corrections = match policy_of(state, &settings) {
        Some(policy) => policy_rules::correct(policy.definition(), &mut settings, ClusterType::AllPurpose)?,
        None => Vec::new(),
    };
    let has_changes = !corrections.is_empty();
    let changes = shown("", corrections);
    if has_changes && !call.flag("validate_only") {
        let settings = clusters::complete(state, settings, ClusterType::AllPurpose, false)?;
        clusters::apply_settings(state, call, settings)?;
    }
    Ok(Reply::Json(json!({"has_changes": has_changes, "changes": changes})))
}

fn enforce_on_job(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let job = jobs::find(state, call)?;
    let job_id = job.job_id;
    let mut settings = job.settings.clone();
    let mut changes = Vec::new();
    for (array, key) in [("job_clusters", "job_cluster_key"), ("tasks", "task_key")] {
        let owners = settings.get_mut(array).and_then(Value::as_array_mut).into_iter().flatten();
        for owner in owners {
            let name = owner.get(key).and_then(Value::as_str).unwrap_or_default();
            let place = format!("{array}.{name}.new_cluster.");
            if let Some(Value::Object(cluster)) = owner.get_mut("new_cluster") {
                changes.extend(shown(&place, corrected(state, cluster)?));
            }
        }
    }
    let has_changes = !changes.is_empty();
    let reply = json!({"has_changes": has_changes, "job_cluster_changes": changes, "settings": settings});
    if has_changes && !call.flag("validate_only") {
        jobs::keep_settings(state, call, job_id, settings, "enforce the policies of");
    }
    Ok(Reply::Json(reply))
}

/// Corrects a cluster that a job brings up; what the policy fixes comes when it does.
fn corrected(state: &State, cluster: &mut Map<String, Value>) -> Result<Vec<Correction>, ApiError> {
    let Some(policy) = policy_of(state, cluster) else { return Ok(Vec::new()) };
    let mut filled = cluster.clone();
    policy_rules::fill(policy.definition(), &mut filled, false);
    let corrections = policy_rules::correct(policy.definition(), &mut filled, ClusterType::Job)?;
    if !corrections.is_empty() {
        *cluster = filled;
    }
    Ok(corrections)
}
