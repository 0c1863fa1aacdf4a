//! `/api/2.x/clusters/*`: what clusters are; how they live is in `lifecycle`.

use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::policy_rules::ClusterType;
use super::router::Routes;
use super::{ApiError, Call, Reply, paging, permissions};
use crate::scheduler::clusters::take_instances;
use crate::scheduler::run_clusters::new_cluster_id;
use crate::state::State;
use crate::state::cluster::{Cluster, ClusterState};

mod lifecycle;
mod settings;
mod update_mask;
mod view;

pub(crate) use settings::{as_given, complete};

const DEFAULT_PAGE: i64 = 20;
const MAX_PAGE: i64 = 100;

pub(super) fn routes(routes: Routes) -> Routes {
    let all = &[0, 1];
    let routes = routes
        .add(all, MethodFilter::POST, "clusters/create", create)
        .add(all, MethodFilter::POST, "clusters/edit", edit)
        .add(all, MethodFilter::POST, "clusters/update", update)
        .add(all, MethodFilter::GET, "clusters/get", get)
        .add(all, MethodFilter::GET, "clusters/list", list);
    lifecycle::routes(routes)
}

pub(super) fn missing(cluster_id: &str) -> ApiError {
    ApiError::invalid_parameter(format!("Cluster {cluster_id} does not exist"))
}

/// The cluster that a call names.
pub(super) fn find<'a>(state: &'a State, call: &Call) -> Result<&'a Cluster, ApiError> {
    let cluster_id = call.required_text("cluster_id")?;
    state.clusters.get(&cluster_id).ok_or_else(|| missing(&cluster_id))
}

fn find_mut<'a>(state: &'a mut State, call: &Call) -> Result<&'a mut Cluster, ApiError> {
    let cluster_id = call.required_text("cluster_id")?;
    state.clusters.get_mut(&cluster_id).ok_or_else(|| missing(&cluster_id))
}

fn unexpected(cluster: &Cluster) -> ApiError {
    let message = format!("Cluster {} is in unexpected state {}.", cluster.cluster_id, cluster.state.title());
    ApiError::invalid_state(message)
}

/// Adds a cluster that is as its settings say and in the given state; returns its id.
pub(crate) fn add(
    state: &mut State,
    settings: Map<String, Value>,
    creator: &str,
    source: &str,
    cluster_state: ClusterState,
) -> String {
    let cluster_id = new_cluster_id(state);
    let now_ms = state.now_ms;
    let cluster = Cluster {
        cluster_id: cluster_id.clone(),
        sequence: state.sequence(),
        settings,
        creator: creator.to_owned(),
        source: source.to_owned(),
        state: cluster_state,
        state_message: String::new(),
        due: None,
        created_ms: now_ms,
        restarted_ms: None,
        terminated_ms: None,
        termination: None,
        active_ms: now_ms,
        pinned_by: None,
        events: Vec::new(),
        libraries: Vec::new(),
        job_run: None,
    };
    state.clusters.insert(cluster_id.clone(), cluster);
    cluster_id
}

fn create(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let token = call.text("idempotency_token").filter(|token| !token.is_empty());
    let known = token.as_ref().and_then(|token| state.cluster_tokens.get(token));
    if let Some(cluster_id) = known.filter(|cluster_id| state.clusters.contains_key(*cluster_id)) {
        return Ok(Reply::Json(json!({"cluster_id": cluster_id})));
    }
    let mut given = call.body.clone();
    let access_control_list = given.remove("access_control_list");
    let settings = complete(state, given, ClusterType::AllPurpose, call.flag("apply_policy_default_values"))?;
    if let Some(list) = &access_control_list {
        permissions::check_new(state, "clusters", list)?;
    }
    let (now_ms, ready_at_ms) = (state.now_ms, state.now_ms + state.cluster_start_ms);
    let cluster_id = add(state, settings, &call.user_name, "API", ClusterState::Pending);
    if let Some(list) = access_control_list {
        permissions::grant(state, "clusters", &cluster_id, &list)?;
    }
    if let Some(cluster) = state.clusters.get_mut(&cluster_id) {
        cluster.state_message =
            "Finding instances for new nodes, acquiring more instances if necessary".into();
        cluster.due = Some((ready_at_ms, ClusterState::Running));
        cluster.event(
            now_ms,
            "CREATING",
            json!({"user": call.user_name, "cluster_size": {"num_workers": cluster.workers()}}),
        );
    }
    take_instances(state, &cluster_id);
    if let Some(token) = token {
        state.cluster_tokens.insert(token, cluster_id.clone());
    }
    record(state, call, &cluster_id, "create");
    Ok(Reply::Json(json!({"cluster_id": cluster_id})))
}

fn record(state: &mut State, call: &Call, cluster_id: &str, what: &str) {
    let name = state.clusters.get(cluster_id).map(|cluster| cluster.name().to_owned()).unwrap_or_default();
    state.record(call, format!("{what} cluster \"{name}\""), Some(cluster_id.to_owned()));
}

