//! Kinds that others than a sync bring to both sides, and kinds that are not looked at.

use std::{collections::BTreeMap, sync::Arc};

use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::PlanAction,
    replication_settings::{Handling, ReplicationSettings},
};
use farshore_sync::{SilentLog, SyncPolicy, activation, passive, render_text};
use serde_json::{Value, json};

use crate::world::{World, item, to_apply};

fn handled(kinds: &[(ObjectKind, Handling)]) -> Arc<ReplicationSettings> {
    let handling = kinds.iter().copied().collect();
    Arc::new(ReplicationSettings { handling, ..ReplicationSettings::default() })
}

async fn make_pool(world: &World, side: Side, name: &str, min_idle: i64) -> String {
    let pool = json!({
        "instance_pool_name": name, "node_type_id": "m5d.large", "min_idle_instances": min_idle, "max_capacity": 10,
        "idle_instance_autotermination_minutes": 30,
    });
    world.client(side).create_pool(&pool).await.unwrap()
}

async fn make_job(world: &World, side: Side, name: &str, timeout_seconds: i64) -> i64 {
    let task = json!({"task_key": "t", "notebook_task": {"notebook_path": "/Production/load"}});
    let job =
        json!({"name": name, "timeout_seconds": timeout_seconds, "max_concurrent_runs": 4, "tasks": [task]});
    world.client(side).create_job(&job).await.unwrap()
}

async fn cluster(world: &World, side: Side, name: &str) -> Value {
    let clusters = world.client(side).list_clusters().await.unwrap();
    clusters.into_iter().find(|cluster| cluster["cluster_name"] == name).unwrap()
}

/// What was done to objects of a kind, by the first word of what the simulator calls it.
fn done(world: &World, side: Side, to: &str) -> Vec<String> {
    world.done_to(side).into_iter().filter(|done| done.contains(to)).collect()
}

#[tokio::test]
async fn what_ci_cd_deploys_is_compared_and_linked_and_never_written_in_either_direction() {
    let mut world = World::with(farshore_simulator::Content::Empty).await;
    world.ctx.settings = handled(&[(ObjectKind::Jobs, Handling::CoDeploy)]);
    for (side, name, timeout) in [
        (Side::Primary, "equal", 60),
        (Side::Secondary, "equal", 60),
        (Side::Primary, "differs", 60),
        (Side::Secondary, "differs", 90),
        (Side::Primary, "here", 60),
        (Side::Secondary, "there", 60),
    ] {
        make_job(&world, side, name, timeout).await;
    }
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().clear_changes();
    }
    for (source, target, policy) in [
        (Side::Primary, Side::Secondary, SyncPolicy::forward()),
        (Side::Secondary, Side::Primary, SyncPolicy::carry_back(BTreeMap::new())),
    ] {
        let plan = world.try_plan(source, &policy).await.unwrap();
        let of_jobs = |name: &str| ["equal", "differs", "here", "there"].contains(&name);
        assert!(to_apply(&plan).iter().all(|(_, _, name)| !of_jobs(name)), "{}", render_text(&plan));
        let (report, _) = world.apply(&plan).await;
        assert_eq!(report.failed, 0);
        let jobs: Vec<_> = plan.items.iter().filter(|item| item.object.kind == ObjectKind::Jobs).collect();
        assert!(jobs.iter().all(|item| item.is_left_alone), "{}", render_text(&plan));
        let differs = item(&plan, "differs");
        assert!(differs.changes.iter().any(|change| change.path == "timeout_seconds"), "{differs:#?}");
        let reason = differs.reason.as_ref().unwrap();
        assert!(reason.starts_with("it is deployed by CI/CD on both sides; the two differ"), "{reason}");
        let only = if source == Side::Primary { ("here", "there") } else { ("there", "here") };
        for (name, side) in [(only.0, target), (only.1, source)] {
            let reason = item(&plan, name).reason.clone().unwrap();
            assert!(reason.ends_with(&format!("it is missing in {side}")), "{reason}");
        }
    }
    for side in [Side::Primary, Side::Secondary] {
        let done = world.done_to(side);
        assert!(done.iter().all(|done| !done.contains("job")), "{done:?}");
    }
    let entry = world.entry(ObjectKind::Jobs, "equal").await;
    assert!(entry.primary_id.is_some() && entry.secondary_id.is_some(), "{entry:?}");
}

