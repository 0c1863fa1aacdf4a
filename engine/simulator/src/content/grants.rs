//! Who may do what: on folders, jobs, clusters, pools and policies.

use serde_json::{Value, json};

use super::directory::application_id;
use crate::api::permissions;
use crate::state::State;

/// Folders with who may do what in them.
const FOLDERS: [(&str, &[(&str, &str)]); 7] = [
    (
        "/Production",
        &[("data-engineering", "CAN_RUN"), ("auditors", "CAN_READ"), ("data-platform", "CAN_MANAGE")],
    ),
    ("/Production/Finance close", &[("finance", "CAN_READ"), ("data-engineering", "CAN_EDIT")]),
    ("/Production/Claims", &[("claims", "CAN_READ"), ("data-engineering", "CAN_EDIT")]),
    ("/Production/Risk", &[("risk", "CAN_RUN"), ("data-engineering", "CAN_EDIT")]),
    ("/Production/Customer 360", &[("analytics", "CAN_RUN"), ("data-engineering", "CAN_EDIT")]),
    ("/Production/Ingestion", &[("data-engineering", "CAN_MANAGE")]),
    ("/Shared/Runbooks", &[("data-platform", "CAN_MANAGE"), ("auditors", "CAN_READ")]),
];

/// Beginnings of the names of jobs, with the group that may start them.
const JOBS: [(&str, &str); 5] = [
    ("Finance close", "finance"),
    ("Claims", "claims"),
    ("Risk", "risk"),
    ("Customer 360", "analytics"),
    ("Ingestion", "data-engineering"),
];

const CLUSTERS: [(&str, &str, &str); 4] = [
    ("shared-analytics", "analytics", "CAN_ATTACH_TO"),
    ("shared-analytics", "data-platform", "CAN_MANAGE"),
    ("finance-close-interactive", "finance", "CAN_RESTART"),
    ("ingestion-streaming", "data-engineering", "CAN_MANAGE"),
];

const POOLS: [(&str, &str, &str); 4] = [
    ("general-purpose", "data-engineering", "CAN_ATTACH_TO"),
    ("general-purpose", "analytics", "CAN_ATTACH_TO"),
    ("memory-optimized", "data-science", "CAN_ATTACH_TO"),
    ("streaming", "data-engineering", "CAN_MANAGE"),
];

const POLICIES: [(&str, &str); 5] = [
    ("data-engineering-jobs", "data-engineering"),
    ("analytics-interactive", "analytics"),
    ("finance-restricted", "finance"),
    ("ml-experiments", "data-science"),
    ("small-personal", "users"),
];

pub(super) fn add(state: &mut State) {
    for (path, granted) in FOLDERS {
        let list = granted.iter().map(|(group, level)| to_group(group, level)).collect();
        let object_id = state.tree.get(path).map(|node| node.object_id.to_string());
        grant(state, "directories", object_id, &list);
    }
    add_to_jobs(state);
    for (name, group, level) in CLUSTERS {
        let known = state.clusters.values().find(|cluster| cluster.name() == name);
        let id = known.map(|cluster| cluster.cluster_id.clone());
        grant(state, "clusters", id, &json!([to_group(group, level)]));
    }
    for (name, group, level) in POOLS {
        let id = state.pools.values().find(|pool| pool.name() == name).map(|pool| pool.pool_id.clone());
        grant(state, "instance-pools", id, &json!([to_group(group, level)]));
    }
    for (name, group) in POLICIES {
        let known = state.policies.values().find(|policy| policy.name() == name);
        let id = known.map(|policy| policy.policy_id.clone());
        grant(state, "cluster-policies", id, &json!([to_group(group, "CAN_USE")]));
    }
}

/// The nightly jobs belong to the machine that runs them; everybody may start those of their domain.
fn add_to_jobs(state: &mut State) {
    let runner = application_id("pipeline-runner");
    let jobs: Vec<(String, String)> =
        state.jobs.values().map(|job| (job.job_id.to_string(), job.name().to_owned())).collect();
    for (job_id, name) in jobs {
        let Some((_, group)) = JOBS.iter().find(|(domain, _)| name.starts_with(domain)) else { continue };
        let mut list = vec![to_group(group, "CAN_MANAGE_RUN"), to_group("auditors", "CAN_VIEW")];
        if name.ends_with("nightly") {
            list.push(json!({"service_principal_name": runner, "permission_level": "IS_OWNER"}));
        }
        grant(state, "jobs", Some(job_id), &list.into());
    }
}

fn to_group(name: &str, level: &str) -> Value {
    json!({"group_name": name, "permission_level": level})
}

fn grant(state: &mut State, kind: &str, id: Option<String>, list: &Value) {
    let Some(id) = id else {
        tracing::error!(kind, "a grant of the demo is on something that is not there");
        return;
    };
    if let Err(error) = permissions::grant(state, kind, &id, list) {
        tracing::error!(kind, id, answer = %error.body, "a grant of the demo is not valid");
    }
}
