//! In which zone the copies of pools and clusters are, and what they keep of their settings.

use std::sync::Arc;

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::PlanAction,
    region_map::{Matching, RegionMap, RegionRule},
    replication_settings::ReplicationSettings,
};
use farshore_simulator::Content;
use farshore_sync::{SilentLog, list_regional, passive};
use serde_json::{Value, json};

use crate::world::{World, to_apply};

const NAME: &str = "Small";

fn pool(zone: &str) -> Value {
    json!({
        "instance_pool_name": NAME, "node_type_id": "m5d.large", "idle_instance_autotermination_minutes": 30,
        "aws_attributes": {"zone_id": zone, "availability": "SPOT"},
    })
}

async fn with_pool(zone: &str) -> World {
    let world = World::with(Content::Empty).await;
    world.client(Side::Primary).create_pool(&pool(zone)).await.unwrap();
    world
}

async fn copy(world: &World) -> Value {
    let id = world.id(ObjectKind::InstancePools, NAME, Side::Secondary).await;
    world.client(Side::Secondary).get_pool(&id).await.unwrap()
}

#[tokio::test]
async fn a_zone_stays_in_its_region_and_one_that_was_left_open_stays_open() {
    // The zone of the other region is left out, and the workspace fills in its own.
    for (zone, expected) in [("us-east-1a", "us-west-2a"), ("auto", "auto")] {
        let world = with_pool(zone).await;
        world.sync().await;
        let copy = copy(&world).await;
        assert_eq!(copy["aws_attributes"]["zone_id"], expected);
        assert_eq!(copy["aws_attributes"]["availability"], "SPOT");
        world.assert_in_sync().await;
    }
}

#[tokio::test]
async fn the_zone_that_a_pool_was_given_is_no_drift() {
    let world = World::with(Content::Empty).await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    let own = here.create_pool(&pool("us-east-1a")).await.unwrap();
    // As a workspace fills it in.
    there.create_pool(&pool("us-west-2c")).await.unwrap();
    world.sync().await;
    world.assert_in_sync().await;

    let mut changed = pool("us-east-1a");
    changed["instance_pool_id"] = json!(own);
    changed["idle_instance_autotermination_minutes"] = json!(45);
    here.edit_pool(&changed).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(to_apply(&plan), [(PlanAction::Update, ObjectKind::InstancePools, NAME.to_owned())]);
    let copy = copy(&world).await;
    assert_eq!(copy["idle_instance_autotermination_minutes"], 45);
    assert_eq!(copy["aws_attributes"]["zone_id"], "us-west-2c");
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_rule_tells_the_zone_of_the_copy() {
    let mut world = with_pool("us-east-1a").await;
    let rule = RegionRule {
        field: Some("aws_attributes.zone_id".to_owned()),
        matching: Matching::Exact,
        primary: "us-east-1a".to_owned(),
        secondary: "us-west-2b".to_owned(),
    };
    let region_map = RegionMap { rules: vec![rule] };
    world.ctx.settings = Arc::new(ReplicationSettings { region_map, ..ReplicationSettings::default() });
    world.sync().await;
    assert_eq!(copy(&world).await["aws_attributes"]["zone_id"], "us-west-2b");
    world.assert_in_sync().await;
    // The rule is shown what it would touch.
    let regional = list_regional(world.client(Side::Primary)).await.unwrap();
    let (_, _, form) = regional.iter().find(|(_, name, _)| name == NAME).unwrap();
    assert_eq!(form["aws_attributes"]["zone_id"], "us-east-1a");
}

#[tokio::test]
async fn a_rule_tells_the_zone_of_clusters_and_of_what_jobs_start() {
    let mut world = World::with(Content::Empty).await;
    let here = world.client(Side::Primary).clone();
    let spec = json!({
        "spark_version": "15.4.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 1,
        "aws_attributes": {"zone_id": "us-east-1a"},
    });
    let mut cluster = spec.clone();
    cluster["cluster_name"] = json!("zoned");
    here.create_cluster(&cluster).await.unwrap();
    let task = json!({"task_key": "t", "notebook_task": {"notebook_path": "/x"}, "new_cluster": spec});
    here.create_job(&json!({"name": "zoned", "tasks": [task]})).await.unwrap();
    let zones = async |world: &World| {
        let there = world.client(Side::Secondary);
        let cluster = there.list_clusters().await.unwrap().remove(0);
        let job = there.get_job(world.job_id("zoned", Side::Secondary).await).await.unwrap();
        let new_cluster = job["settings"]["tasks"][0]["new_cluster"].clone();
        [cluster, new_cluster].map(|spec| spec["aws_attributes"]["zone_id"].as_str().unwrap().to_owned())
    };
    world.sync().await;
    assert_eq!(zones(&world).await, ["auto", "auto"], "where nothing tells, the provider chooses");
    world.assert_in_sync().await;

    let rule = RegionRule {
        field: None,
        matching: Matching::Prefix,
        primary: "us-east-1".to_owned(),
        secondary: "us-west-2".to_owned(),
    };
    let region_map = RegionMap { rules: vec![rule] };
    world.ctx.settings = Arc::new(ReplicationSettings { region_map, ..ReplicationSettings::default() });
    world.sync().await;
    assert_eq!(zones(&world).await, ["us-west-2a", "us-west-2a"]);
    world.assert_in_sync().await;
}

/// Also when the active side is fenced and released, which writes the whole pool.
#[tokio::test]
async fn no_setting_of_a_pool_or_a_cluster_is_lost_on_the_way() {
    let world = World::with(Content::Empty).await;
    let here = world.client(Side::Primary);
    let disks = json!({"remote_disk_throughput": 140, "total_initial_remote_disk_size": 200});
    let with = |mut settings: Value| {
        settings.as_object_mut().unwrap().extend(disks.as_object().cloned().unwrap());
        settings
    };
    let mut settings = with(pool("auto"));
    settings["min_idle_instances"] = json!(2);
    here.create_pool(&settings).await.unwrap();
    let cluster = json!({
        "cluster_name": "whole", "spark_version": "15.4.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 1,
        "dependency_mode": "CLUSTER", "runtime_engine": "PHOTON",
    });
    here.create_cluster(&with(cluster)).await.unwrap();
    world.sync().await;
    let assert_whole = async |side: Side| {
        let pool = world.client(side).list_pools().await.unwrap().remove(0);
        let cluster = world.client(side).list_clusters().await.unwrap().remove(0);
        for (field, value) in disks.as_object().unwrap() {
            assert_eq!((&pool[field], &cluster[field]), (value, value), "{side} {field}");
        }
        assert_eq!(
            (&cluster["dependency_mode"], &cluster["runtime_engine"]),
            (&json!("CLUSTER"), &json!("PHOTON"))
        );
        pool["min_idle_instances"].as_i64().unwrap()
    };
    assert_eq!(assert_whole(Side::Secondary).await, 0);
    passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    assert_eq!(assert_whole(Side::Primary).await, 0);
}