#[tokio::test]
async fn what_is_kept_by_hand_is_found_by_what_refers_to_it_and_released_by_nobody() {
    let mut world = World::start().await;
    world.ctx.settings = handled(&[(ObjectKind::InstancePools, Handling::Manual)]);
    let small = make_pool(&world, Side::Secondary, "Small", 0).await;
    let drivers = make_pool(&world, Side::Secondary, "Drivers", 1).await;
    world.secondary.control().clear_changes();

    let plan = world.sync().await;
    let at_work = item(&plan, "Drivers").reason.clone().unwrap();
    assert!(at_work.contains("it is kept equal by hand") && at_work.contains("at work"), "{at_work}");
    let etl = cluster(&world, Side::Secondary, "ETL").await;
    assert_eq!((&etl["instance_pool_id"], &etl["driver_instance_pool_id"]), (&json!(small), &json!(drivers)));
    world.assert_in_sync().await;

    // A release gives back what a sync or a fence has taken, and nothing of this was.
    let side = world.ctx.side(Side::Secondary);
    let report = activation::release_pools(&side, &SilentLog).await.unwrap();
    assert_eq!((report.changed, report.problems), (0, Vec::new()));
    assert_eq!(done(&world, Side::Secondary, "pool"), Vec::<String>::new());

    // A fence takes from everything, and a release gives back just that.
    let idle = async || {
        let pools = world.client(Side::Secondary).list_pools().await.unwrap();
        let idle = |pool: &Value| pool["min_idle_instances"].as_i64().unwrap();
        let mut idle: Vec<i64> = pools.iter().map(idle).collect();
        idle.sort_unstable();
        idle
    };
    passive::fence(&side, &SilentLog).await.unwrap();
    assert_eq!(idle().await, [0, 0]);
    activation::release_pools(&side, &SilentLog).await.unwrap();
    assert_eq!(idle().await, [0, 1]);
}

#[tokio::test]
async fn an_excluded_kind_is_only_looked_up() {
    let mut world = World::start().await;
    world.ctx.settings =
        handled(&[(ObjectKind::Clusters, Handling::Excluded), (ObjectKind::InitScripts, Handling::Excluded)]);
    world.primary.control().clear_calls();
    let plan = world.plan().await;
    let calls = world.primary.control().calls();
    assert!(calls.endpoints.iter().all(|counted| !counted.endpoint.contains("init-scripts")), "{calls:?}");
    for kind in ["All clusters", "All global init scripts"] {
        let reason = item(&plan, kind).reason.clone().unwrap();
        assert!(reason.contains("excluded"), "{reason}");
    }
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 5, "every job that runs on ETL: {:#?}", sink.failed());
    let why = sink.failed()[0].error.clone().unwrap();
    assert!(
        why.contains("the cluster \"ETL\", which is not in secondary, and clusters are excluded"),
        "{why}"
    );
    assert_eq!(world.client(Side::Secondary).list_clusters().await.unwrap().len(), 0);

    // Somebody makes it there, otherwise than it is here.
    let own = json!({"cluster_name": "ETL", "spark_version": "14.3.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 9});
    let id = world.client(Side::Secondary).create_cluster(&own).await.unwrap();
    world.secondary.control().clear_changes();
    world.sync().await;
    let cron =
        world.client(Side::Secondary).get_job(world.job_id("cron", Side::Secondary).await).await.unwrap();
    assert_eq!(cron["settings"]["tasks"][0]["existing_cluster_id"], json!(id));
    assert_eq!(done(&world, Side::Secondary, "cluster \""), Vec::<String>::new());
    world.assert_in_sync().await;
}

/// Nothing of what was carried before is forgotten, or taken for deleted.
#[tokio::test]
async fn a_kind_that_comes_back_is_where_it_was() {
    let mut world = World::start().await;
    world.sync().await;
    let before = world.entries().await.len();
    world.ctx.settings =
        handled(&[(ObjectKind::Jobs, Handling::Excluded), (ObjectKind::Notebooks, Handling::Excluded)]);
    let here = world.client(Side::Primary);
    here.import_notebook("/Production/load", "PYTHON", b"print('new')".to_vec()).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(to_apply(&plan), [], "{}", render_text(&plan));
    world.sync().await;
    assert_eq!(world.entries().await.len(), before);

    world.ctx.settings = Arc::default();
    let plan = world.sync().await;
    assert_eq!(to_apply(&plan), [(PlanAction::Update, ObjectKind::Notebooks, "/Production/load".to_owned())]);
    world.assert_in_sync().await;
}
