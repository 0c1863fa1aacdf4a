//! Files of DBFS: those that something refers to, and no others.

use farshore_databricks::{Upload, WorkspaceClient};
use farshore_model::{group::Side, kind::ObjectKind, plan::PlanAction};
use farshore_simulator::{Content, Effect};
use farshore_sync::{apply_plan, render_text};
use serde_json::{Value, json};

use crate::{
    crashes::killed_in,
    world::{Sink, World, fault, item, refusal, to_apply},
};

const JAR: &str = "/FileStore/jars/etl.jar";
const MAIN: &str = "/scripts/main.py";
const INIT: &str = "/init/agent.sh";
const WHEEL: &str = "/FileStore/wheels/tool.whl";
const DATA: &str = "/data/orders.csv";

async fn put(client: &WorkspaceClient, path: &str, content: &[u8]) {
    client.put_dbfs(path, &Upload::from(content.to_vec())).await.unwrap();
}

/// More than is kept in memory, and several blocks.
fn jar() -> Vec<u8> {
    (0..2_500_000_usize).map(|at| (at.wrapping_mul(17) >> 2) as u8).collect()
}

fn job(jar: &str) -> Value {
    json!({"name": "Nightly", "tasks": [{
        "task_key": "main", "spark_python_task": {"python_file": format!("dbfs:{MAIN}"), "parameters": [format!("dbfs:{DATA}")]},
        "libraries": [{"jar": format!("dbfs:{jar}")}],
        "new_cluster": {
            "spark_version": "15.4.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 1,
            "init_scripts": [{"dbfs": {"destination": format!("dbfs:{INIT}")}}],
        },
    }]})
}

async fn filled() -> World {
    let world = World::with(Content::Empty).await.patient();
    let here = world.client(Side::Primary);
    put(here, JAR, &jar()).await;
    put(here, MAIN, b"print(1)\n").await;
    put(here, INIT, b"#!/bin/bash\n").await;
    put(here, WHEEL, &[0xff, 0x00]).await;
    put(here, DATA, b"1;2\n").await;
    here.create_job(&job(JAR)).await.unwrap();
    let cluster = json!({
        "cluster_name": "Shared", "spark_version": "15.4.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 1,
    });
    let cluster = here.create_cluster(&cluster).await.unwrap();
    here.install_libraries(&cluster, &[json!({"whl": format!("dbfs:{WHEEL}")})]).await.unwrap();
    here.terminate_cluster(&cluster).await.unwrap();
    world
}

fn dbfs_items(plan: &farshore_model::plan::SyncPlan) -> Vec<(PlanAction, String)> {
    let items = to_apply(plan).into_iter().filter(|(_, kind, _)| *kind == ObjectKind::DbfsFiles);
    items.map(|(action, _, name)| (action, name)).collect()
}

fn written(world: &World) -> Vec<String> {
    world.done_to(Side::Secondary).into_iter().filter(|change| change.starts_with("write DBFS")).collect()
}

