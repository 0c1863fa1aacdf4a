//! What clusters can be made of: zones, node types, versions of the runtime.

use axum::routing::MethodFilter;
use serde_json::{Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::state::State;

mod node_types;
mod runtimes;
mod sizes;

use node_types::{AWS, AZURE, Family, GCP, GPU, MEMORY, STORAGE};
use sizes::Size;

pub(super) fn routes(routes: Routes) -> Routes {
    let all = &[0, 1];
    routes
        .add(all, MethodFilter::GET, "clusters/list-zones", list_zones)
        .add(all, MethodFilter::GET, "clusters/list-node-types", list_node_types)
        .add(all, MethodFilter::GET, "clusters/spark-versions", spark_versions)
}

/// The cloud that a region name belongs to: `aws`, `azure` or `gcp`.
pub(super) fn cloud_of(region: &str) -> &'static str {
    if !region.contains('-') {
        return "azure";
    }
    // us-east-1 has its number apart, us-central1 has not.
    let has_number_apart =
        region.rsplit('-').next().is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()));
    if has_number_apart { "aws" } else { "gcp" }
}

/// Cores and memory in MB of one node.
pub(super) fn size_of(node_type_id: &str) -> (f64, i64) {
    let found =
        [AWS.as_slice(), &AZURE, &GCP].into_iter().find_map(|all| node_types::find(all, node_type_id));
    found.map_or((4.0, 16_384), |(family, size)| (size.cores as f64, size.cores * family.memory_mb_per_core))
}

/// A node type of the region's cloud that serves for a category.
pub(crate) fn node_type_of(region: &str, category: &str) -> &'static str {
    match (cloud_of(region), category) {
        ("aws", MEMORY) => "r5d.xlarge",
        ("aws", STORAGE) => "i3.xlarge",
        ("aws", _) => "m5d.large",
        ("gcp", MEMORY) => "n2-highmem-8",
        ("gcp", _) => "n2-standard-4",
        (_, MEMORY) => "Standard_E8ds_v4",
        (_, STORAGE) => "Standard_L8s_v3",
        _ => "Standard_DS3_v2",
    }
}

fn families_of(region: &str) -> &'static [Family] {
    match cloud_of(region) {
        "aws" => &AWS,
        "gcp" => &GCP,
        _ => &AZURE,
    }
}

fn nodes_of(region: &str) -> impl Iterator<Item = (&'static Family, &'static Size)> {
    families_of(region).iter().flat_map(|family| family.sizes.iter().map(move |size| (family, size)))
}

/// Refuses what the region's cloud does not have.
pub(super) fn check_node_type(region: &str, node_type_id: &str) -> Result<(), ApiError> {
    if node_types::find(families_of(region), node_type_id).is_some() {
        return Ok(());
    }
    let known: Vec<String> = nodes_of(region).map(|(family, size)| family.id(size)).collect();
    let message =
        format!("Node type {node_type_id} is not supported. Supported node types: {}", known.join(", "));
    Err(ApiError::invalid_parameter(message))
}

/// Refuses versions of the runtime that there never were.
pub(super) fn check_runtime(spark_version: &str) -> Result<(), ApiError> {
    if runtimes::is_known(spark_version) {
        return Ok(());
    }
    Err(ApiError::invalid_parameter(format!("Invalid spark version {spark_version}.")))
}

fn zones_of(region: &str) -> [String; 3] {
    match cloud_of(region) {
        "aws" => ["a", "b", "c"].map(|zone| format!("{region}{zone}")),
        "gcp" => ["a", "b", "c"].map(|zone| format!("{region}-{zone}")),
        _ => ["1", "2", "3"].map(|zone| format!("{region}-{zone}")),
    }
}

/// The zone of whatever does not name one.
pub(super) fn default_zone(region: &str) -> String {
    let [first, ..] = zones_of(region);
    first
}

fn list_zones(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    let region = &state.region;
    Ok(Reply::Json(json!({"zones": zones_of(region), "default_zone": default_zone(region)})))
}

fn list_node_types(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    let shown: Vec<Value> = nodes_of(&state.region).map(|(family, size)| node_type(family, size)).collect();
    Ok(Reply::Json(json!({"node_types": shown})))
}

fn node_type(family: &Family, size: &Size) -> Value {
    let (id, gpus) = (family.id(size), size.gpus);
    json!({
        "node_type_id": id,
        "memory_mb": size.cores * family.memory_mb_per_core,
        "num_cores": size.cores as f64,
        "num_gpus": gpus,
        "description": id,
        "instance_type_id": id,
        "category": family.category,
        "is_deprecated": false,
        "is_hidden": false,
        "is_graviton": family.is_graviton,
        "is_encrypted_in_transit": false,
        "is_io_cache_enabled": family.category == STORAGE,
        "photon_driver_capable": family.category != GPU,
        "photon_worker_capable": family.category != GPU,
        "support_cluster_tags": true,
        "support_ebs_volumes": true,
        "support_port_forwarding": true,
        "display_order": 0,
        "node_info": {"status": [], "available_core_quota": 350.0, "total_core_quota": 350.0},
        "node_instance_type": {
            "instance_type_id": id,
            "local_disks": size.disks,
            "local_disk_size_gb": size.disk_gb,
            "local_nvme_disks": size.disks,
            "local_nvme_disk_size_gb": size.disk_gb,
        },
    })
}

fn spark_versions(_: &mut State, _: &Call) -> Result<Reply, ApiError> {
    let versions: Vec<Value> =
        runtimes::offered().map(|(key, name)| json!({"key": key, "name": name})).collect();
    Ok(Reply::Json(json!({"versions": versions})))
}
