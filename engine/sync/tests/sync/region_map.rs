use std::sync::Arc;

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::{PlanAction, SyncPlan},
    region_map::{Matching, RegionMap, RegionRule},
    replication_settings::ReplicationSettings,
};
use farshore_simulator::{Content, Effect};
use farshore_sync::{SilentLog, SyncPolicy, list_regional, passive, preview_region_map, render_text};
use serde_json::{Value, json};

use crate::world::{World, fault, item, refusal, to_apply};

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
    world.edit_cluster(Side::Secondary, &changed).await;
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

const EAST: &str = "arn:aws:iam::123456789012:instance-profile/sales-east";
const WEST: &str = "arn:aws:iam::123456789012:instance-profile/sales-west";
const ROLE_EAST: &str = "arn:aws:iam::123456789012:role/sales-east";
const ROLE_WEST: &str = "arn:aws:iam::123456789012:role/sales-west";

fn profile_rules() -> Arc<ReplicationSettings> {
    let rule = |field: Option<&str>, primary: &str, secondary: &str| RegionRule {
        field: field.map(str::to_owned),
        matching: Matching::Prefix,
        primary: primary.to_owned(),
        secondary: secondary.to_owned(),
    };
    let rules = vec![rule(Some("instance_profile_arn"), EAST, WEST), rule(None, ROLE_EAST, ROLE_WEST)];
    Arc::new(ReplicationSettings { region_map: RegionMap { rules }, ..ReplicationSettings::default() })
}

async fn register(world: &World, side: Side, arn: &str, role: &str) {
    let profile = json!({"instance_profile_arn": arn, "iam_role_arn": role, "skip_validation": true});
    world.client(side).add_instance_profile(&profile).await.unwrap();
}

/// The profiles of a side with their roles.
async fn profiles(world: &World, side: Side) -> Vec<(String, String)> {
    let text = |profile: &Value, field: &str| profile[field].as_str().unwrap().to_owned();
    let listed = world.client(side).list_instance_profiles().await.unwrap();
    let mut profiles: Vec<(String, String)> = listed
        .iter()
        .map(|profile| (text(profile, "instance_profile_arn"), text(profile, "iam_role_arn")))
        .collect();
    profiles.sort();
    profiles
}

fn named(profiles: &[(&str, &str)]) -> Vec<(String, String)> {
    profiles.iter().map(|(arn, role)| ((*arn).to_owned(), (*role).to_owned())).collect()
}

/// A primary with a profile, and a cluster that has it.
async fn with_profile() -> World {
    let world = World::with(Content::Empty).await;
    register(&world, Side::Primary, EAST, ROLE_EAST).await;
    let mut cluster = spec("dbfs:/warehouse", 30);
    cluster["aws_attributes"] = json!({"instance_profile_arn": EAST});
    world.client(Side::Primary).create_cluster(&cluster).await.unwrap();
    world
}

async fn profile_of_cluster(world: &World, side: Side) -> Value {
    cluster(world, side).await["aws_attributes"]["instance_profile_arn"].clone()
}

/// What is to be done with profiles and what names them.
fn about_profiles(plan: &SyncPlan) -> Vec<(PlanAction, ObjectKind, String)> {
    let kinds = [ObjectKind::InstanceProfiles, ObjectKind::ClusterPolicies, ObjectKind::Clusters];
    to_apply(plan).into_iter().filter(|(_, kind, _)| kinds.contains(kind)).collect()
}

async fn carry_back(world: &World) -> SyncPlan {
    passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    let policy = SyncPolicy::carry_back(std::collections::BTreeMap::new());
    world.try_plan(Side::Secondary, &policy).await.unwrap()
}

#[tokio::test]
async fn a_profile_that_has_another_name_there_is_found_by_it_and_so_is_all_that_refers_to_it() {
    let mut world = with_profile().await;
    world.ctx.settings = profile_rules();
    register(&world, Side::Secondary, WEST, ROLE_WEST).await;
    let here = world.client(Side::Primary);
    let job = json!({"name": "nightly", "tasks": [{
        "task_key": "t", "notebook_task": {"notebook_path": "/x"},
        "new_cluster": {
            "spark_version": "15.4.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 1,
            "aws_attributes": {"instance_profile_arn": EAST},
        },
    }]});
    here.create_job(&job).await.unwrap();
    let definition = json!({"aws_attributes.instance_profile_arn": {"type": "fixed", "value": EAST}});
    here.create_policy(&json!({"name": "Sales only", "definition": definition.to_string()})).await.unwrap();

    let plan = world.sync().await;
    assert_eq!(item(&plan, EAST).action, PlanAction::Adopt);
    let there = world.client(Side::Secondary);
    assert_eq!(profiles(&world, Side::Secondary).await, named(&[(WEST, ROLE_WEST)]));
    assert_eq!(profile_of_cluster(&world, Side::Secondary).await, WEST);
    let job = there.get_job(world.job_id("nightly", Side::Secondary).await).await.unwrap();
    let settings = &job["settings"]["tasks"][0]["new_cluster"];
    assert_eq!(settings["aws_attributes"]["instance_profile_arn"], WEST);
    let policy = world.id(ObjectKind::ClusterPolicies, "Sales only", Side::Secondary).await;
    let definition = there.get_policy(&policy).await.unwrap()["definition"].to_string();
    assert!(definition.contains(WEST) && !definition.contains(EAST), "{definition}");
    world.assert_in_sync().await;

    let plan = carry_back(&world).await;
    assert_eq!(about_profiles(&plan), [], "{}", render_text(&plan));
    world.apply(&plan).await;
    assert_eq!(profiles(&world, Side::Primary).await, named(&[(EAST, ROLE_EAST)]));
    assert_eq!(profile_of_cluster(&world, Side::Primary).await, EAST);
}

