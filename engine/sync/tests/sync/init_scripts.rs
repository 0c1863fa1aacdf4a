//! Global init scripts: their order is a part of them.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use farshore_databricks::WorkspaceClient;
use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::PlanAction,
    replication_settings::{FilterBy, ReplicationSettings, ScopeFilter},
};
use farshore_simulator::{Content, Effect};
use farshore_sync::{apply_plan, render_text};
use serde_json::{Value, json};

use crate::{
    crashes::killed_in,
    world::{Sink, World, fault, item, refusal, to_apply},
};

const PATH: &str = "/api/2.0/global-init-scripts";

fn script(name: &str, text: &str) -> Value {
    json!({"name": name, "script": STANDARD.encode(text), "enabled": true})
}

async fn add(client: &WorkspaceClient, name: &str) -> String {
    client.create_global_init_script(&script(name, &format!("echo {name}"))).await.unwrap()
}

/// The scripts in their order, as name, whether it is enabled, and text.
async fn scripts(client: &WorkspaceClient) -> Vec<(String, bool, String)> {
    let mut listed = client.list_global_init_scripts().await.unwrap();
    listed.sort_by_key(|script| script["position"].as_i64());
    let mut scripts = Vec::new();
    for entry in listed {
        let whole = client.get_global_init_script(entry["script_id"].as_str().unwrap()).await.unwrap();
        let text = STANDARD.decode(whole["script"].as_str().unwrap()).unwrap();
        let name = entry["name"].as_str().unwrap().to_owned();
        scripts.push((name, entry["enabled"].as_bool().unwrap(), String::from_utf8(text).unwrap()));
    }
    scripts
}

async fn names(client: &WorkspaceClient) -> Vec<String> {
    scripts(client).await.into_iter().map(|(name, ..)| name).collect()
}

async fn id_of(client: &WorkspaceClient, name: &str) -> String {
    let listed = client.list_global_init_scripts().await.unwrap();
    let script = listed.iter().find(|script| script["name"] == name).unwrap();
    script["script_id"].as_str().unwrap().to_owned()
}

async fn move_to(client: &WorkspaceClient, name: &str, position: usize) {
    let mut changed = script(name, &format!("echo {name}"));
    changed["position"] = json!(position);
    client.update_global_init_script(&id_of(client, name).await, &changed).await.unwrap();
}

async fn with(names: &[&str]) -> World {
    let world = World::with(Content::Empty).await;
    for name in names {
        add(world.client(Side::Primary), name).await;
    }
    world
}

async fn assert_equal(world: &World) {
    assert_eq!(scripts(world.client(Side::Secondary)).await, scripts(world.client(Side::Primary)).await);
    world.assert_in_sync().await;
}

fn changed_scripts(world: &World) -> Vec<String> {
    let changes = world.done_to(Side::Secondary).into_iter();
    changes.filter(|change| change.contains("global init script")).collect()
}

