//! A failback: what changed on the side that was active goes back to the one that returned.

use std::collections::BTreeMap;

use farshore_model::{group::Side, kind::ObjectKind, plan::PlanAction};
use farshore_sync::{SilentLog, SyncPolicy, activation, leaves_target_ahead, passive, render_text};
use serde_json::json;

use crate::{
    content::current_activations,
    world::{World, item, to_apply},
};

/// A pair that was replicated and has failed over: the primary is fenced, the secondary works.
async fn failed_over() -> World {
    let world = World::start().await;
    world.sync().await;
    passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    release(&world, Side::Secondary).await;
    world
}

async fn release(world: &World, side: Side) {
    let ctx = world.ctx.side(side);
    activation::release_pools(&ctx, &SilentLog).await.unwrap();
    activation::release_clusters(&ctx, &SilentLog).await.unwrap();
    activation::release_jobs(&ctx, &SilentLog).await.unwrap();
}

fn policy() -> SyncPolicy {
    SyncPolicy::carry_back(BTreeMap::new())
}

#[tokio::test]
async fn what_changed_while_the_secondary_was_active_comes_back_and_takes_effect() {
    let world = failed_over().await;
    let there = world.client(Side::Secondary);
    there.import_notebook("/Production/load", "PYTHON", b"print('fixed')".to_vec()).await.unwrap();
    let cron = world.job_id("cron", Side::Secondary).await;
    there.update_job(cron, &json!({"timeout_seconds": 99, "max_concurrent_runs": 6}), &[]).await.unwrap();
    let cluster = world.id(ObjectKind::Clusters, "ETL", Side::Secondary).await;
    let made = json!({
        "name": "made there", "max_concurrent_runs": 2, "continuous": {"pause_status": "UNPAUSED"},
        "tasks": [{"task_key": "t", "existing_cluster_id": cluster, "notebook_task": {"notebook_path": "/x"}}],
    });
    there.create_job(&made).await.unwrap();
    there.delete_job(world.job_id("files", Side::Secondary).await).await.unwrap();
    let active = current_activations(there).await;

    passive::fence(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    let plan = world.try_plan(Side::Secondary, &policy()).await.unwrap();
    let expected = [
        (PlanAction::Update, ObjectKind::Notebooks, "/Production/load".to_owned()),
        (PlanAction::Update, ObjectKind::Jobs, "cron".to_owned()),
        (PlanAction::Create, ObjectKind::Jobs, "made there".to_owned()),
        (PlanAction::Create, ObjectKind::Permissions, "made there".to_owned()),
        (PlanAction::Delete, ObjectKind::Jobs, "files".to_owned()),
    ];
    assert_eq!(to_apply(&plan), expected, "{}", render_text(&plan));
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    assert!(!leaves_target_ahead(&plan), "{}", render_text(&plan));
    let here = world.client(Side::Primary);
    assert!(
        current_activations(here).await.iter().all(|(_, activation)| activation["max_concurrent_runs"] == 0)
    );

    release(&world, Side::Primary).await;
    assert_eq!(current_activations(here).await, active);
    let made = here.get_job(world.job_id("made there", Side::Primary).await).await.unwrap();
    let etl = world.id(ObjectKind::Clusters, "ETL", Side::Primary).await;
    assert_eq!(made["settings"]["tasks"][0]["existing_cluster_id"], json!(etl));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn carried_back_before_the_fence_the_live_values_are_recorded() {
    let world = failed_over().await;
    let there = world.client(Side::Secondary);
    let job = world.job_id("by hand", Side::Secondary).await;
    there.update_job(job, &json!({"max_concurrent_runs": 8}), &[]).await.unwrap();
    let plan = world.try_plan(Side::Secondary, &policy()).await.unwrap();
    assert_eq!(
        to_apply(&plan),
        [(PlanAction::Held, ObjectKind::Jobs, "by hand".to_owned())],
        "{}",
        render_text(&plan)
    );
    world.primary.control().clear_changes();
    world.apply(&plan).await;
    assert_eq!(world.done_to(Side::Primary), Vec::<String>::new());
    let recorded = world.entry(ObjectKind::Jobs, "by hand").await.activation;
    assert_eq!(recorded, Some(json!({"max_concurrent_runs": 8})));
}

#[tokio::test]
async fn what_the_returned_side_keeps_is_told_until_it_is_replicated() {
    let world = failed_over().await;
    let here = world.client(Side::Primary);
    let plan = world.try_plan(Side::Secondary, &policy()).await.unwrap();
    assert!(!leaves_target_ahead(&plan), "{}", render_text(&plan));

    here.import_notebook("/Shared/new here", "SQL", b"SELECT 3".to_vec()).await.unwrap();
    let plan = world.try_plan(Side::Secondary, &policy()).await.unwrap();
    assert!(leaves_target_ahead(&plan), "{}", render_text(&plan));
    here.delete_path("/Shared/new here", false).await.unwrap();

    let path = "/Production/silver/clean";
    here.import_notebook(path, "SQL", b"SELECT 2".to_vec()).await.unwrap();
    let plan = world.try_plan(Side::Secondary, &policy()).await.unwrap();
    assert!(leaves_target_ahead(&plan), "{}", render_text(&plan));

    world.client(Side::Secondary).import_notebook(path, "SQL", b"SELECT 4".to_vec()).await.unwrap();
    let plan = world.try_plan(Side::Secondary, &policy()).await.unwrap();
    assert!(!leaves_target_ahead(&plan), "it waits for a choice: {}", render_text(&plan));
    for (kept, is_ahead) in [(Side::Primary, true), (Side::Secondary, false)] {
        let choices = BTreeMap::from([(item(&plan, path).object.clone(), kept)]);
        let plan = world.try_plan(Side::Secondary, &SyncPolicy::carry_back(choices)).await.unwrap();
        assert_eq!(leaves_target_ahead(&plan), is_ahead, "{}", render_text(&plan));
    }
}

#[tokio::test]
async fn what_changed_on_both_sides_waits_for_a_choice() {
    for (kept, action) in [(Side::Secondary, PlanAction::Update), (Side::Primary, PlanAction::Skip)] {
        let world = failed_over().await;
        let path = "/Shared/report";
        for side in [Side::Primary, Side::Secondary] {
            let source = format!("print('{side}')").into_bytes();
            world.client(side).import_notebook(path, "R", source).await.unwrap();
        }
        let only_here = "/Production/silver/clean";
        world.client(Side::Primary).import_notebook(only_here, "SQL", b"SELECT 2".to_vec()).await.unwrap();
        world
            .client(Side::Primary)
            .import_notebook("/Shared/new here", "SQL", b"SELECT 3".to_vec())
            .await
            .unwrap();

        let plan = world.try_plan(Side::Secondary, &policy()).await.unwrap();
        assert_eq!(to_apply(&plan), [], "{}", render_text(&plan));
        assert_eq!(item(&plan, path).action, PlanAction::Conflict);
        assert_eq!(item(&plan, only_here).action, PlanAction::Skip);

        let choices = BTreeMap::from([(item(&plan, path).object.clone(), kept)]);
        let plan = world.try_plan(Side::Secondary, &SyncPolicy::carry_back(choices)).await.unwrap();
        assert_eq!(item(&plan, path).action, action);
        let (report, sink) = world.apply(&plan).await;
        assert_eq!(report.failed, 0, "{:#?}", sink.failed());
        let source = world.client(Side::Primary).export_notebook(path).await.unwrap();
        assert!(String::from_utf8(source).unwrap().contains(kept.as_str()));

        // Replication then brings what was kept on the primary to the other side.
        release(&world, Side::Primary).await;
        passive::fence(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
        world.sync().await;
        let source = world.client(Side::Secondary).export_notebook(only_here).await.unwrap();
        assert!(String::from_utf8(source).unwrap().contains("SELECT 2"));
        let source = world.client(Side::Secondary).export_notebook(path).await.unwrap();
        assert!(String::from_utf8(source).unwrap().contains(kept.as_str()));
        world.assert_in_sync().await;
    }
}

#[tokio::test]
async fn what_a_person_put_to_rest_while_the_secondary_was_active_stays_so() {
    let world = failed_over().await;
    let there = world.client(Side::Secondary);
    let mut pool =
        there.get_pool(&world.id(ObjectKind::InstancePools, "Small", Side::Secondary).await).await.unwrap();
    pool["min_idle_instances"] = json!(0);
    there.edit_pool(&pool).await.unwrap();
    passive::fence(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    let plan = world.try_plan(Side::Secondary, &policy()).await.unwrap();
    let held = [(PlanAction::Held, ObjectKind::InstancePools, "Small".to_owned())];
    assert_eq!(to_apply(&plan), held, "{}", render_text(&plan));
    world.apply(&plan).await;
    release(&world, Side::Primary).await;
    let pool = world.id(ObjectKind::InstancePools, "Small", Side::Primary).await;
    assert_eq!(world.client(Side::Primary).get_pool(&pool).await.unwrap()["min_idle_instances"], json!(0));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn what_was_not_released_on_the_secondary_comes_back_as_it_was() {
    let world = World::start().await;
    world.sync().await;
    let before = current_activations(world.client(Side::Primary)).await;
    passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    let plan = world.try_plan(Side::Secondary, &policy()).await.unwrap();
    assert_eq!(to_apply(&plan), [], "{}", render_text(&plan));
    assert!(!leaves_target_ahead(&plan), "{}", render_text(&plan));
    release(&world, Side::Primary).await;
    assert_eq!(current_activations(world.client(Side::Primary)).await, before);
}
