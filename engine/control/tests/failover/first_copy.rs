//! The plan that a person looked at is the one that is applied.

use farshore_model::{sync_run::SyncRunState, view::PlanFilter};

use crate::{
    content,
    process::{Process, until},
    world::{World, operator},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_that_was_seen_is_stored_once() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    let control = &process.control;
    let id = control.request_sync(&operator(), world.group, false).await.expect("sync")[0];
    let page = async || control.sync_page(&operator(), id, PlanFilter::default()).await.expect("page");
    until("the plan", async || page().await.run.state == SyncRunState::Planned).await;
    let seen = page().await;
    let hash = seen.plan_hash.clone().expect("a plan has one");
    control.apply_plan(&operator(), id, &hash).await.expect("apply");
    until("the copy", async || page().await.run.state.is_final()).await;
    let applied = page().await;
    assert_eq!(applied.run.state, SyncRunState::Completed, "{:?}", applied.failures);
    assert_eq!(applied.run.plan_id, seen.run.plan_id);
    assert_eq!(applied.items, seen.items);
    // It was made anew before it was applied: what was listed last is the replication point.
    let point = applied.pair.pair.replication_point.expect("a complete copy moves it");
    assert!(point > seen.run.created_at && Some(point) < applied.run.apply_began_at, "{applied:?}");
}
