//! Clusters and pools as time passes.

use std::collections::BTreeMap;

use crate::state::State;
use crate::state::cluster::{Cluster, ClusterState, Termination};
use crate::state::pool::Pool;

/// How long a terminated cluster is remembered unless it is pinned.
const REMEMBERED_MS: i64 = 30 * 86_400_000;

/// How many terminated job clusters are remembered.
const REMEMBERED_JOB_CLUSTERS: usize = 30;

/// How long terminating takes at most.
pub(crate) const TERMINATION_MS: i64 = 400;

/// How long terminating takes in this workspace.
pub(crate) fn termination_ms(state: &State) -> i64 {
    state.cluster_start_ms.min(TERMINATION_MS)
}

/// Says whether anything changed. Nothing is looked at before something is due or was touched: `next_due_ms` must
/// know everything that happens to clusters and pools with time.
pub(crate) fn settle(state: &mut State) -> bool {
    let is_touched = state.clusters.is_touched() || state.pools.is_touched();
    if !is_touched && state.now_ms < state.compute_due_ms {
        return false;
    }
    let has_changed = settle_all(state);
    state.compute_due_ms = next_due_ms(state);
    state.clusters.settled();
    state.pools.settled();
    has_changed
}

/// The first moment at which something changes if nobody does anything.
fn next_due_ms(state: &State) -> i64 {
    let of_cluster = |cluster: &Cluster| {
        let idle_due_ms = idle_ms(cluster).map(|idle_ms| cluster.active_ms.saturating_add(idle_ms));
        let forgotten_ms = cluster
            .terminated_ms
            .filter(|_| cluster.pinned_by.is_none())
            .map(|over_ms| over_ms.saturating_add(REMEMBERED_MS));
        [cluster.due.map(|(due_ms, _)| due_ms), idle_due_ms, forgotten_ms]
    };
    let of_clusters = state.clusters.values().flat_map(of_cluster).flatten();
    let of_pools = state.pools.values().filter_map(Pool::next_due_ms);
    of_clusters.chain(of_pools).min().unwrap_or(i64::MAX)
}

/// How long a cluster may be idle, when it is one that ends by itself.
fn idle_ms(cluster: &Cluster) -> Option<i64> {
    if cluster.state != ClusterState::Running || cluster.is_job_cluster() {
        return None;
    }
    let minutes = cluster.settings.get("autotermination_minutes")?.as_i64()?;
    (minutes > 0).then(|| minutes.saturating_mul(60_000))
}

fn settle_all(state: &mut State) -> bool {
    let now_ms = state.now_ms;
    let over_ms = termination_ms(state);
    let mut has_changed = false;
    for cluster in state.clusters.values_mut() {
        has_changed |= cluster.settle(now_ms);
        if let Some(idle_ms) = idle_ms(cluster).filter(|idle_ms| now_ms - cluster.active_ms >= *idle_ms) {
            cluster.begin_termination(now_ms, now_ms + over_ms, Termination::inactive(idle_ms / 60_000));
            has_changed = true;
        }
    }
    let before = state.clusters.len();
    state.clusters.retain(|_, cluster| {
        cluster.pinned_by.is_some()
            || cluster.terminated_ms.is_none_or(|over_ms| now_ms - over_ms < REMEMBERED_MS)
    });
    forget_old_job_clusters(state);
    has_changed |= state.clusters.len() != before;
    has_changed | settle_pools(state)
}

fn forget_old_job_clusters(state: &mut State) {
    let mut over: Vec<(i64, String)> = state
        .clusters
        .values()
        .filter(|cluster| cluster.is_job_cluster())
        .filter_map(|cluster| Some((cluster.terminated_ms?, cluster.cluster_id.clone())))
        .collect();
    if over.len() > REMEMBERED_JOB_CLUSTERS {
        over.sort_unstable();
        for (_, cluster_id) in over.iter().take(over.len() - REMEMBERED_JOB_CLUSTERS) {
            state.clusters.remove(cluster_id);
        }
    }
}

fn settle_pools(state: &mut State) -> bool {
    let used = used_instances(state);
    let (now_ms, start_ms) = (state.now_ms, state.cluster_start_ms);
    let mut has_changed = false;
    for pool in state.pools.values_mut() {
        has_changed |= pool.settle(used.get(&pool.pool_id).copied().unwrap_or(0), now_ms, start_ms);
    }
    has_changed
}

/// The instances that clusters hold of each pool.
pub(crate) fn used_instances(state: &State) -> BTreeMap<String, i64> {
    let mut used = BTreeMap::new();
    for cluster in state.clusters.values().filter(|cluster| cluster.has_instances()) {
        let workers_pool = cluster.text("instance_pool_id");
        if let Some(pool_id) = workers_pool {
            *used.entry(pool_id.to_owned()).or_insert(0) += cluster.workers();
        }
        if let Some(pool_id) = cluster.text("driver_instance_pool_id").or(workers_pool) {
            *used.entry(pool_id.to_owned()).or_insert(0) += 1;
        }
    }
    used
}

/// Gives a starting cluster its instances: idle ones of its pool first. A pool that is full ends the start.
pub(crate) fn take_instances(state: &mut State, cluster_id: &str) {
    let used = used_instances(state);
    let (now_ms, start_ms) = (state.now_ms, state.cluster_start_ms);
    let Some(cluster) = state.clusters.get_mut(cluster_id) else { return };
    let instances = cluster.instances();
    let Some(pool) = cluster.text("instance_pool_id").and_then(|pool_id| state.pools.get_mut(pool_id)) else {
        return;
    };
    let used = used.get(&pool.pool_id).copied().unwrap_or(0);
    if pool.max_capacity().is_some_and(|capacity| used > capacity) {
        cluster.begin_termination(now_ms, now_ms + start_ms, Termination::pool_full(&pool.pool_id));
        return;
    }
    pool.idle -= pool.idle.min(instances);
}
