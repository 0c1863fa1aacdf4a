//! Workspaces that answer otherwise than the one next to them.

use farshore_databricks::{ContentFormat, ImportTarget};
use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    plan::PlanAction,
};
use farshore_simulator::Effect;
use farshore_sync::{SyncPolicy, render_text};
use serde_json::{Value, json};

use crate::world::{World, fault, item, refusal};

async fn settings(world: &World, side: Side, name: &str) -> Value {
    let id = world.job_id(name, side).await;
    world.client(side).get_job(id).await.unwrap()["settings"].take()
}

/// A workspace with defaults of its own, and a source that was written before there were any.
#[tokio::test]
async fn what_a_workspace_fills_in_is_no_change_by_hand() {
    const NAME: &str = "without a queue";
    let world = World::start().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    here.create_job(&json!({"name": NAME, "tags": {"team": "etl"}})).await.unwrap();
    let queue = json!({"queue": {"enabled": true}}).as_object().unwrap().clone();
    let fill_in = |address| fault(address, None, Effect::FillIn { fields: queue.clone() });
    let fill_in = vec![fill_in("/api/2.2/jobs/create"), fill_in("/api/2.2/jobs/reset")];
    world.secondary.control().set_faults(fill_in);

    world.sync().await;
    assert_eq!(settings(&world, Side::Secondary, NAME).await["queue"], json!({"enabled": true}));
    world.assert_in_sync().await;

    let copy = world.job_id(NAME, Side::Secondary).await;
    there.update_job(copy, &json!({"tags": {"team": "by hand"}}), &[]).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(item(&plan, NAME).reason.as_deref(), Some("it was changed by hand in secondary"));
    world.assert_in_sync().await;
    assert_eq!(settings(&world, Side::Secondary, NAME).await["tags"], json!({"team": "etl"}));
    // So is what it has filled in.
    there.update_job(copy, &json!({"queue": {"enabled": false}}), &[]).await.unwrap();
    assert_eq!(item(&world.plan().await, NAME).action, PlanAction::Update);
    world.sync().await;

    let id = world.job_id(NAME, Side::Primary).await;
    here.update_job(id, &json!({"tags": {"team": "etl", "on": "call"}}), &[]).await.unwrap();
    world.sync().await;
    world.assert_in_sync().await;
    let back = world.try_plan(Side::Secondary, &SyncPolicy::carry_back([].into())).await.unwrap();
    let at_work = Some("it was activated by hand in primary");
    assert_eq!(item(&back, NAME).reason.as_deref(), at_work, "{}", render_text(&back));
}

#[tokio::test]
async fn an_object_at_which_a_workspace_always_fails_stops_no_other() {
    let world = World::start().await;
    world.sync().await;
    let change = world.primary.control().demo_change();
    let broken = fault("/api/2.0/workspace/export", None, refusal(500, "INTERNAL_ERROR"));
    world.primary.control().set_faults(vec![broken]);
    let plan = world.plan().await;
    let why = item(&plan, &change.notebook_path).reason.clone().unwrap();
    assert!(why.contains("could not be read for comparison"), "{why}");
    let (report, sink) = world.apply(&plan).await;
    let failed: Vec<String> = sink.failed().into_iter().map(|outcome| outcome.name).collect();
    assert!(failed.contains(&change.notebook_path), "{failed:?}");
    assert!(report.succeeded > 0, "the job");
    world.primary.control().set_faults(Vec::new());
    world.sync().await;
    world.assert_in_sync().await;
}

/// A notebook has become a file, a file a folder, and a folder a notebook.
#[tokio::test]
async fn something_else_at_the_same_path_takes_the_place_of_what_was_there() {
    const SOURCE: &[u8] = b"print(1)";
    let (notebook, file, folder) = ("/Shared/swap/a", "/Shared/swap/b", "/Shared/swap/c");
    let world = World::start().await;
    let here = world.client(Side::Primary);
    let upload = async |path: &str| {
        let target = ImportTarget { path, format: ContentFormat::Raw, language: None, is_overwriting: true };
        here.import(target, SOURCE.to_vec()).await.unwrap();
    };
    here.make_folder(folder).await.unwrap();
    here.import_notebook(notebook, "PYTHON", SOURCE.to_vec()).await.unwrap();
    here.import_notebook("/Shared/swap/c/inner", "PYTHON", SOURCE.to_vec()).await.unwrap();
    upload(file).await;
    world.sync().await;
    world.assert_in_sync().await;

    for path in [notebook, file, folder] {
        here.delete_path(path, true).await.unwrap();
    }
    upload(notebook).await;
    here.make_folder(file).await.unwrap();
    here.import_notebook("/Shared/swap/b/inner", "PYTHON", SOURCE.to_vec()).await.unwrap();
    here.import_notebook(folder, "PYTHON", SOURCE.to_vec()).await.unwrap();
    world.sync().await;
    world.assert_in_sync().await;
    let types = [(notebook, "FILE"), (file, "DIRECTORY"), (folder, "NOTEBOOK")];
    for (path, object_type) in types {
        let there = world.client(Side::Secondary).get_path(path).await.unwrap();
        assert_eq!(there.object_type, object_type, "{path}");
    }
    let known = world.entries().await;
    assert!(
        !known
            .iter()
            .any(|entry| entry.object == ObjectKey { kind: ObjectKind::Notebooks, key: notebook.into() })
    );
}
