//! Long jobs, everything that a job's settings hold, and jobs that a bundle deploys.

use std::sync::Arc;

use farshore_databricks::WorkspaceClient;
use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::{PlanAction, PlanItem, SyncPlan},
    replication_settings::{Bundles, ReplicationSettings},
};
use farshore_sync::{SilentLog, SyncPolicy, activation, leaves_target_ahead, passive, render_text};
use serde_json::{Value, json};

use crate::world::{World, item, to_apply};

const BUNDLE: &str = "it is deployed by a bundle: CI/CD deploys it to both sides";

fn task(key: &str) -> Value {
    json!({"task_key": key, "notebook_task": {"notebook_path": "/Production/load"}})
}

fn bundled(name: &str, timeout_s: i64) -> Value {
    json!({
        "name": name, "tasks": [task("main")], "timeout_seconds": timeout_s, "max_concurrent_runs": 0,
        "edit_mode": "UI_LOCKED", "deployment": {"kind": "BUNDLE", "metadata_file_path": "/Workspace/.bundle/x.json"},
    })
}

async fn settings(client: &WorkspaceClient, id: i64) -> Value {
    client.get_job(id).await.unwrap()["settings"].take()
}

/// What is done to jobs, but for access control lists.
fn jobs_to_apply(plan: &SyncPlan) -> Vec<(PlanAction, String)> {
    to_apply(plan)
        .into_iter()
        .filter(|(_, kind, _)| *kind == ObjectKind::Jobs)
        .map(|(action, _, name)| (action, name))
        .collect()
}

fn job<'a>(plan: &'a SyncPlan, name: &str) -> Option<&'a PlanItem> {
    plan.items.iter().find(|item| item.object.kind == ObjectKind::Jobs && *item.name == *name)
}

fn reason<'a>(plan: &'a SyncPlan, name: &str) -> &'a str {
    let found = job(plan, name).and_then(|item| item.reason.as_deref());
    found.unwrap_or_else(|| panic!("{name} in {}", render_text(plan)))
}

