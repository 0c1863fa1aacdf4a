//! How clusters start, end, change their size and their standing.

use axum::routing::MethodFilter;
use serde_json::{Map, json};

use super::settings::check_size;
use super::{find, find_mut, record, unexpected};
use crate::api::router::Routes;
use crate::api::{ApiError, Call, Reply};
use crate::scheduler::clusters::{self, take_instances};
use crate::state::State;
use crate::state::cluster::{ClusterState, Termination};

/// How many clusters of a workspace can be pinned.
const MAX_PINNED: usize = 100;

pub(super) fn routes(routes: Routes) -> Routes {
    let all = &[0, 1];
    routes
        .add(all, MethodFilter::POST, "clusters/start", start)
        .add(all, MethodFilter::POST, "clusters/restart", restart)
        .add(all, MethodFilter::POST, "clusters/delete", delete)
        .add(all, MethodFilter::POST, "clusters/permanent-delete", permanent_delete)
        .add(all, MethodFilter::POST, "clusters/pin", pin)
        .add(all, MethodFilter::POST, "clusters/unpin", unpin)
        .add(all, MethodFilter::POST, "clusters/resize", resize)
        .add(all, MethodFilter::POST, "clusters/change-owner", change_owner)
}

fn start(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (now_ms, ready_at_ms) = (state.now_ms, state.now_ms + state.cluster_start_ms);
    let cluster = find_mut(state, call)?;
    if cluster.is_job_cluster() {
        return Err(ApiError::invalid_parameter("A cluster that was created by a job cannot be started."));
    }
    if cluster.state != ClusterState::Terminated {
        return Err(unexpected(cluster));
    }
    cluster.begin_start(now_ms, ready_at_ms, &call.user_name);
    let cluster_id = cluster.cluster_id.clone();
    take_instances(state, &cluster_id);
    record(state, call, &cluster_id, "start");
    Ok(Reply::empty())
}

fn restart(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (now_ms, ready_at_ms) = (state.now_ms, state.now_ms + state.cluster_start_ms);
    let cluster = find_mut(state, call)?;
    if cluster.state != ClusterState::Running {
        return Err(unexpected(cluster));
    }
    cluster.begin_restart(now_ms, ready_at_ms, &call.user_name);
    let cluster_id = cluster.cluster_id.clone();
    record(state, call, &cluster_id, "restart");
    Ok(Reply::empty())
}

fn delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let (now_ms, over_at_ms) = (state.now_ms, state.now_ms + clusters::termination_ms(state));
    let cluster = find_mut(state, call)?;
    if !cluster.has_instances() {
        return Ok(Reply::empty());
    }
    cluster.begin_termination(now_ms, over_at_ms, Termination::by_user(&call.user_name));
    let cluster_id = cluster.cluster_id.clone();
    record(state, call, &cluster_id, "terminate");
    Ok(Reply::empty())
}

fn permanent_delete(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let cluster = find(state, call)?;
    let cluster_id = cluster.cluster_id.clone();
    if cluster.pinned_by.is_some() {
        let message = format!(
            "Cannot delete pinned cluster {cluster_id}. Please ask an admin to unpin the cluster first."
        );
        return Err(ApiError::invalid_state(message));
    }
    record(state, call, &cluster_id, "permanently delete");
    state.clusters.remove(&cluster_id);
    state.grants.remove(&format!("clusters/{cluster_id}"));
    Ok(Reply::empty())
}

fn pin(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let pinned = state.clusters.values().filter(|cluster| cluster.pinned_by.is_some()).count();
    let now_ms = state.now_ms;
    let cluster = find_mut(state, call)?;
    if cluster.pinned_by.is_some() {
        return Ok(Reply::empty());
    }
    if pinned >= MAX_PINNED {
        return Err(ApiError::invalid_state(format!("At most {MAX_PINNED} clusters can be pinned.")));
    }
    cluster.pinned_by = Some(call.user_name.clone());
    cluster.event(now_ms, "PINNED", json!({"user": call.user_name}));
    let cluster_id = cluster.cluster_id.clone();
    record(state, call, &cluster_id, "pin");
    Ok(Reply::empty())
}

fn unpin(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let now_ms = state.now_ms;
    let cluster = find_mut(state, call)?;
    if cluster.pinned_by.take().is_none() {
        return Ok(Reply::empty());
    }
    cluster.event(now_ms, "UNPINNED", json!({"user": call.user_name}));
    let cluster_id = cluster.cluster_id.clone();
    record(state, call, &cluster_id, "unpin");
    Ok(Reply::empty())
}

fn resize(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let mut size = Map::new();
    for name in ["num_workers", "autoscale"] {
        if let Some(value) = call.body.get(name).filter(|value| !value.is_null()) {
            size.insert(name.into(), value.clone());
        }
    }
    check_size(&size)?;
    let (now_ms, ready_at_ms) = (state.now_ms, state.now_ms + state.cluster_start_ms / 2);
    let cluster = find_mut(state, call)?;
    if cluster.state != ClusterState::Running {
        return Err(unexpected(cluster));
    }
    cluster.settings.remove("num_workers");
    cluster.settings.remove("autoscale");
    cluster.settings.extend(size);
    cluster.state = ClusterState::Resizing;
    cluster.due = Some((ready_at_ms, ClusterState::Running));
    cluster.event(
        now_ms,
        "RESIZING",
        json!({"user": call.user_name, "target_num_workers": cluster.workers()}),
    );
    let cluster_id = cluster.cluster_id.clone();
    record(state, call, &cluster_id, "resize");
    Ok(Reply::empty())
}

fn change_owner(state: &mut State, call: &Call) -> Result<Reply, ApiError> {
    let owner = call.required_text("owner_username")?;
    find(state, call)?;
    let known = state.directory.actor_kind(&owner).and_then(|kind| state.directory.principal(kind, &owner));
    let owner = known.map(str::to_owned).ok_or_else(|| {
        ApiError::invalid_parameter(format!("User {owner} does not exist in this workspace."))
    })?;
    let cluster = find_mut(state, call)?;
    if cluster.state != ClusterState::Terminated {
        return Err(unexpected(cluster));
    }
    if cluster.creator != owner {
        cluster.creator = owner;
        let cluster_id = cluster.cluster_id.clone();
        record(state, call, &cluster_id, "change the owner of");
    }
    Ok(Reply::empty())
}
