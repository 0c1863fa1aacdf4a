//! Four instance pools, their idle instances standing ready.

use serde_json::json;

use super::fields;
use crate::api::{cluster_catalog, pools};
use crate::state::State;

/// Name, kind of node, minimum of idle instances, capacity, idle minutes.
const POOLS: [(&str, &str, i64, i64, i64); 4] = [
    ("general-purpose", "General Purpose", 3, 40, 20),
    ("memory-optimized", "Memory Optimized", 1, 16, 30),
    ("storage-optimized", "Storage Optimized", 2, 24, 15),
    ("streaming", "Storage Optimized", 5, 30, 60),
];

/// Adds the pools; their ids by name.
pub(super) fn add(state: &mut State) -> Vec<(&'static str, String)> {
    let creator = state.directory.admin_user_name();
    POOLS
        .into_iter()
        .map(|(name, category, min_idle, capacity, idle_minutes)| {
            let settings = json!({
                "instance_pool_name": name,
                "node_type_id": cluster_catalog::node_type_of(&state.region, category),
                "min_idle_instances": min_idle,
                "max_capacity": capacity,
                "idle_instance_autotermination_minutes": idle_minutes,
                "preloaded_spark_versions": ["16.4.x-scala2.12"],
                "custom_tags": {"pool_owner": "platform", "environment": "production"},
            });
            let pool_id = pools::add(state, fields(settings), &creator);
            if let Some(pool) = state.pools.get_mut(&pool_id) {
                pool.idle = min_idle;
                pool.pending = None;
            }
            (name, pool_id)
        })
        .collect()
}