#[tokio::test]
async fn a_job_of_230_tasks_is_carried_whole_and_stays_whole() {
    let world = World::start().await;
    let here = world.client(Side::Primary);
    let mut tasks: Vec<Value> = (0..230).map(|n| task(&format!("t{n:03}"))).collect();
    let parameters: Vec<Value> =
        (0..130).map(|n| json!({"name": format!("p{n:03}"), "default": n.to_string()})).collect();
    let long = json!({"name": "long", "max_concurrent_runs": 4, "tasks": tasks, "parameters": parameters});
    let id = here.create_job(&long).await.unwrap();
    world.sync().await;
    let (there, copy) = (world.client(Side::Secondary), world.job_id("long", Side::Secondary).await);
    let lengths = async || {
        let settings = settings(there, copy).await;
        let length = |field: &str| settings[field].as_array().map_or(0, Vec::len);
        (length("tasks"), length("parameters"))
    };
    assert_eq!(lengths().await, (230, 130));
    world.assert_in_sync().await;

    // Beyond the first two pages.
    tasks[225]["timeout_seconds"] = json!(77);
    here.update_job(id, &json!({"tasks": [tasks[225]]}), &[]).await.unwrap();
    let plan = world.plan().await;
    assert_eq!(to_apply(&plan), [(PlanAction::Update, ObjectKind::Jobs, "long".to_owned())]);
    let changes = &item(&plan, "long").changes;
    assert_eq!((changes.len(), changes[0].path.as_str()), (1, "tasks[t225].timeout_seconds"));
    world.apply(&plan).await;
    assert_eq!(lengths().await, (230, 130));
    world.assert_in_sync().await;

    activation::release_jobs(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    assert_eq!(settings(there, copy).await["max_concurrent_runs"], json!(4));
    passive::fence(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    assert_eq!(lengths().await, (230, 130));
}

#[tokio::test]
async fn everything_that_a_job_says_arrives() {
    let world = World::start().await;
    let here = world.client(Side::Primary);
    let told = json!({
        "on_failure": ["ops@acme.example"], "on_success": ["team@acme.example"], "no_alert_for_skipped_runs": true,
    });
    let said = json!({
        "description": "Loads what came in over night.",
        "tags": {"team": "data", "cost centre": "12"},
        "parameters": [{"name": "day", "default": "today"}, {"name": "policy_id", "default": "mine"}],
        "queue": {"enabled": false},
        "health": {"rules": [{"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": 3600}]},
        "email_notifications": told,
        "notification_settings": {"no_alert_for_skipped_runs": true, "no_alert_for_canceled_runs": true},
        "git_source": {"git_url": "https://git.acme.example/etl", "git_provider": "gitHub", "git_branch": "main"},
        "environments": [{"environment_key": "default", "spec": {"client": "2", "dependencies": ["numpy"]}}],
        "timeout_seconds": 5400,
    });
    let tasks = json!([
        {"task_key": "wheel", "environment_key": "default", "email_notifications": {"on_failure": ["ops@acme.example"]},
            "python_wheel_task": {"package_name": "etl", "entry_point": "run", "named_parameters": {"warehouse_id": "mine"}}},
        {"task_key": "jar", "spark_jar_task": {"main_class_name": "com.acme.Load", "parameters": ["0923-cluster", "1"]},
            "libraries": [{"jar": "s3://acme-jars/load.jar"}], "max_retries": 2, "min_retry_interval_millis": 500},
        {"task_key": "submit", "spark_submit_task": {"parameters": ["--conf", "spark.pool_id=x", "app.py"]}},
        {"task_key": "decide", "condition_task": {"op": "EQUAL_TO", "left": "{{job.parameters.day}}", "right": "today"}},
        {"task_key": "python", "depends_on": [{"task_key": "decide", "outcome": "true"}],
            "spark_python_task": {"python_file": "jobs/load.py", "source": "GIT", "parameters": ["--day", "today"]}},
        {"task_key": "each", "for_each_task": {"inputs": "[1, 2]", "concurrency": 2, "task": {
            "task_key": "one", "notebook_task": {"notebook_path": "/Production/load", "base_parameters": {"n": "{{input}}"}}}}},
    ]);
    let mut settings_here = said.clone();
    settings_here["name"] = json!("says much");
    settings_here["tasks"] = tasks.clone();
    here.create_job(&settings_here).await.unwrap();
    world.sync().await;

    let copy =
        settings(world.client(Side::Secondary), world.job_id("says much", Side::Secondary).await).await;
    for (field, value) in said.as_object().unwrap() {
        let mut arrived = copy[field].clone();
        if field == "tags" {
            arrived.as_object_mut().unwrap().remove("farshore_mark");
        }
        assert_eq!(arrived, *value, "{field}");
    }
    for said in tasks.as_array().unwrap() {
        let arrived = copy["tasks"].as_array().unwrap();
        let arrived = arrived.iter().find(|task| task["task_key"] == said["task_key"]).unwrap();
        for (field, value) in said.as_object().unwrap() {
            assert!(contains(&arrived[field], value), "{field}: {} is not {value}", arrived[field]);
        }
    }
    world.assert_in_sync().await;
}

/// Whether everything that is wanted is there; a workspace adds defaults.
fn contains(arrived: &Value, wanted: &Value) -> bool {
    match (arrived, wanted) {
        (Value::Object(arrived), Value::Object(wanted)) => wanted
            .iter()
            .all(|(field, wanted)| arrived.get(field).is_some_and(|arrived| contains(arrived, wanted))),
        _ => arrived == wanted,
    }
}

#[tokio::test]
async fn what_a_task_needs_and_is_not_replicated_is_told_on_its_job() {
    let world = World::start().await;
    let here = world.client(Side::Primary);
    let on_warehouse = |what: Value| {
        let mut task = json!({"warehouse_id": "w"});
        task.as_object_mut().unwrap().extend(what.as_object().cloned().unwrap());
        json!({"sql_task": task})
    };
    let cases = [
        ("pipeline", json!({"pipeline_task": {"pipeline_id": "p"}}), "it needs the pipeline p,"),
        ("query", on_warehouse(json!({"query": {"query_id": "q"}})), "it needs the SQL query q,"),
        ("alert", on_warehouse(json!({"alert": {"alert_id": "a"}})), "it needs the SQL alert a,"),
        ("board", on_warehouse(json!({"dashboard": {"dashboard_id": "d"}})), "it needs the dashboard d,"),
        ("file", on_warehouse(json!({"file": {"path": "/q.sql"}})), "it needs the SQL warehouse w,"),
        (
            "dbt",
            json!({"dbt_task": {"commands": ["dbt run"], "warehouse_id": "w"}}),
            "it needs the SQL warehouse w,",
        ),
        (
            "told",
            json!({
                "notebook_task": {"notebook_path": "/x"},
                "webhook_notifications": {"on_failure": [{"id": "n"}]},
            }),
            "it needs the notification destination n,",
        ),
        (
            "each",
            json!({"for_each_task": {"inputs": "[1]", "task": {
                "task_key": "one", "dashboard_task": {"dashboard_id": "d2"},
            }}}),
            "it needs the dashboard d2,",
        ),
    ];
    for (name, work, _) in &cases {
        let mut task = work.clone();
        task["task_key"] = json!("t");
        here.create_job(&json!({"name": name, "tasks": [task]})).await.unwrap();
    }
    let plan = world.plan().await;
    let (_, sink) = world.apply(&plan).await;
    let failed = sink.failed();
    for (name, _, why) in &cases {
        let outcome = failed
            .iter()
            .find(|outcome| outcome.object.kind == ObjectKind::Jobs && outcome.name == *name)
            .unwrap_or_else(|| panic!("{name} in {failed:#?}"));
        assert!(outcome.error.as_ref().unwrap().contains(why), "{outcome:?}");
        assert!(outcome.remedy.as_ref().unwrap().contains("Nothing was changed"), "{outcome:?}");
    }
    let jobs = failed.iter().filter(|outcome| outcome.object.kind == ObjectKind::Jobs).count();
    assert_eq!(jobs, cases.len());
}

/// Something that is not a bundle's, and starts the bundle's job.
fn starter(bundled: i64) -> Value {
    json!({"name": "starts it", "tasks": [{"task_key": "go", "run_job_task": {"job_id": bundled}}]})
}

#[tokio::test]
async fn a_job_of_a_bundle_is_compared_and_linked_and_never_written() {
    let world = World::start().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    let original = here.create_job(&bundled("of the bundle", 60)).await.unwrap();
    here.create_job(&starter(original)).await.unwrap();

    let plan = world.plan().await;
    assert_eq!(reason(&plan, "of the bundle"), format!("{BUNDLE}; it is missing in secondary"));
    assert!(job(&plan, "of the bundle").unwrap().is_left_alone);
    assert!(reason(&plan, "starts it").contains("the job \"of the bundle\", which is not carried over"));
    let about_it = plan.items.iter().filter(|item| item.name.contains("of the bundle")).count();
    assert_eq!(about_it, 1, "its access control list is missing with it: {}", render_text(&plan));
    world.apply(&plan).await;
    let jobs = there.list_jobs().await.unwrap();
    assert!(jobs.iter().all(|job| job["settings"]["name"] != "of the bundle"));

    // CI/CD catches up, with other settings for the moment.
    let deployed = there.create_job(&bundled("of the bundle", 30)).await.unwrap();
    world.secondary.control().clear_changes();
    let plan = world.plan().await;
    assert_eq!(reason(&plan, "of the bundle"), format!("{BUNDLE}; the two differ"));
    let change = &job(&plan, "of the bundle").unwrap().changes[0];
    assert_eq!((change.path.as_str(), change.before.as_deref()), ("timeout_seconds", Some("30")));
    let lists = plan.items.iter().filter(|item| item.object.kind == ObjectKind::Permissions);
    let written = lists.filter(|item| item.action != PlanAction::Skip).map(|item| &*item.name);
    assert_eq!(written.collect::<Vec<_>>(), ["starts it"], "its list is left alone with it");
    let entry = world.entry(ObjectKind::Jobs, "of the bundle").await;
    assert_eq!(entry.id_on(Side::Primary), Some(&*original.to_string()));
    assert_eq!(entry.id_on(Side::Secondary), Some(&*deployed.to_string()));
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    let starter = settings(there, world.job_id("starts it", Side::Secondary).await).await;
    assert_eq!(starter["tasks"][0]["run_job_task"]["job_id"], json!(deployed));
    let done = world.done_to(Side::Secondary);
    assert!(done.iter().all(|change| !change.contains("of the bundle")), "{done:?}");

    // Equal: told by number, and nothing to do.
    there.update_job(deployed, &json!({"timeout_seconds": 60}), &[]).await.unwrap();
    let plan = world.plan().await;
    assert!(job(&plan, "of the bundle").is_none(), "{}", render_text(&plan));
    let group = item(&plan, "1 job left alone");
    assert_eq!(group.reason.as_deref(), Some(&*format!("{BUNDLE}; equal on both sides: of the bundle")));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_job_of_a_bundle_is_not_deleted_with_its_counterpart_and_is_found_again_under_its_name() {
    let world = World::start().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    let original = here.create_job(&bundled("of the bundle", 60)).await.unwrap();
    let deployed = there.create_job(&bundled("of the bundle", 60)).await.unwrap();
    here.create_job(&starter(original)).await.unwrap();
    world.sync().await;
    world.assert_in_sync().await;

    // Made anew on the passive side, and then on the active one.
    there.delete_job(deployed).await.unwrap();
    let again_there = there.create_job(&bundled("of the bundle", 60)).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(jobs_to_apply(&plan), [(PlanAction::Update, "starts it".to_owned())]);
    let starter = settings(there, world.job_id("starts it", Side::Secondary).await).await;
    assert_eq!(starter["tasks"][0]["run_job_task"]["job_id"], json!(again_there));

    here.delete_job(original).await.unwrap();
    let again_here = here.create_job(&bundled("of the bundle", 60)).await.unwrap();
    world.plan().await;
    let entry = world.entry(ObjectKind::Jobs, "of the bundle").await;
    assert_eq!(entry.id_on(Side::Primary), Some(&*again_here.to_string()));
    assert_eq!(entry.id_on(Side::Secondary), Some(&*again_there.to_string()));

    // What is gone from the active side is CI/CD's to remove on the other one.
    here.delete_job(again_here).await.unwrap();
    world.secondary.control().clear_changes();
    let plan = world.plan().await;
    assert_eq!(reason(&plan, "of the bundle"), format!("{BUNDLE}; it is missing in primary"));
    world.apply(&plan).await;
    assert!(there.get_job(again_there).await.is_ok());
}

#[tokio::test]
async fn a_job_of_a_bundle_at_work_on_the_passive_side_is_shown_and_a_fence_holds_it() {
    let world = World::start().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    for client in [here, there] {
        let mut settings = bundled("of the bundle", 60);
        settings["max_concurrent_runs"] = json!(2);
        client.create_job(&settings).await.unwrap();
    }
    let plan = world.sync().await;
    let expected = format!("{BUNDLE}; in secondary it is at work, and no sync holds it there");
    assert_eq!(reason(&plan, "of the bundle"), expected);
    let entry = world.entry(ObjectKind::Jobs, "of the bundle").await;
    assert!(!entry.awaits_release_on(Side::Secondary), "no sync has put it to rest");

    let concurrency = async |side| {
        let id = world.job_id("of the bundle", side).await;
        settings(world.client(side), id).await["max_concurrent_runs"].clone()
    };
    passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    assert_eq!(concurrency(Side::Primary).await, json!(0));
    let back = world.try_plan(Side::Secondary, &SyncPolicy::carry_back([].into())).await.unwrap();
    assert!(job(&back, "of the bundle").is_none_or(|item| item.action == PlanAction::Skip));
    assert!(!leaves_target_ahead(&back), "{}", render_text(&back));
    activation::release_jobs(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    assert_eq!((concurrency(Side::Primary).await, concurrency(Side::Secondary).await), (json!(2), json!(2)));
}

#[tokio::test]
async fn what_bundles_deploy_is_carried_where_nobody_else_does_but_for_what_they_note() {
    let mut world = World::start().await;
    let here = world.client(Side::Primary).clone();
    let root = "/Users/farshore@example.com/.bundle/etl/prod";
    for (folder, name) in [("files", "load"), ("state", "noted")] {
        here.make_folder(&format!("{root}/{folder}")).await.unwrap();
        let path = format!("{root}/{folder}/{name}");
        here.import_notebook(&path, "PYTHON", b"print(1)".to_vec()).await.unwrap();
    }
    let original = here.create_job(&bundled("of the bundle", 60)).await.unwrap();
    here.create_job(&starter(original)).await.unwrap();
    let settings = |bundles| Arc::new(ReplicationSettings { bundles, ..ReplicationSettings::default() });
    world.ctx.settings = settings(Bundles::Carried);
    let plan = world.sync().await;
    assert_eq!(item(&plan, &format!("{root}/files/load")).action, PlanAction::Create);
    let there = world.client(Side::Secondary);
    there.get_path(&format!("{root}/files/load")).await.unwrap();
    there.get_path(&format!("{root}/state/noted")).await.unwrap_err();
    let copy = world.job_id("of the bundle", Side::Secondary).await;
    let held = there.get_job(copy).await.unwrap()["settings"].clone();
    assert_eq!((&held["max_concurrent_runs"], &held["timeout_seconds"]), (&json!(0), &json!(60)));
    let starter = there.get_job(world.job_id("starts it", Side::Secondary).await).await.unwrap();
    assert_eq!(starter["settings"]["tasks"][0]["run_job_task"]["job_id"], json!(copy));
    world.assert_in_sync().await;

    // From now on CI/CD deploys there as well: what is there stays, and is compared.
    world.ctx.settings = settings(Bundles::LeftToCiCd);
    here.update_job(original, &json!({"timeout_seconds": 61}), &[]).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(reason(&plan, "of the bundle"), format!("{BUNDLE}; the two differ"));
    world.ctx.settings = settings(Bundles::Carried);
    let plan = world.sync().await;
    assert_eq!(jobs_to_apply(&plan), [(PlanAction::Update, "of the bundle".to_owned())]);
    world.assert_in_sync().await;
}
