//! The clusters that a run works on.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::clusters;
use crate::api::job_settings::new_clusters;
use crate::clock;
use crate::seed;
use crate::state::State;
use crate::state::cluster::{Cluster, ClusterState};
use crate::state::run::Run;

/// Starts the clusters of a run: those made for it, and existing ones that stand still.
pub(super) fn prepare(state: &mut State, run: &mut Run) {
    let templates: BTreeMap<String, Value> = run
        .settings
        .get("job_clusters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let key = entry.get("job_cluster_key")?.as_str()?.to_owned();
            Some((key, entry.get("new_cluster")?.clone()))
        })
        .collect();
    for index in 0..run.tasks.len() {
        let Some(settings) = run.tasks.get(index).map(|task| Arc::clone(&task.settings)) else { continue };
        let cluster = cluster_of(state, run, &settings, &templates);
        if let Some(task) = run.tasks.get_mut(index) {
            (task.cluster_id, task.cluster_refusal) = match cluster {
                Ok(cluster_id) => (cluster_id, None),
                Err(refusal) => (None, Some(refusal)),
            };
        }
    }
}

/// The cluster on which a task works, if it is one that can be told.
///
/// # Errors
/// Why the cluster that was to be made for it could not be.
fn cluster_of(
    state: &mut State,
    run: &mut Run,
    task: &Map<String, Value>,
    templates: &BTreeMap<String, Value>,
) -> Result<Option<String>, String> {
    if let Some(cluster_id) = task.get("existing_cluster_id").and_then(Value::as_str) {
        wake_cluster(state, cluster_id, &run.creator);
        return Ok(Some(cluster_id.to_owned()).filter(|cluster_id| state.clusters.contains_key(cluster_id)));
    }
    let key = task.get("job_cluster_key").and_then(Value::as_str);
    let template = match key {
        Some(key) => templates.get(key),
        None => task.get("new_cluster"),
    };
    let task_key = task.get("task_key").and_then(Value::as_str).unwrap_or_default();
    let key = key.unwrap_or(task_key).to_owned();
    if let Some((_, cluster_id)) = run.job_clusters.iter().find(|(known, _)| *known == key) {
        return Ok(Some(cluster_id.clone()));
    }
    let Some(template) = template.and_then(Value::as_object) else { return Ok(None) };
    let settings = new_clusters::created(state, template)
        .map_err(|error| error.body.get("message").and_then(Value::as_str).unwrap_or_default().to_owned())?;
    let cluster_id = create_job_cluster(state, run, &key, settings);
    run.job_clusters.push((key, cluster_id.clone()));
    Ok(Some(cluster_id))
}

fn wake_cluster(state: &mut State, cluster_id: &str, user_name: &str) {
    let (now_ms, start_ms) = (state.now_ms, state.cluster_start_ms);
    let Some(cluster) = state.clusters.get_mut(cluster_id) else { return };
    cluster.active_ms = now_ms;
    if matches!(cluster.state, ClusterState::Terminated) {
        cluster.begin_start(now_ms, now_ms + start_ms, user_name);
        clusters::take_instances(state, cluster_id);
    }
}

fn create_job_cluster(state: &mut State, run: &Run, key: &str, mut settings: Map<String, Value>) -> String {
    settings.insert("cluster_name".into(), format!("job-{}-run-{}-{key}", run.job_id, run.run_id).into());
    let now_ms = state.now_ms;
    let cluster_id = new_cluster_id(state);
    let mut cluster = Cluster {
        cluster_id: cluster_id.clone(),
        sequence: state.sequence(),
        settings,
        creator: run.creator.clone(),
        source: "JOB".into(),
        state: ClusterState::Pending,
        state_message: "Starting Spark".into(),
        due: Some((now_ms + run.setup_ms, ClusterState::Running)),
        created_ms: now_ms,
        restarted_ms: None,
        terminated_ms: None,
        termination: None,
        active_ms: now_ms,
        pinned_by: None,
        events: Vec::new(),
        libraries: Vec::new(),
        job_run: Some((run.job_id, run.name.clone())),
    };
    cluster.event(now_ms, "CREATING", serde_json::json!({"job_run_name": run.name}));
    state.clusters.insert(cluster_id.clone(), cluster);
    clusters::take_instances(state, &cluster_id);
    cluster_id
}

/// An id as clusters have it: `0101-123456-abcdefgh`.
pub(crate) fn new_cluster_id(state: &mut State) -> String {
    let mut number = seed::mix(state.next_number().unsigned_abs());
    let letters: String = (0..8)
        .map(|_| {
            let letter = (number % 36) as u32;
            number /= 36;
            char::from_digit(letter, 36).unwrap_or('0')
        })
        .collect();
    format!("{}-{letters}", clock::cluster_id_stamp(state.now_ms))
}
