//! The deletion brake, on plans of real deletions.

use std::sync::Arc;

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::SyncPlan,
    replication_settings::{DeletionBrake, Handling, ReplicationSettings},
};
use farshore_sync::brake;

use crate::world::World;

/// A pair that was equal, from whose active side every job was deleted, and a plan that says so.
async fn without_jobs() -> (World, SyncPlan, u32) {
    let world = World::start().await;
    world.sync().await;
    let here = world.client(Side::Primary);
    for job in here.list_jobs().await.unwrap() {
        here.delete_job(job["job_id"].as_i64().unwrap()).await.unwrap();
    }
    let plan = world.plan().await;
    let known = u32::try_from(world.entries().await.len()).unwrap();
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
    assert_eq!(brake(&plan, known, &settings(7, 100)), None);
    let why = brake(&plan, known, &settings(6, 100)).unwrap();
    assert!(why.contains("7 objects would be deleted") && why.contains(" 6 "), "{why}");
    let why = brake(&plan, known, &settings(7, 10)).unwrap();
    assert!(why.contains(&format!("7 of {known} objects")), "{why}");
    assert_eq!(brake(&plan, 1_000, &settings(7, 10)), None, "few of many");
}

#[tokio::test]
async fn what_is_not_deleted_does_not_count() {
    let (mut world, _, known) = without_jobs().await;
    let handling = [(ObjectKind::Jobs, Handling::Manual)].into();
    world.ctx.settings = Arc::new(ReplicationSettings { handling, ..settings(0, 0) });
    let plan = world.plan().await;
    assert_eq!(brake(&plan, known, &world.ctx.settings), None);
    assert_eq!(world.client(Side::Secondary).list_jobs().await.unwrap().len(), 7);
}
