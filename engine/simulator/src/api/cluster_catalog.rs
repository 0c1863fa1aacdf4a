//! What clusters can be made of: zones, node types, runtime versions.

use axum::routing::MethodFilter;
use serde_json::{Value, json};

use super::router::Routes;
use super::{ApiError, Call, Reply};
use crate::state::State;

/// Id, cores, memory in MB, local disks, GB of each, category.
type NodeType = (&'static str, f64, i64, i64, i64, &'static str);

const AWS: [NodeType; 10] = [
    ("m5d.large", 2.0, 8_192, 1, 75, "General Purpose"),
    ("m5d.xlarge", 4.0, 16_384, 1, 150, "General Purpose"),
    ("m5d.2xlarge", 8.0, 32_768, 1, 300, "General Purpose"),
    ("i3.xlarge", 4.0, 31_232, 1, 950, "Storage Optimized"),
    ("i3.2xlarge", 8.0, 62_464, 1, 1_900, "Storage Optimized"),
    ("i3.4xlarge", 16.0, 124_928, 2, 1_900, "Storage Optimized"),
    ("r5d.xlarge", 4.0, 32_768, 1, 150, "Memory Optimized"),
    ("r5d.2xlarge", 8.0, 65_536, 1, 300, "Memory Optimized"),
    ("c5d.2xlarge", 8.0, 16_384, 1, 200, "Compute Optimized"),
    ("g4dn.xlarge", 4.0, 16_384, 1, 125, "GPU Accelerated"),
];

const AZURE: [NodeType; 5] = [
    ("Standard_DS3_v2", 4.0, 14_336, 1, 28, "General Purpose"),
    ("Standard_D4ds_v5", 4.0, 16_384, 1, 150, "General Purpose"),
    ("Standard_D8ds_v5", 8.0, 32_768, 1, 300, "General Purpose"),
    ("Standard_E8ds_v4", 8.0, 65_536, 1, 300, "Memory Optimized"),
    ("Standard_L8s_v3", 8.0, 65_536, 1, 1_920, "Storage Optimized"),
];

const GCP: [NodeType; 4] = [
    ("n2-standard-4", 4.0, 16_384, 1, 375, "General Purpose"),
    ("n2-standard-8", 8.0, 32_768, 1, 375, "General Purpose"),
    ("n2-highmem-8", 8.0, 65_536, 2, 375, "Memory Optimized"),
    ("c2-standard-8", 8.0, 32_768, 1, 375, "Compute Optimized"),
];

const SPARK_VERSIONS: [(&str, &str); 12] = [
    ("17.3.x-scala2.13", "17.3 LTS (includes Apache Spark 4.0.0, Scala 2.13)"),
    ("17.3.x-cpu-ml-scala2.13", "17.3 LTS ML (includes Apache Spark 4.0.0, Scala 2.13)"),
    ("16.4.x-scala2.12", "16.4 LTS (includes Apache Spark 3.5.2, Scala 2.12)"),
    ("16.4.x-scala2.13", "16.4 LTS (includes Apache Spark 3.5.2, Scala 2.13)"),
    ("16.4.x-cpu-ml-scala2.12", "16.4 LTS ML (includes Apache Spark 3.5.2, Scala 2.12)"),
    ("16.4.x-gpu-ml-scala2.12", "16.4 LTS ML (includes Apache Spark 3.5.2, GPU, Scala 2.12)"),
    ("16.4.x-photon-scala2.12", "16.4 LTS Photon (includes Apache Spark 3.5.2, Scala 2.12)"),
    ("15.4.x-scala2.12", "15.4 LTS (includes Apache Spark 3.5.0, Scala 2.12)"),
    ("15.4.x-aarch64-scala2.12", "15.4 LTS aarch64 (includes Apache Spark 3.5.0, Scala 2.12)"),
    ("14.3.x-scala2.12", "14.3 LTS (includes Apache Spark 3.5.0, Scala 2.12)"),
    ("13.3.x-scala2.12", "13.3 LTS (includes Apache Spark 3.4.1, Scala 2.12)"),
    ("18.0.x-scala2.13", "18.0 Beta (includes Apache Spark 4.1.0, Scala 2.13)"),
];

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
    let all = AWS.iter().chain(&AZURE).chain(&GCP);
    all.into_iter().find(|node| node.0 == node_type_id).map_or((4.0, 16_384), |node| (node.1, node.2))
}

/// A node type of the region's cloud for a kind of use.
pub(crate) fn node_type_of(region: &str, category: &str) -> &'static str {
    let nodes = nodes_of(region);
    nodes
        .iter()
        .filter(|node| node.5 == category)
        .chain(nodes)
        .map(|node| node.0)
        .next()
        .unwrap_or("i3.xlarge")
}

fn nodes_of(region: &str) -> &'static [NodeType] {
    match cloud_of(region) {
        "aws" => &AWS,
        "gcp" => &GCP,
        _ => &AZURE,
    }
}

fn list_zones(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    let region = &state.region;
    let zones: Vec<String> = match cloud_of(region) {
        "aws" => ["a", "b", "c"].iter().map(|zone| format!("{region}{zone}")).collect(),
        "gcp" => ["a", "b", "c"].iter().map(|zone| format!("{region}-{zone}")).collect(),
        _ => ["1", "2", "3"].iter().map(|zone| format!("{region}-{zone}")).collect(),
    };
    Ok(Reply::Json(json!({"zones": zones, "default_zone": zones.first()})))
}

fn list_node_types(state: &mut State, _: &Call) -> Result<Reply, ApiError> {
    let shown: Vec<Value> = nodes_of(&state.region).iter().map(node_type).collect();
    Ok(Reply::Json(json!({"node_types": shown})))
}

fn node_type((id, cores, memory_mb, disks, disk_gb, category): &NodeType) -> Value {
    let gpus = i64::from(*category == "GPU Accelerated");
    json!({
        "node_type_id": id,
        "memory_mb": memory_mb,
        "num_cores": cores,
        "num_gpus": gpus,
        "description": id,
        "instance_type_id": id,
        "category": category,
        "is_deprecated": false,
        "is_hidden": false,
        "is_graviton": false,
        "is_encrypted_in_transit": false,
        "is_io_cache_enabled": *category == "Storage Optimized",
        "photon_driver_capable": gpus == 0,
        "photon_worker_capable": gpus == 0,
        "support_cluster_tags": true,
        "support_ebs_volumes": true,
        "support_port_forwarding": true,
        "display_order": 0,
        "node_info": {"status": [], "available_core_quota": 350.0, "total_core_quota": 350.0},
        "node_instance_type": {
            "instance_type_id": id,
            "local_disks": disks,
            "local_disk_size_gb": disk_gb,
            "local_nvme_disks": disks,
            "local_nvme_disk_size_gb": disk_gb,
        },
    })
}

fn spark_versions(_: &mut State, _: &Call) -> Result<Reply, ApiError> {
    let versions: Vec<Value> =
        SPARK_VERSIONS.iter().map(|(key, name)| json!({"key": key, "name": name})).collect();
    Ok(Reply::Json(json!({"versions": versions})))
}
