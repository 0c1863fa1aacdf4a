//! Instance profiles.

use std::sync::Arc;

use farshore_databricks::WorkspaceClient;
use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::PlanAction,
    region_map::{Matching, RegionMap, RegionRule},
    replication_settings::ReplicationSettings,
};
use farshore_simulator::{Content, Effect};
use farshore_sync::{apply_plan, render_text};
use serde_json::{Value, json};

use crate::{
    crashes::killed_in,
    world::{Sink, World, fault, item, refusal, to_apply},
};

const ETL: &str = "arn:aws:iam::123456789012:instance-profile/etl";
const META: &str = "arn:aws:iam::123456789012:instance-profile/meta";
const LOCAL: &str = "arn:aws:iam::123456789012:instance-profile/of-this-side";
const ROLE: &str = "arn:aws:iam::123456789012:role/etl";

async fn add(client: &WorkspaceClient, arn: &str, more: Value) {
    let mut profile = json!({"instance_profile_arn": arn, "skip_validation": true});
    profile.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    client.add_instance_profile(&profile).await.unwrap();
}

async fn filled() -> World {
    let world = World::with(Content::Empty).await;
    let here = world.client(Side::Primary);
    add(here, ETL, json!({"iam_role_arn": ROLE})).await;
    add(here, META, json!({"is_meta_instance_profile": true})).await;
    let cluster = json!({
        "cluster_name": "ETL", "spark_version": "15.4.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 1,
        "aws_attributes": {"instance_profile_arn": ETL},
    });
    let cluster = here.create_cluster(&cluster).await.unwrap();
    here.terminate_cluster(&cluster).await.unwrap();
    world
}

async fn profiles(client: &WorkspaceClient) -> Vec<Value> {
    let mut profiles = client.list_instance_profiles().await.unwrap();
    profiles.sort_by_key(|profile| profile["instance_profile_arn"].as_str().map(str::to_owned));
    profiles
}

