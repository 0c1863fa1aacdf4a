use std::sync::Arc;

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::PlanAction,
    region_map::{Matching, RegionMap, RegionRule},
    replication_settings::ReplicationSettings,
};
use farshore_simulator::Effect;
use farshore_sync::{SyncPolicy, list_regional, preview_region_map};
use serde_json::{Value, json};

use crate::world::{World, fault, refusal, to_apply};

const NAME: &str = "Sales";

fn settings(primary: &str, secondary: &str) -> Arc<ReplicationSettings> {
    let rule = RegionRule {
        field: None,
        matching: Matching::Prefix,
        primary: primary.to_owned(),
        secondary: secondary.to_owned(),
    };
    let region_map = RegionMap { rules: vec![rule] };
    Arc::new(ReplicationSettings { region_map, ..ReplicationSettings::default() })
}

async fn cluster(world: &World, side: Side) -> Value {
    let id = world.id(ObjectKind::Clusters, NAME, side).await;
    world.client(side).get_cluster(&id).await.unwrap()
}

async fn warehouse(world: &World, side: Side) -> String {
    cluster(world, side).await["spark_conf"]["spark.sql.warehouse.dir"].as_str().unwrap().to_owned()
}

fn spec(warehouse: &str, minutes: i64) -> Value {
    json!({
        "cluster_name": NAME, "spark_version": "15.4.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 1,
        "autotermination_minutes": minutes, "spark_conf": {"spark.sql.warehouse.dir": warehouse},
    })
}

#[tokio::test]
async fn what_a_region_calls_its_own_way_is_rewritten_there_and_back() {
    let mut world = World::start().await;
    world.ctx.settings = settings("s3://sales-east/", "s3://sales-west/");
    world.client(Side::Primary).create_cluster(&spec("s3://sales-east/raw", 30)).await.unwrap();
    world.sync().await;
    assert_eq!(warehouse(&world, Side::Secondary).await, "s3://sales-west/raw");
    world.assert_in_sync().await;

    // Changed on the other side, and carried back in the words of this one.
    let mut changed = spec("s3://sales-west/landing", 45);
    changed["cluster_id"] = json!(world.id(ObjectKind::Clusters, NAME, Side::Secondary).await);
    world.client(Side::Secondary).edit_cluster(&changed).await.unwrap();
    let policy = SyncPolicy::carry_back(std::collections::BTreeMap::new());
    let plan = world.try_plan(Side::Secondary, &policy).await.unwrap();
    world.apply(&plan).await;
    let back = cluster(&world, Side::Primary).await;
    assert_eq!(back["spark_conf"]["spark.sql.warehouse.dir"], "s3://sales-east/landing");
    assert_eq!(back["autotermination_minutes"], 45);
}

#[tokio::test]
async fn a_changed_rule_changes_exactly_what_it_touches() {
    let mut world = World::start().await;
    world.client(Side::Primary).create_cluster(&spec("s3://sales-east/raw", 30)).await.unwrap();
    world.sync().await;
    assert_eq!(warehouse(&world, Side::Secondary).await, "s3://sales-east/raw");

    world.ctx.settings = settings("s3://sales-east/", "s3://sales-west/");
    let plan = world.plan().await;
    assert_eq!(to_apply(&plan), [(PlanAction::Update, ObjectKind::Clusters, NAME.to_owned())]);
    world.apply(&plan).await;
    assert_eq!(warehouse(&world, Side::Secondary).await, "s3://sales-west/raw");
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_map_is_tried_on_what_a_workspace_has_and_a_missing_feature_is_no_obstacle() {
    let world = World::start().await;
    let here = world.client(Side::Primary);
    here.create_cluster(&spec("s3://sales-east/raw", 30)).await.unwrap();
    world.primary.control().clear_changes();
    let objects = list_regional(here).await.unwrap();
    assert!(world.primary.control().changes().is_empty());
    let map = &settings("s3://sales-east/", "s3://sales-west/").region_map;
    let tried = objects.iter().map(|(kind, name, form)| (*kind, name.as_str(), form));
    let preview = preview_region_map(tried, Side::Primary, "us-east-1", map);
    let example = &preview.rules[0].examples[0];
    assert_eq!(
        (example.kind, &*example.name, &*example.after),
        (ObjectKind::Clusters, NAME, "s3://sales-west/raw")
    );
    let kinds: std::collections::BTreeSet<ObjectKind> = objects.iter().map(|(kind, ..)| *kind).collect();
    for kind in
        [ObjectKind::InstancePools, ObjectKind::ClusterPolicies, ObjectKind::Clusters, ObjectKind::Jobs]
    {
        assert!(kinds.contains(&kind), "{kind}");
    }

    let pools = "/api/2.0/instance-pools/list";
    world.primary.control().set_faults(vec![fault(pools, Some(1), refusal(403, "FEATURE_DISABLED"))]);
    let objects = list_regional(here).await.unwrap();
    assert!(objects.iter().all(|(kind, ..)| *kind != ObjectKind::InstancePools));
    // What could not be listed does not pass for nothing.
    world.primary.control().set_faults(vec![fault(pools, None, Effect::Refuse)]);
    list_regional(here).await.unwrap_err();
}