#[tokio::test]
async fn what_is_referred_to_arrives_and_data_stays_where_it_is() {
    let world = filled().await;
    let plan = world.sync().await;
    assert_eq!(dbfs_items(&plan).len(), 4, "{}", render_text(&plan));
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    for path in [JAR, MAIN, INIT, WHEEL] {
        assert!(there.export_dbfs(path).await.unwrap() == here.export_dbfs(path).await.unwrap(), "{path}");
    }
    assert!(there.get_dbfs(DATA).await.is_err());
    assert_eq!(written(&world).len(), 4);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_change_a_new_name_and_drift_are_carried() {
    let world = filled().await;
    world.sync().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    put(here, MAIN, b"print(2)\n").await;
    put(there, INIT, b"#!/bin/bash mine\n").await;
    let renamed = "/FileStore/jars/etl-2.jar";
    put(here, renamed, &jar()).await;
    here.delete_dbfs(JAR, false).await.unwrap();
    let nightly = world.job_id("Nightly", Side::Primary).await;
    here.reset_job(nightly, &job(renamed)).await.unwrap();

    let plan = world.plan().await;
    let mut planned = dbfs_items(&plan);
    planned.sort_by(|left, right| left.1.cmp(&right.1));
    let expected = [
        (PlanAction::Create, format!("dbfs:{renamed}")),
        (PlanAction::Delete, format!("dbfs:{JAR}")),
        (PlanAction::Update, format!("dbfs:{INIT}")),
        (PlanAction::Update, format!("dbfs:{MAIN}")),
    ];
    assert_eq!(planned, expected, "{}", render_text(&plan));
    let drift = item(&plan, &format!("dbfs:{INIT}"));
    assert_eq!(drift.reason.as_deref(), Some("it was changed by hand in secondary"));
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    assert_eq!(there.export_dbfs(MAIN).await.unwrap(), b"print(2)\n");
    assert_eq!(there.export_dbfs(INIT).await.unwrap(), b"#!/bin/bash\n");
    assert!(there.get_dbfs(JAR).await.is_err());
    world.assert_in_sync().await;
}

#[tokio::test]
async fn what_nobody_refers_to_any_more_stays_equal_until_it_is_deleted() {
    let world = filled().await;
    world.sync().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    here.delete_job(world.job_id("Nightly", Side::Primary).await).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(dbfs_items(&plan), [], "{}", render_text(&plan));
    world.assert_in_sync().await;
    put(here, MAIN, b"print(3)\n").await;
    here.delete_dbfs(INIT, false).await.unwrap();
    world.sync().await;
    assert_eq!(there.export_dbfs(MAIN).await.unwrap(), b"print(3)\n");
    assert!(there.get_dbfs(INIT).await.is_err());
    world.assert_in_sync().await;
}

#[tokio::test]
async fn what_is_there_already_is_taken_over_before_anything_refers_to_it() {
    let world = filled().await;
    let there = world.client(Side::Secondary);
    put(there, MAIN, b"print(0)\n").await;
    put(there, INIT, b"#!/bin/bash\n").await;
    let plan = world.plan().await;
    for path in [MAIN, INIT] {
        assert_eq!(item(&plan, &format!("dbfs:{path}")).action, PlanAction::Adopt, "{}", render_text(&plan));
    }
    world.apply(&plan).await;
    assert_eq!(there.export_dbfs(MAIN).await.unwrap(), b"print(1)\n");
    assert_eq!(written(&world).len(), 2 + 3, "the equal one was not written: {:#?}", written(&world));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_file_that_is_missing_is_named_with_what_refers_to_it() {
    let world = filled().await;
    let here = world.client(Side::Primary);
    here.delete_dbfs(MAIN, false).await.unwrap();
    let plan = world.plan().await;
    let missing = item(&plan, &format!("dbfs:{MAIN}"));
    let why = missing.reason.clone().unwrap();
    assert!(why.contains("the job \"Nightly\" refers to it, and it does not exist"), "{why}");
    let (report, _) = world.apply(&plan).await;
    assert_eq!(report.failed, 1);
    put(here, MAIN, b"print(1)\n").await;
    world.sync().await;
    world.assert_in_sync().await;

    // Still referred to: the copy is not taken away from those that need it.
    here.delete_dbfs(MAIN, false).await.unwrap();
    let plan = world.plan().await;
    world.apply(&plan).await;
    let there = world.client(Side::Secondary);
    assert_eq!(there.export_dbfs(MAIN).await.unwrap(), b"print(1)\n", "{}", render_text(&plan));
}

#[tokio::test]
async fn what_is_unchanged_is_not_read_again() {
    let mut world = filled().await;
    world.ctx.options.clock_margin_ms = 0;
    world.sync().await;
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().advance_clock(5_000);
    }
    world.assert_in_sync().await;
    for side in [Side::Primary, Side::Secondary] {
        let refused = fault("/api/2.0/dbfs/read", None, refusal(500, "INTERNAL_ERROR"));
        world.simulator(side).control().set_faults(vec![refused]);
    }
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_kill_in_the_midst_of_an_upload_or_before_its_answer_costs_nothing() {
    for path in ["/api/2.0/dbfs/put", "/api/2.0/dbfs/add-block", "/api/2.0/dbfs/close"] {
        let world = filled().await;
        let (plan, done) = killed_in(&world, path).await;
        let sink = Sink::default();
        let report = apply_plan(&world.ctx, &plan, &done, &sink).await.unwrap();
        assert_eq!(report.failed, 0, "{path}: {:#?}", sink.failed());
        assert_eq!(written(&world).len(), 4, "{path}: {:#?}", written(&world));
        assert!(world.client(Side::Secondary).export_dbfs(JAR).await.unwrap() == jar(), "{path}");
        world.assert_in_sync().await;
    }
}

#[tokio::test]
async fn a_block_whose_answer_is_lost_is_not_in_the_file_twice() {
    let world = filled().await;
    let lost = fault("/api/2.0/dbfs/add-block", Some(1), Effect::RefuseAfterEffect);
    world.secondary.control().set_faults(vec![lost]);
    world.sync().await;
    assert!(world.client(Side::Secondary).export_dbfs(JAR).await.unwrap() == jar());
    world.assert_in_sync().await;
}