#[tokio::test]
async fn profiles_are_there_before_the_clusters_that_need_them() {
    let world = filled().await;
    world.sync().await;
    assert_eq!(profiles(world.client(Side::Secondary)).await, profiles(world.client(Side::Primary)).await);
    let changes = world.secondary.control().changes();
    let place = |start: &str| changes.iter().position(|change| change.summary.starts_with(start)).unwrap();
    assert!(place(&format!("add instance profile {ETL}")) < place("create cluster"), "{changes:#?}");
    let copy = world.id(ObjectKind::Clusters, "ETL", Side::Secondary).await;
    let copy = world.client(Side::Secondary).get_cluster(&copy).await.unwrap();
    assert_eq!(copy["aws_attributes"]["instance_profile_arn"], ETL);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn roles_are_given_changed_and_taken_and_only_what_was_carried_is_removed() {
    let world = filled().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    add(there, LOCAL, json!({})).await;
    world.sync().await;

    let other = "arn:aws:iam::123456789012:role/other";
    here.edit_instance_profile(&json!({"instance_profile_arn": ETL, "iam_role_arn": other})).await.unwrap();
    here.remove_instance_profile(META).await.unwrap();
    let plan = world.sync().await;
    let expected = [
        (PlanAction::Update, ObjectKind::InstanceProfiles, ETL.to_owned()),
        (PlanAction::Delete, ObjectKind::InstanceProfiles, META.to_owned()),
    ];
    assert_eq!(to_apply(&plan), expected, "{}", render_text(&plan));
    let arns: Vec<Value> =
        profiles(there).await.into_iter().map(|profile| profile["instance_profile_arn"].clone()).collect();
    assert_eq!(arns, [json!(ETL), json!(LOCAL)]);
    assert_eq!(profiles(there).await[0]["iam_role_arn"], other);
    world.assert_in_sync().await;

    // An edit cannot take a role away.
    here.remove_instance_profile(ETL).await.unwrap();
    add(here, ETL, json!({})).await;
    world.sync().await;
    assert_eq!(profiles(there).await[0].get("iam_role_arn"), None);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_role_that_was_changed_by_hand_is_drift() {
    let world = filled().await;
    world.sync().await;
    let there = world.client(Side::Secondary);
    let mine = "arn:aws:iam::123456789012:role/mine";
    there.edit_instance_profile(&json!({"instance_profile_arn": ETL, "iam_role_arn": mine})).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(item(&plan, ETL).reason.as_deref(), Some("it was changed by hand in secondary"));
    assert_eq!(profiles(there).await[0]["iam_role_arn"], ROLE);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_cluster_whose_profile_is_not_registered_waits_for_it() {
    let world = filled().await;
    let here = world.client(Side::Primary);
    here.remove_instance_profile(ETL).await.unwrap();
    let plan = world.plan().await;
    let why = item(&plan, "ETL").reason.clone().unwrap();
    assert!(why.contains(&format!("it refers to the instance profile {ETL}, which does not exist")), "{why}");
    let (report, _) = world.apply(&plan).await;
    assert_eq!(report.failed, 1);
    add(here, ETL, json!({"iam_role_arn": ROLE})).await;
    world.sync().await;
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_profile_that_is_refused_holds_back_its_clusters_alone() {
    let world = filled().await;
    let refused = fault("/api/2.0/instance-profiles/add", Some(1), refusal(400, "INVALID_PARAMETER_VALUE"));
    world.secondary.control().set_faults(vec![refused]);
    let plan = world.plan().await;
    let (report, sink) = world.apply(&plan).await;
    assert!(report.failed >= 1 && report.succeeded >= 1, "{:#?}", sink.failed());
    world.sync().await;
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_kill_between_an_add_and_its_answer_adds_nothing_twice() {
    let added = |world: &World| {
        let changes = world.done_to(Side::Secondary).into_iter();
        changes.filter(|change| change.contains("instance profile")).collect::<Vec<_>>()
    };
    for is_planned_anew in [false, true] {
        let world = filled().await;
        let (plan, done) = killed_in(&world, "/api/2.0/instance-profiles/add").await;
        if is_planned_anew {
            world.sync().await;
        } else {
            let sink = Sink::default();
            let report = apply_plan(&world.ctx, &plan, &done, &sink).await.unwrap();
            assert_eq!(report.failed, 0, "{:#?}", sink.failed());
        }
        assert_eq!(added(&world).len(), 2, "{:#?}", added(&world));
        world.assert_in_sync().await;
    }
}

#[tokio::test]
async fn a_lost_answer_adds_nothing_twice() {
    let world = filled().await;
    let lost = fault("/api/2.0/instance-profiles/add", Some(1), Effect::RefuseAfterEffect);
    world.secondary.control().set_faults(vec![lost]);
    world.sync().await;
    world.assert_in_sync().await;
}

#[tokio::test]
async fn where_nobody_knows_of_profiles_a_cluster_names_its_own() {
    let mut world = filled().await;
    let rule = RegionRule {
        field: Some("aws_attributes.instance_profile_arn".to_owned()),
        matching: Matching::Exact,
        primary: ETL.to_owned(),
        secondary: LOCAL.to_owned(),
    };
    for (rules, expected) in [(Vec::new(), ETL), (vec![rule], LOCAL)] {
        let region_map = RegionMap { rules };
        world.ctx.settings = Arc::new(ReplicationSettings { region_map, ..ReplicationSettings::default() });
        for side in [Side::Primary, Side::Secondary] {
            let unknown = fault("/api/2.0/instance-profiles", None, refusal(404, "ENDPOINT_NOT_FOUND"));
            world.simulator(side).control().set_faults(vec![unknown]);
        }
        world.sync().await;
        let copy = world.id(ObjectKind::Clusters, "ETL", Side::Secondary).await;
        let copy = world.client(Side::Secondary).get_cluster(&copy).await.unwrap();
        assert_eq!(copy["aws_attributes"]["instance_profile_arn"], expected);
        world.assert_in_sync().await;
    }
}
