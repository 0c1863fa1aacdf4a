//! What clusters and pools have of their cloud when nobody has said anything: shown, and not kept.

use serde_json::{Map, Value};

use super::cluster_catalog::{cloud_of, default_zone};

/// Adds them to a cluster; one out of a pool has those of the pool.
pub(super) fn add(region: &str, cluster: &mut Map<String, Value>) {
    if !cluster.contains_key("instance_pool_id") {
        add_aws(region, cluster, "SPOT_WITH_FALLBACK", "auto");
    }
}

/// Adds them to a pool.
pub(super) fn add_to_pool(region: &str, pool: &mut Map<String, Value>) {
    add_aws(region, pool, "SPOT", &default_zone(region));
}

fn add_aws(region: &str, shown: &mut Map<String, Value>, availability: &str, zone_id: &str) {
    if cloud_of(region) != "aws" {
        return;
    }
    let attributes = shown.entry("aws_attributes").or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(attributes) = attributes {
        attributes.entry("availability").or_insert_with(|| availability.into());
        attributes.entry("zone_id").or_insert_with(|| zone_id.into());
    }
}