#[tokio::test]
async fn a_profile_is_made_changed_and_removed_under_the_name_that_it_has_there() {
    let mut world = with_profile().await;
    world.ctx.settings = profile_rules();
    world.sync().await;
    assert_eq!(profiles(&world, Side::Secondary).await, named(&[(WEST, ROLE_WEST)]));
    assert_eq!(profile_of_cluster(&world, Side::Secondary).await, WEST);
    world.assert_in_sync().await;

    // What the other side makes and changes comes back in the words of this one.
    let [new_east, new_west] = [EAST, WEST].map(|arn| format!("{arn}-new"));
    let [role_east, role_west] = [ROLE_EAST, ROLE_WEST].map(|arn| format!("{arn}-new"));
    register(&world, Side::Secondary, &new_west, ROLE_WEST).await;
    let changed = json!({"instance_profile_arn": WEST, "iam_role_arn": role_west});
    world.client(Side::Secondary).edit_instance_profile(&changed).await.unwrap();
    let plan = carry_back(&world).await;
    let profile = |action: PlanAction, arn: &str| (action, ObjectKind::InstanceProfiles, arn.to_owned());
    let expected = [profile(PlanAction::Update, WEST), profile(PlanAction::Create, &new_west)];
    assert_eq!(about_profiles(&plan), expected, "{}", render_text(&plan));
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    let expected = [(EAST, role_east.as_str()), (new_east.as_str(), ROLE_EAST)];
    assert_eq!(profiles(&world, Side::Primary).await, named(&expected));

    world.client(Side::Primary).remove_instance_profile(&new_east).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(about_profiles(&plan), [profile(PlanAction::Delete, &new_west)], "{}", render_text(&plan));
    assert_eq!(profiles(&world, Side::Secondary).await, named(&[(WEST, role_west.as_str())]));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_rule_that_comes_later_moves_what_it_touches_and_removes_nothing() {
    let mut world = with_profile().await;
    register(&world, Side::Primary, "arn:aws:iam::123456789012:instance-profile/other", ROLE_EAST).await;
    world.sync().await;
    assert_eq!(profile_of_cluster(&world, Side::Secondary).await, EAST);
    let before = profiles(&world, Side::Secondary).await;

    let mut settings = ReplicationSettings::clone(&profile_rules());
    settings.region_map.rules.truncate(1);
    for (settings, expected) in [(settings, WEST), (ReplicationSettings::default(), EAST)] {
        world.ctx.settings = Arc::new(settings);
        let plan = world.plan().await;
        // Back without the rule, the old copy is found again.
        let action = if expected == WEST { PlanAction::Create } else { PlanAction::Adopt };
        let touched = [
            (action, ObjectKind::InstanceProfiles, EAST.to_owned()),
            (PlanAction::Update, ObjectKind::Clusters, NAME.to_owned()),
        ];
        assert_eq!(to_apply(&plan), touched, "{}", render_text(&plan));
        world.apply(&plan).await;
        assert_eq!(profile_of_cluster(&world, Side::Secondary).await, expected);
        world.assert_in_sync().await;
        let now = profiles(&world, Side::Secondary).await;
        assert!(before.iter().all(|profile| now.contains(profile)), "{now:?}");
        assert_eq!(now.len(), 3);
    }
}

/// Both names on both sides: each of the two is found by what it is called on the other one, and nothing is guessed of
/// the rest.
#[tokio::test]
async fn a_name_that_would_come_back_as_another_one_is_told_and_not_carried() {
    let mut world = with_profile().await;
    world.ctx.settings = profile_rules();
    register(&world, Side::Primary, WEST, ROLE_WEST).await;
    register(&world, Side::Secondary, EAST, ROLE_EAST).await;
    register(&world, Side::Secondary, WEST, ROLE_WEST).await;
    let plan = world.plan().await;
    assert_eq!(item(&plan, EAST).action, PlanAction::Adopt, "{}", render_text(&plan));
    let blocked = item(&plan, WEST);
    assert!(blocked.is_blocked(), "{blocked:?}");
    let why = blocked.reason.clone().unwrap();
    assert!(why.contains(&format!("\"{WEST}\" in secondary stands for \"{EAST}\"")), "{why}");
    let (report, _) = world.apply(&plan).await;
    assert_eq!(report.failed, 1);
    assert_eq!(profile_of_cluster(&world, Side::Secondary).await, WEST);
    let untold = |name: &str| (PlanAction::Create, ObjectKind::InstanceProfiles, name.to_owned());
    assert_eq!(to_apply(&world.plan().await), [untold(WEST)]);

    let plan = carry_back(&world).await;
    assert_eq!(about_profiles(&plan), [untold(EAST)], "{}", render_text(&plan));
    world.apply(&plan).await;
    for side in [Side::Primary, Side::Secondary] {
        assert_eq!(profiles(&world, side).await, named(&[(EAST, ROLE_EAST), (WEST, ROLE_WEST)]));
    }
}

#[tokio::test]
async fn a_preview_counts_profiles_and_what_refers_to_them() {
    let world = with_profile().await;
    let objects = list_regional(world.client(Side::Primary)).await.unwrap();
    let tried = || objects.iter().map(|(kind, name, form)| (*kind, name.as_str(), form));
    for field in ["instance_profile_arn", "aws_attributes.instance_profile_arn"] {
        let mut map = profile_rules().region_map.clone();
        map.rules[0].field = Some(field.to_owned());
        let preview = preview_region_map(tried(), Side::Primary, "us-east-1", &map);
        let shown: Vec<(ObjectKind, &str, &str, &str)> = preview.rules[0]
            .examples
            .iter()
            .map(|example| (example.kind, &*example.field, &*example.before, &*example.after))
            .collect();
        let expected = [
            (ObjectKind::InstanceProfiles, "instance_profile_arn", EAST, WEST),
            (ObjectKind::Clusters, "aws_attributes.instance_profile_arn", EAST, WEST),
        ];
        assert_eq!((shown.as_slice(), preview.rules[0].values), (expected.as_slice(), 2), "{field}");
        assert_eq!(preview.rules[1].examples[0].field, "iam_role_arn");
    }
}

fn told(webhook: &str, warehouse: &str) -> Value {
    json!({
        "name": "Report",
        "webhook_notifications": {"on_failure": [{"id": webhook}]},
        "tasks": [{
            "task_key": "t",
            "sql_task": {"warehouse_id": warehouse, "file": {"path": "/Shared/report.sql"}},
        }],
    })
}

#[tokio::test]
async fn a_rule_names_the_counterpart_of_what_no_sync_carries() {
    let mut world = World::start().await;
    world.client(Side::Primary).create_job(&told("hook-east", "house-east")).await.unwrap();
    let plan = world.plan().await;
    let why = item(&plan, "Report").reason.clone().unwrap();
    assert!(why.contains("a rule of the region map for warehouse_id can name its counterpart"), "{why}");
    assert!(item(&plan, "Report").is_blocked(), "{}", render_text(&plan));
    let objects = list_regional(world.client(Side::Primary)).await.unwrap();
    let objects = objects.iter().map(|(kind, name, form)| (*kind, name.as_str(), form));
    let preview = preview_region_map(objects, Side::Primary, "us-east-1", &RegionMap::default());
    for (value, why) in [("hook-east", "a notification destination"), ("house-east", "a SQL warehouse")] {
        let shown = preview.unmapped.iter().find(|unmapped| unmapped.value == value).unwrap();
        assert!(shown.why.contains(why), "{shown:?}");
    }

    let rule = |field: &str, primary: &str, secondary: &str| RegionRule {
        field: Some(field.to_owned()),
        matching: Matching::Exact,
        primary: primary.to_owned(),
        secondary: secondary.to_owned(),
    };
    let of_house = rule("warehouse_id", "house-east", "house-west");
    let of_hook = rule("on_failure.id", "hook-east", "hook-west");
    let region_map = RegionMap { rules: vec![of_house, of_hook] };
    world.ctx.settings = Arc::new(ReplicationSettings { region_map, ..ReplicationSettings::default() });
    world.sync().await;
    let id = world.id(ObjectKind::Jobs, "Report", Side::Secondary).await.parse().unwrap();
    let there = world.client(Side::Secondary).get_job(id).await.unwrap();
    let settings = &there["settings"];
    assert_eq!(settings["webhook_notifications"]["on_failure"][0]["id"], "hook-west");
    assert_eq!(settings["tasks"][0]["sql_task"]["warehouse_id"], "house-west");
    world.assert_in_sync().await;
}