#[tokio::test]
async fn scripts_arrive_in_their_order_and_before_those_of_the_other_side() {
    let world = with(&["agent", "certificates", "proxy"]).await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    let mut disabled = script("certificates", "echo certificates");
    disabled["enabled"] = json!(false);
    here.update_global_init_script(&id_of(here, "certificates").await, &disabled).await.unwrap();
    add(there, "of this side").await;

    let plan = world.sync().await;
    assert_eq!(item(&plan, "agent").action, PlanAction::Create, "{}", render_text(&plan));
    assert_eq!(names(there).await, ["agent", "certificates", "proxy", "of this side"]);
    assert_eq!(scripts(there).await[..3], scripts(here).await);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn every_new_order_is_reached_in_one_sync() {
    let world = with(&["a", "b", "c", "d"]).await;
    world.sync().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    for (name, position) in [("d", 0), ("a", 3), ("c", 1), ("b", 0), ("d", 3), ("a", 1)] {
        move_to(here, name, position).await;
        world.sync().await;
        assert_eq!(names(there).await, names(here).await, "{name} to {position}");
        world.assert_in_sync().await;
    }
    // All at once: one goes, one comes to the front, two change places, one changes its text.
    here.delete_global_init_script(&id_of(here, "b").await).await.unwrap();
    let mut first = script("new", "echo new");
    first["position"] = json!(0);
    here.create_global_init_script(&first).await.unwrap();
    move_to(here, "d", 1).await;
    let c = id_of(here, "c").await;
    here.update_global_init_script(&c, &script("c", "echo changed")).await.unwrap();
    world.sync().await;
    assert_eq!(names(here).await.len(), 4);
    assert_equal(&world).await;
}

/// Scripts of either side alone stay where they are, and are no reason to write the others again and again.
#[tokio::test]
async fn places_are_counted_among_those_that_are_carried() {
    let mut world = with(&["left out", "a", "b", "c"]).await;
    let by = FilterBy::Name { pattern: "left out".to_owned() };
    let filters = vec![ScopeFilter { kind: None, by, is_included: false }];
    world.ctx.settings = Arc::new(ReplicationSettings { filters, ..ReplicationSettings::default() });
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    world.sync().await;
    assert_eq!(names(there).await, ["a", "b", "c"]);
    world.assert_in_sync().await;
    for (name, position) in [("first", 0), ("middle", 2)] {
        let mut own = script(name, "echo own");
        own["position"] = json!(position);
        there.create_global_init_script(&own).await.unwrap();
    }
    assert_eq!(names(there).await, ["first", "a", "middle", "b", "c"]);
    world.assert_in_sync().await;

    move_to(here, "c", 0).await;
    world.sync().await;
    assert_eq!(names(here).await, ["c", "left out", "a", "b"]);
    assert_eq!(names(there).await, ["first", "c", "a", "middle", "b"]);
    world.assert_in_sync().await;
    add(here, "d").await;
    world.sync().await;
    assert_eq!(names(there).await, ["first", "c", "a", "middle", "b", "d"]);
    world.assert_in_sync().await;
    // Moved by hand, it is moved back; where its side's own ones are among the others is nobody's concern.
    move_to(there, "b", 0).await;
    world.sync().await;
    let mut carried = names(there).await;
    carried.retain(|name| !matches!(name.as_str(), "first" | "middle"));
    assert_eq!(carried, ["c", "a", "b", "d"]);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_renamed_script_is_the_same_one() {
    let world = with(&["a", "b"]).await;
    world.sync().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    let before = id_of(there, "a").await;
    here.update_global_init_script(&id_of(here, "a").await, &script("renamed", "echo a")).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(to_apply(&plan), [(PlanAction::Update, ObjectKind::InitScripts, "renamed".to_owned())]);
    assert_eq!(id_of(there, "renamed").await, before);
    assert_equal(&world).await;
}

#[tokio::test]
async fn what_was_moved_or_edited_by_hand_on_the_passive_side_is_drift() {
    let world = with(&["a", "b", "c"]).await;
    world.sync().await;
    let there = world.client(Side::Secondary);
    move_to(there, "c", 0).await;
    there.update_global_init_script(&id_of(there, "b").await, &script("b", "echo mine")).await.unwrap();
    let plan = world.plan().await;
    let drift = item(&plan, "b").reason.as_deref();
    assert_eq!(drift, Some("it was changed by hand in secondary"), "{}", render_text(&plan));
    world.sync().await;
    assert_equal(&world).await;
}

#[tokio::test]
async fn what_is_edited_after_the_plan_is_not_overwritten_although_others_have_moved_it() {
    let world = with(&["a", "b"]).await;
    world.sync().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    let mut first = script("first", "echo first");
    first["position"] = json!(0);
    here.create_global_init_script(&first).await.unwrap();
    here.update_global_init_script(&id_of(here, "b").await, &script("b", "echo new")).await.unwrap();
    let plan = world.plan().await;
    there.update_global_init_script(&id_of(there, "b").await, &script("b", "echo late")).await.unwrap();
    let (report, _) = world.apply(&plan).await;
    assert_eq!(report.failed, 1);
    let left = scripts(there).await;
    assert!(left.iter().any(|(name, _, text)| name == "b" && text == "echo late"), "{left:?}");
    world.sync().await;
    assert_equal(&world).await;
}

#[tokio::test]
async fn names_that_are_not_unique_are_for_a_person_to_settle() {
    let world = with(&["twice", "twice", "once"]).await;
    let there = world.client(Side::Secondary);
    add(there, "twice").await;
    let plan = world.plan().await;
    let why = item(&plan, "twice").reason.clone().unwrap();
    assert!(why.contains("2 global init scripts in primary and 1 global init script in secondary"), "{why}");
    assert!(item(&plan, "twice").is_blocked(), "{}", render_text(&plan));
    let (report, _) = world.apply(&plan).await;
    assert_eq!(report.failed, 2, "nobody can say that they are on the other side");
    let mut left = names(there).await;
    left.sort();
    assert_eq!(left, ["once", "twice"]);
}

#[tokio::test]
async fn what_is_unchanged_is_not_read_again() {
    let mut world = with(&["a", "b"]).await;
    world.ctx.options.clock_margin_ms = 0;
    world.sync().await;
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().advance_clock(5_000);
    }
    world.assert_in_sync().await;
    for side in [Side::Primary, Side::Secondary] {
        let read_of_one = fault(&format!("{PATH}/"), None, refusal(500, "INTERNAL_ERROR"));
        world.simulator(side).control().set_faults(vec![read_of_one]);
    }
    world.assert_in_sync().await;
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().set_faults(Vec::new());
    }
    // Nobody has written the second one, and yet it is at another place now.
    let here = world.client(Side::Primary);
    here.delete_global_init_script(&id_of(here, "a").await).await.unwrap();
    world.sync().await;
    assert_equal(&world).await;
}

#[tokio::test]
async fn a_kill_between_a_create_and_its_answer_makes_nothing_twice() {
    for is_planned_anew in [false, true] {
        let world = with(&["a", "b", "c"]).await;
        let (plan, done) = killed_in(&world, PATH).await;
        if is_planned_anew {
            world.sync().await;
        } else {
            let sink = Sink::default();
            let report = apply_plan(&world.ctx, &plan, &done, &sink).await.unwrap();
            assert_eq!(report.failed, 0, "{:#?}", sink.failed());
        }
        assert_eq!(changed_scripts(&world).len(), 3, "{:#?}", changed_scripts(&world));
        assert_equal(&world).await;
    }
}

#[tokio::test]
async fn a_lost_answer_is_no_second_script() {
    let world = with(&["a", "b"]).await;
    let lost = farshore_simulator::Fault {
        method: Some("POST".to_owned()),
        ..fault(PATH, Some(1), Effect::RefuseAfterEffect)
    };
    world.secondary.control().set_faults(vec![lost]);
    world.sync().await;
    assert_equal(&world).await;
}
