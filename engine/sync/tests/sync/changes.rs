use std::collections::BTreeSet;

use farshore_model::{group::Side, kind::ObjectKind, plan::PlanAction};
use farshore_sync::{SilentLog, SyncPolicy, render_text};
use serde_json::json;

use crate::world::{World, item, to_apply};

#[tokio::test]
async fn a_changed_notebook_and_a_changed_job_are_exactly_two_items() {
    let world = World::start().await;
    world.sync().await;
    let change = world.primary.control().demo_change();
    world.secondary.control().clear_changes();

    let plan = world.plan().await;
    let expected = [
        (PlanAction::Update, ObjectKind::Notebooks, change.notebook_path.clone()),
        (PlanAction::Update, ObjectKind::Jobs, change.job_name.clone()),
    ];
    assert_eq!(to_apply(&plan), expected, "{}", render_text(&plan));
    assert_eq!(item(&plan, &change.notebook_path).changes[0].path, "source");
    assert!(item(&plan, &change.job_name).changes.iter().any(|change| change.path == "timeout_seconds"));
    world.apply(&plan).await;
    assert_eq!(world.done_to(Side::Secondary).len(), 2);

    // The plan a second time writes nothing.
    world.apply(&plan).await;
    assert_eq!(world.done_to(Side::Secondary).len(), 2);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn what_is_held_is_noted_and_not_written() {
    let world = World::start().await;
    world.sync().await;
    world.secondary.control().clear_changes();
    let here = world.client(Side::Primary);
    let job = world.job_id("by hand", Side::Primary).await;
    here.update_job(job, &json!({"max_concurrent_runs": 9}), &[]).await.unwrap();
    let pool = world.id(ObjectKind::InstancePools, "Small", Side::Primary).await;
    let mut settings = here.get_pool(&pool).await.unwrap();
    settings["min_idle_instances"] = json!(5);
    here.edit_pool(&settings).await.unwrap();
    let cluster = world.id(ObjectKind::Clusters, "ETL", Side::Primary).await;
    here.terminate_cluster(&cluster).await.unwrap();

    let plan = world.plan().await;
    let expected = [
        (PlanAction::Held, ObjectKind::InstancePools, "Small".to_owned()),
        (PlanAction::Held, ObjectKind::Jobs, "by hand".to_owned()),
    ];
    assert_eq!(to_apply(&plan), expected, "{}", render_text(&plan));
    world.apply(&plan).await;
    assert_eq!(world.done_to(Side::Secondary), Vec::<String>::new());
    let activation = async |kind, name| world.entry(kind, name).await.activation.unwrap();
    assert_eq!(activation(ObjectKind::Jobs, "by hand").await, json!({"max_concurrent_runs": 9}));
    assert_eq!(activation(ObjectKind::InstancePools, "Small").await, json!({"min_idle_instances": 5}));
    assert_eq!(activation(ObjectKind::Clusters, "ETL").await, json!({"is_running": false}));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn deletions_are_carried_over_and_nothing_else_goes_with_them() {
    let world = World::start().await;
    world.sync().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    here.delete_path("/Production/silver", true).await.unwrap();
    here.delete_job(world.job_id("starts others", Side::Primary).await).await.unwrap();
    here.delete_job(world.job_id("by hand", Side::Primary).await).await.unwrap();
    let idle = world.id(ObjectKind::Clusters, "Idle", Side::Primary).await;
    here.permanent_delete_cluster(&idle).await.unwrap();
    there.make_folder("/Production/empty/of this side").await.unwrap();
    here.delete_path("/Production/empty", true).await.unwrap();

    let plan = world.plan().await;
    let deleted = to_apply(&plan);
    assert!(deleted.iter().all(|(action, ..)| *action == PlanAction::Delete), "{}", render_text(&plan));
    let mut names: Vec<_> = deleted.into_iter().map(|(_, _, name)| name).collect();
    names.sort();
    let expected = [
        "/Production/silver",
        "/Production/silver/clean",
        "/Production/silver/score",
        "Idle",
        "by hand",
        "starts others",
    ];
    assert_eq!(names, expected);
    assert_eq!(item(&plan, "/Production/empty").action, PlanAction::Skip);
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    assert_eq!(there.list_jobs().await.unwrap().len(), 5);
    assert_eq!(there.list_clusters().await.unwrap().len(), 1);
    assert_eq!(there.list_folder("/Production/empty", None).await.unwrap().len(), 1);
    let again = world.plan().await;
    assert_eq!(to_apply(&again), [], "{}", render_text(&again));
}

#[tokio::test]
async fn what_was_changed_by_hand_on_the_passive_side_is_drift() {
    let world = World::start().await;
    world.sync().await;
    let there = world.client(Side::Secondary);
    there.import_notebook("/Shared/report", "R", b"print('mine')".to_vec()).await.unwrap();
    let woken = world.job_id("cron", Side::Secondary).await;
    there.update_job(woken, &json!({"max_concurrent_runs": 1}), &[]).await.unwrap();
    let cluster = world.id(ObjectKind::Clusters, "ETL", Side::Secondary).await;
    start_by_hand(&world, &cluster).await;
    there.delete_job(world.job_id("files", Side::Secondary).await).await.unwrap();

    let plan = world.plan().await;
    let reason = |name: &str| item(&plan, name).reason.clone().unwrap();
    assert_eq!(reason("/Shared/report"), "it was changed by hand in secondary");
    assert_eq!(reason("cron"), "it was activated by hand in secondary");
    assert_eq!(reason("ETL"), "it was activated by hand in secondary");
    assert_eq!(reason("files"), "it was deleted by hand in secondary");
    assert_eq!(to_apply(&plan).len(), 4 + 1, "{}", render_text(&plan));
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    world.assert_in_sync().await;
}

async fn start_by_hand(world: &World, cluster: &str) {
    let there = world.client(Side::Secondary);
    for _ in 0..100 {
        if there.start_cluster(cluster).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the cluster does not start");
}

#[tokio::test]
async fn an_old_watermark_saves_reading_and_misses_nothing() {
    let mut world = World::start().await;
    world.ctx.options.clock_margin_ms = 0;
    world.sync().await;
    // A workspace tells its time to the second.
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().advance_clock(5_000);
    }
    world.assert_in_sync().await;
    // From now on, an export is a mistake: nothing has changed.
    let refused =
        crate::world::fault("/api/2.0/workspace/export", None, crate::world::refusal(500, "INTERNAL_ERROR"));
    world.primary.control().set_faults(vec![refused.clone()]);
    world.secondary.control().set_faults(vec![refused]);
    world.assert_in_sync().await;
    world.primary.control().set_faults(Vec::new());
    world.secondary.control().set_faults(Vec::new());
    let path = world.primary.control().demo_change().notebook_path;
    assert_eq!(item(&world.plan().await, &path).action, PlanAction::Update);
}

#[tokio::test]
async fn what_changes_after_the_plan_is_not_overwritten() {
    let world = World::start().await;
    world.sync().await;
    let change = world.primary.control().demo_change();
    let plan = world.plan().await;
    let there = world.client(Side::Secondary);
    there.import_notebook(&change.notebook_path, "PYTHON", b"print('late')".to_vec()).await.unwrap();
    let job = world.job_id(&change.job_name, Side::Secondary).await;
    there.update_job(job, &json!({"timeout_seconds": 7}), &[]).await.unwrap();
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 2);
    assert!(
        sink.failed().iter().all(|outcome| outcome
            .error
            .as_ref()
            .unwrap()
            .contains("has changed in secondary"))
    );
    world.sync().await;
    world.assert_in_sync().await;
}

#[tokio::test]
async fn clocks_that_differ_hide_no_change() {
    for hours in [-3, 3] {
        let mut world = World::start().await;
        world.ctx.options.clock_margin_ms = 2_000;
        world.primary.control().advance_clock(hours * 3_600_000);
        world.sync().await;
        world.assert_in_sync().await;
        world.primary.control().advance_clock(10_000);
        world.assert_in_sync().await;
        let path = world.primary.control().demo_change().notebook_path;
        assert_eq!(item(&world.plan().await, &path).action, PlanAction::Update, "{hours} hours");
    }
}

/// Work goes on in tasks, which move between threads.
#[tokio::test]
async fn every_future_is_send() {
    fn is_send<T: Send>(_: &T) {}
    let world = World::with(farshore_simulator::Content::Empty).await;
    let (policy, sink, done) = (SyncPolicy::forward(), crate::world::Sink::default(), BTreeSet::new());
    let plan = world.plan().await;
    let side = world.ctx.side(Side::Primary);
    is_send(&farshore_sync::make_plan(&world.ctx, Side::Primary, plan.id, &policy));
    is_send(&farshore_sync::apply_plan(&world.ctx, &plan, &done, &sink));
    is_send(&farshore_sync::passive::fence(&side, &SilentLog));
    is_send(&farshore_sync::activation::release_jobs(&side, &SilentLog));
}
