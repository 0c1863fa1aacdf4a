//! A panel that dies after a create has reached the workspace, and answers that are lost on the way.

use std::{collections::BTreeSet, time::Duration};

use farshore_databricks::ClientOptions;
use farshore_model::{group::Side, plan::SyncPlan};
use farshore_simulator::Effect;
use farshore_sync::apply_plan;

use crate::world::{Sink, World, client, fault, impatient};

/// The calls that create something, one for each kind.
const CREATES: [&str; 6] = [
    "/api/2.0/workspace/mkdirs",
    "/api/2.0/workspace/import",
    "/api/2.0/policies/clusters/create",
    "/api/2.0/instance-pools/create",
    "/api/2.1/clusters/create",
    "/api/2.2/jobs/create",
];

/// What an undisturbed first copy does to the secondary.
async fn undisturbed() -> Vec<String> {
    let world = World::start().await;
    world.sync().await;
    world.done_to(Side::Secondary)
}

/// Applies a plan until a call of this path has taken effect, and dies before its answer.
pub async fn killed_in(world: &World, path: &str) -> (SyncPlan, BTreeSet<u32>) {
    let plan = world.plan().await;
    let sink = Sink::default();
    world.secondary.control().set_faults(vec![fault(path, Some(1), Effect::HangAfterEffect)]);
    let mut ctx = world.ctx.clone();
    ctx.secondary.client =
        client(&world.secondary, ClientOptions { request_timeout_ms: 60_000, ..impatient() });
    let none = BTreeSet::new();
    tokio::select! {
        biased;
        () = reached(world) => {}
        _ = apply_plan(&ctx, &plan, &none, &sink) => panic!("nothing hung in {path}"),
    }
    (plan, sink.done())
}

/// The fault was used up, and everything else that was under way has ended.
async fn reached(world: &World) {
    let control = world.secondary.control();
    while !control.faults().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut before = usize::MAX;
    while before != control.changes().len() {
        before = control.changes().len();
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

#[tokio::test]
async fn a_killed_sync_goes_on_with_its_plan_and_makes_nothing_twice() {
    let expected = undisturbed().await;
    for path in CREATES {
        let world = World::start().await;
        let (plan, done) = killed_in(&world, path).await;
        let sink = Sink::default();
        let report = apply_plan(&world.ctx, &plan, &done, &sink).await.unwrap();
        assert_eq!(report.failed, 0, "{path}: {:#?}", sink.failed());
        assert_eq!(world.done_to(Side::Secondary), expected, "{path}");
        world.assert_in_sync().await;
    }
}

#[tokio::test]
async fn a_new_plan_after_a_kill_takes_over_what_was_made() {
    let expected = undisturbed().await;
    for path in CREATES {
        let world = World::start().await;
        killed_in(&world, path).await;
        world.sync().await;
        assert_eq!(world.done_to(Side::Secondary), expected, "{path}");
        world.assert_in_sync().await;
        assert!(world.entries().await.iter().all(|entry| entry.intent.is_none()));
    }
}

#[tokio::test]
async fn a_lost_answer_is_no_second_object() {
    let expected = undisturbed().await;
    for effect in [Effect::RefuseAfterEffect, Effect::Truncate] {
        let world = World::start().await;
        let faults = CREATES.map(|path| fault(path, Some(1), effect.clone()));
        world.secondary.control().set_faults(faults.to_vec());
        world.sync().await;
        assert_eq!(world.done_to(Side::Secondary), expected, "{effect:?}");
        world.assert_in_sync().await;
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_no_second_object_either() {
    let expected = undisturbed().await;
    let world = World::start().await;
    let faults = CREATES.map(|path| fault(path, Some(1), Effect::HangAfterEffect));
    world.secondary.control().set_faults(faults.to_vec());
    world.sync().await;
    assert_eq!(world.done_to(Side::Secondary), expected);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_create_that_never_arrived_is_sent_again() {
    let expected = undisturbed().await;
    let world = World::start().await;
    let faults = CREATES.map(|path| fault(path, Some(1), Effect::Refuse));
    world.secondary.control().set_faults(faults.to_vec());
    world.sync().await;
    assert_eq!(world.done_to(Side::Secondary), expected);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn whoever_lost_the_lease_writes_nothing_more() {
    let world = World::start().await;
    let plan = world.plan().await;
    let taken_over = farshore_sync::SyncLease { generation: 2, ..world.ctx.lease };
    world.ledger.take_over(&taken_over);
    let error = apply_plan(&world.ctx, &plan, &BTreeSet::new(), &Sink::default()).await.unwrap_err();
    assert!(error.is_lease_lost(), "{error}");
    assert_eq!(world.entries().await, []);
    let creates = world.done_to(Side::Secondary);
    assert!(creates.iter().all(|change| change.starts_with("make folder")), "{creates:?}");
}
