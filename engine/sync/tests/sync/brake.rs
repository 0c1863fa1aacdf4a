//! The deletion brake, on plans of real deletions.

use std::{collections::BTreeMap, sync::Arc};

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::SyncPlan,
    replication_settings::{DeletionBrake, Handling, ReplicationSettings},
};
use farshore_sync::brake;

use crate::world::World;

/// A pair that was equal, from whose active side every job was deleted, and a plan that says so.
async fn without_jobs() -> (World, SyncPlan, BTreeMap<ObjectKind, u32>) {
    let world = World::start().await;
    world.sync().await;
    let here = world.client(Side::Primary);
    for job in here.list_jobs().await.unwrap() {
        here.delete_job(job["job_id"].as_i64().unwrap()).await.unwrap();
    }
    let plan = world.plan().await;
    let mut known = BTreeMap::new();
    for entry in world.entries().await {
        *known.entry(entry.object.kind).or_default() += 1;
    }
    (world, plan, known)
}

fn settings(most_objects: u32, most_percent: u8) -> ReplicationSettings {
    let brake = DeletionBrake { most_objects, most_percent };
    ReplicationSettings { brake, ..ReplicationSettings::default() }
}

#[tokio::test]
async fn a_plan_that_deletes_too_much_is_stopped_by_number_and_by_share() {
    let (_world, plan, known) = without_jobs().await;
    assert_eq!(plan.counts.delete, 7);
    assert_eq!(brake(&plan, &known, &settings(7, 100)), None);
    let why = brake(&plan, &known, &settings(6, 100)).unwrap();
    assert!(why.contains("7 objects would be deleted") && why.contains(" 6 "), "{why}");
    let why = brake(&plan, &known, &settings(7, 10)).unwrap();
    let all: u32 =
        known.iter().filter(|(kind, _)| **kind != ObjectKind::Permissions).map(|(_, known)| known).sum();
    assert!(why.contains(&format!("7 of {all} objects")), "access control lists do not count: {why}");
    let many = [(ObjectKind::Jobs, 1_000)].into();
    assert_eq!(brake(&plan, &many, &settings(7, 10)), None, "few of many");
}

#[tokio::test]
async fn a_plan_that_deletes_most_of_a_kind_is_stopped_however_much_else_there_is() {
    let (_world, plan, mut known) = without_jobs().await;
    known.insert(ObjectKind::Notebooks, 100_000);
    let why = brake(&plan, &known, &settings(50, 10)).unwrap();
    assert!(why.contains("7 of 7 jobs would be deleted"), "{why}");
    known.insert(ObjectKind::Jobs, 70);
    assert_eq!(brake(&plan, &known, &settings(50, 10)), None);
}

#[tokio::test]
async fn what_is_not_deleted_does_not_count() {
    let (mut world, _, known) = without_jobs().await;
    let handling = [(ObjectKind::Jobs, Handling::Manual)].into();
    world.ctx.settings = Arc::new(ReplicationSettings { handling, ..settings(0, 0) });
    let plan = world.plan().await;
    assert_eq!(brake(&plan, &known, &world.ctx.settings), None);
    assert_eq!(world.client(Side::Secondary).list_jobs().await.unwrap().len(), 7);
}
