//! In which zone the copy of a pool is.

use std::sync::Arc;

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::PlanAction,
    region_map::{Matching, RegionMap, RegionRule},
    replication_settings::ReplicationSettings,
};
use farshore_simulator::Content;
use farshore_sync::list_regional;
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
