//! `/api/2.0/policies/{clusters,jobs}/*-compliance`: whether what there is still keeps to policies that were edited.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::clusters::as_given;
use super::policy_rules::ClusterType;
use super::router::Routes;
use super::{ApiError, Call, Reply, clusters, jobs, paging, policy_rules};
use crate::state::State;
use crate::state::job::Job;
use crate::state::policy::Policy;

const DEFAULT_PAGE: i64 = 20;
const MAX_PAGE: i64 = 100;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(&[0], MethodFilter::GET, "policies/clusters/get-compliance", get_of_cluster)
        .add(&[0], MethodFilter::GET, "policies/clusters/list-compliance", list_of_clusters)
        .add(&[0], MethodFilter::GET, "policies/jobs/get-compliance", get_of_job)
        .add(&[0], MethodFilter::GET, "policies/jobs/list-compliance", list_of_jobs)
}

/// The policy that a cluster is under, if that is there.
pub(super) fn policy_of<'a>(state: &'a State, settings: &Map<String, Value>) -> Option<&'a Policy> {
    settings.get("policy_id").and_then(Value::as_str).and_then(|id| state.policies.get(id))
}

/// What a cluster's settings break of their policy, by the path of the setting.
fn violations(state: &State, settings: &Map<String, Value>) -> Map<String, Value> {
    let Some(policy) = policy_of(state, settings) else { return Map::new() };
    policy_rules::violations(policy.definition(), &as_given(settings), ClusterType::AllPurpose)
}

/// The same for a cluster that a job brings up: what the policy fixes comes when it does.
fn violations_of_new(state: &State, settings: &Map<String, Value>) -> Map<String, Value> {
    let Some(policy) = policy_of(state, settings) else { return Map::new() };
    let mut settings = settings.clone();
    policy_rules::fill(policy.definition(), &mut settings, false);
    policy_rules::violations(policy.definition(), &settings, ClusterType::Job)
}

/// The clusters that a job brings up, each with the place where it is written.
fn clusters_of(job: &Job) -> Vec<(String, &Map<String, Value>)> {
    let list = |name: &str| job.settings.get(name).and_then(Value::as_array).map(Vec::as_slice);
    let places = [("job_clusters", "job_cluster_key"), ("tasks", "task_key")];
    let entries = places.into_iter().flat_map(|(array, key)| {
        list(array).unwrap_or_default().iter().filter_map(move |entry| {
            let name = entry.get(key).and_then(Value::as_str).unwrap_or_default();
            Some((format!("{array}.{name}.new_cluster"), entry.get("new_cluster")?.as_object()?))
        })
    });
    entries.collect()
}

fn violations_of_job(state: &State, job: &Job) -> Map<String, Value> {
    let mut all = Map::new();
    for (place, settings) in clusters_of(job) {
        let found = violations_of_new(state, settings).into_iter();
        all.extend(found.map(|(path, message)| (format!("{place}.{path}"), message)));
    }
    all
}

fn verdict(violations: Map<String, Value>) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("is_compliant".into(), violations.is_empty().into());
    if !violations.is_empty() {
        shown.insert("violations".into(), Value::Object(violations));
    }
    shown
}

fn get_of_cluster(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let cluster = clusters::find(state, call)?;
    Ok(Reply::Json(Value::Object(verdict(violations(state, &cluster.settings)))))
}

fn get_of_job(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let job = jobs::find(state, call)?;
    Ok(Reply::Json(Value::Object(verdict(violations_of_job(state, job)))))
}

fn is_of(settings: &Map<String, Value>, policy_id: &str) -> bool {
    settings.get("policy_id").and_then(Value::as_str) == Some(policy_id)
}

fn list_of_clusters(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let policy_id = call.required_text("policy_id")?;
    let held = state.clusters.values().filter(|cluster| is_of(&cluster.settings, &policy_id));
    let shown = held.map(|cluster| {
        let mut shown = verdict(violations(state, &cluster.settings));
        shown.insert("cluster_id".into(), cluster.cluster_id.clone().into());
        Value::Object(shown)
    });
    page(call, "clusters", shown.collect())
}

fn list_of_jobs(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let policy_id = call.required_text("policy_id")?;
    let is_held = |job: &&Job| clusters_of(job).iter().any(|(_, settings)| is_of(settings, &policy_id));
    let shown = state.jobs.values().filter(is_held).map(|job| {
        let mut shown = verdict(violations_of_job(state, job));
        shown.insert("job_id".into(), job.job_id.into());
        Value::Object(shown)
    });
    page(call, "jobs", shown.collect())
}

fn page(call: &Call, name: &str, items: Vec<Value>) -> Result<Reply, ApiError> {
    let size = call.integer("page_size")?.filter(|size| *size != 0).unwrap_or(DEFAULT_PAGE);
    if !(1..=MAX_PAGE).contains(&size) {
        return Err(ApiError::invalid_parameter(format!("page_size must be between 1 and {MAX_PAGE}.")));
    }
    let size = usize::try_from(size).unwrap_or(1);
    let page = paging::page("compliance", items, call.text("page_token").as_deref(), 0, size)?;
    let mut reply = json!({name: page.items});
    if let (Some(next), Some(fields)) = (page.next, reply.as_object_mut()) {
        fields.insert("next_page_token".into(), next.into());
    }
    Ok(Reply::Json(reply))
}