fn edit(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    find(state, call)?;
    let settings = complete(
        state,
        call.body.clone(),
        ClusterType::AllPurpose,
        call.flag("apply_policy_default_values"),
    )?;
    apply_settings(state, call, settings)
}

/// Changes only the fields that the mask names.
fn update(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let cluster = find(state, call)?;
    let mask = call.required_text("update_mask")?;
    let given = call.object("cluster")?.unwrap_or_default();
    let mut settings = as_given(&cluster.settings);
    let everything = || given.keys().map(String::as_str).collect();
    let named: Vec<&str> =
        if mask.trim() == "*" { everything() } else { mask.split(',').map(str::trim).collect() };
    for field in named.into_iter().filter(|field| !field.is_empty()) {
        update_mask::take_over(&mut settings, &given, field)?;
    }
    let settings = complete(state, settings, ClusterType::AllPurpose, false)?;
    apply_settings(state, call, settings)
}

/// Replaces the settings of the cluster that a call names; what runs is restarted.
pub(super) fn apply_settings(
    state: &mut State,
    call: &Call,
    settings: Map<String, Value>,
) -> Result<Reply, ApiError> {
    let (now_ms, ready_at_ms) = (state.now_ms, state.now_ms + state.cluster_start_ms);
    let cluster = find_mut(state, call)?;
    if cluster.is_job_cluster() {
        let message = format!("Cluster {} was created by a job and cannot be edited.", cluster.cluster_id);
        return Err(ApiError::invalid_parameter(message));
    }
    match cluster.state {
        ClusterState::Running | ClusterState::Terminated => {}
        _ => return Err(unexpected(cluster)),
    }
    let has_changed = cluster.settings != settings;
    if has_changed {
        let previous = std::mem::replace(&mut cluster.settings, settings);
        let attributes = Value::Object(cluster.settings.clone());
        cluster.event(
            now_ms,
            "EDITED",
            json!({
                "user": call.user_name, "previous_attributes": previous, "attributes": attributes,
            }),
        );
    }
    // An edited cluster that runs is restarted, so that the new settings hold.
    let is_restarting = cluster.state == ClusterState::Running;
    if is_restarting {
        cluster.begin_restart(now_ms, ready_at_ms, &call.user_name);
    }
    let cluster_id = cluster.cluster_id.clone();
    if has_changed || is_restarting {
        record(state, call, &cluster_id, "edit");
    }
    Ok(Reply::empty())
}

fn get(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let cluster = find(state, call)?;
    Ok(Reply::Json(view::cluster(&state.region, cluster, call.version >= 1)))
}

fn list(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let size = match call.integer("page_size")? {
        Some(0) | None => None,
        Some(size) if !(1..=MAX_PAGE).contains(&size) => {
            return Err(ApiError::invalid_parameter(format!("page_size must be between 1 and {MAX_PAGE}.")));
        }
        size => size,
    };
    let (sources, states) = (call.list("filter_by.cluster_sources"), call.list("filter_by.cluster_states"));
    let policy_id = call.text("filter_by.policy_id");
    let is_pinned = call.text("filter_by.is_pinned").map(|_| call.flag("filter_by.is_pinned"));
    let mut clusters: Vec<&Cluster> = state
        .clusters
        .values()
        .filter(|cluster| sources.is_empty() || sources.contains(&cluster.source))
        .filter(|cluster| states.is_empty() || states.iter().any(|name| name == cluster.state.name()))
        .filter(|cluster| policy_id.as_deref().is_none_or(|id| cluster.text("policy_id") == Some(id)))
        .filter(|cluster| is_pinned.is_none_or(|is_pinned| cluster.pinned_by.is_some() == is_pinned))
        .collect();
    // Pinned first, then what lives, then the newest.
    clusters.sort_by_key(|cluster| {
        (cluster.pinned_by.is_none(), !cluster.has_instances(), std::cmp::Reverse(cluster.sequence))
    });
    if call.text("sort_by.field").as_deref() == Some("CLUSTER_NAME") {
        clusters.sort_by(|left, right| left.name().cmp(right.name()));
    }
    if call.text("sort_by.direction").as_deref() == Some("DESC") {
        clusters.reverse();
    }
    let page_token = call.text("page_token");
    let is_first_api = call.version == 0 && size.is_none() && page_token.is_none();
    let size = usize::try_from(size.unwrap_or(DEFAULT_PAGE)).unwrap_or(1);
    let size = if is_first_api { clusters.len().max(1) } else { size };
    let page = paging::page("clusters", clusters, page_token.as_deref(), 0, size)?;
    let mut reply = Map::new();
    if !page.items.is_empty() {
        let shown =
            page.items.into_iter().map(|cluster| view::cluster(&state.region, cluster, false)).collect();
        reply.insert("clusters".into(), Value::Array(shown));
    }
    if let Some(next) = page.next {
        reply.insert("next_page_token".into(), next.into());
    }
    if let Some(previous) = page.previous {
        reply.insert("prev_page_token".into(), previous.into());
    }
    Ok(Reply::Json(Value::Object(reply)))
}
