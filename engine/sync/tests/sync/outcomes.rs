//! What goes wrong with one object is an outcome on it.

use std::collections::BTreeSet;

use farshore_databricks::ClientOptions;
use farshore_model::{group::Side, kind::ObjectKind, plan::PlanAction, sync_run::OutcomeState};
use farshore_simulator::Effect;
use farshore_sync::{ApplyError, apply_plan, render_text};
use serde_json::json;

use crate::world::{Sink, World, client, fault, impatient, item, refusal, to_apply};

#[tokio::test]
async fn a_notebook_of_12_mb_is_carried_or_told_and_stops_nothing() {
    let world = World::start().await;
    let huge = vec![b'#'; 12 * 1024 * 1024];
    world.client(Side::Primary).import_notebook("/Shared/huge", "PYTHON", huge.clone()).await.unwrap();
    world.secondary.control().set_faults(vec![fault(
        "/api/2.0/workspace/import",
        None,
        refusal(400, "MAX_NOTEBOOK_SIZE_EXCEEDED"),
    )]);
    let plan = world.plan().await;
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 4 + 1);
    let failed = sink.failed();
    let told = failed.iter().find(|outcome| outcome.name == "/Shared/huge").unwrap();
    assert!(told.remedy.as_ref().unwrap().contains("split the notebook"), "{told:?}");
    let entry = world.entry(ObjectKind::Notebooks, "/Shared/huge").await;
    assert_eq!((entry.last_outcome, entry.secondary_id), (Some(OutcomeState::Failed), None));

    world.secondary.control().set_faults(Vec::new());
    let plan = world.plan().await;
    assert_eq!(to_apply(&plan).len(), 5 + 5, "each with its list: {}", render_text(&plan));
    let mut patient = world.ctx.clone();
    for (end, simulator) in
        [(&mut patient.primary, &world.primary), (&mut patient.secondary, &world.secondary)]
    {
        end.client = client(simulator, ClientOptions { request_timeout_ms: 20_000, ..impatient() });
    }
    let sink = Sink::default();
    let report = apply_plan(&patient, &plan, &BTreeSet::new(), &sink).await.unwrap();
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    assert!(world.client(Side::Secondary).export_notebook("/Shared/huge").await.unwrap().len() >= huge.len());
}

#[tokio::test]
async fn what_depends_on_a_failed_object_says_so() {
    let world = World::start().await;
    world.secondary.control().set_faults(vec![fault(
        "/api/2.1/clusters/create",
        Some(2),
        refusal(400, "INVALID_PARAMETER_VALUE"),
    )]);
    let plan = world.plan().await;
    let (_, sink) = world.apply(&plan).await;
    let failed = sink.failed();
    let clusters = failed.iter().filter(|outcome| outcome.object.kind == ObjectKind::Clusters).count();
    assert_eq!(clusters, 2);
    let cron = failed.iter().find(|outcome| outcome.name == "cron").unwrap();
    assert_eq!(cron.error.as_deref(), Some("it refers to the cluster \"ETL\", which is not in secondary"));
    assert!(failed.iter().all(|outcome| outcome.name != "by hand"), "it has a cluster of its own");
    world.sync().await;
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_reference_that_cannot_be_mapped_is_a_failure_of_that_object() {
    let world = World::start().await;
    let here = world.client(Side::Primary);
    let task = json!({"task_key": "t", "existing_cluster_id": "0000-gone", "notebook_task": {"notebook_path": "/x"}});
    here.create_job(&json!({"name": "dangling", "tasks": [task]})).await.unwrap();
    let task = json!({"task_key": "t", "sql_task": {"warehouse_id": "w1", "file": {"path": "/q.sql"}}});
    here.create_job(&json!({"name": "on a warehouse", "tasks": [task]})).await.unwrap();
    let plan = world.plan().await;
    for (name, why) in [
        ("dangling", "0000-gone, which does not exist"),
        ("on a warehouse", "SQL warehouses are not replicated"),
    ] {
        assert_eq!(item(&plan, name).action, PlanAction::Create);
        assert!(item(&plan, name).reason.as_ref().unwrap().contains(why), "{}", render_text(&plan));
    }
    let (report, sink) = world.apply(&plan).await;
    assert_eq!((report.failed, report.skipped), (2, 0));
    assert!(
        sink.failed().iter().all(|outcome| outcome.remedy.as_ref().unwrap().contains("Mend what keeps it"))
    );
    let entry = world.entry(ObjectKind::Jobs, "dangling").await;
    assert_eq!((entry.last_outcome, entry.secondary_id), (Some(OutcomeState::Failed), None));
    world.secondary.control().clear_changes();
    let again = world.plan().await;
    assert_eq!(to_apply(&again).len(), 2, "it goes on being missing: {}", render_text(&again));
    world.apply(&again).await;
    assert_eq!(world.done_to(Side::Secondary), Vec::<String>::new());

    for job in here.list_jobs().await.unwrap() {
        if matches!(job["settings"]["name"].as_str(), Some("dangling" | "on a warehouse")) {
            here.delete_job(job["job_id"].as_i64().unwrap()).await.unwrap();
        }
    }
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_job_whose_cluster_was_deleted_on_both_sides_is_equal_there() {
    let world = World::start().await;
    world.sync().await;
    let etl = world.id(ObjectKind::Clusters, "ETL", Side::Primary).await;
    world.client(Side::Primary).unpin_cluster(&etl).await.unwrap();
    world.client(Side::Primary).permanent_delete_cluster(&etl).await.unwrap();
    world.sync().await;
    let plan = world.plan().await;
    assert_eq!(item(&plan, "cron").action, PlanAction::Skip, "{}", render_text(&plan));
    assert_eq!(plan.counts.to_apply(), 0, "{}", render_text(&plan));
}

#[tokio::test]
async fn one_bad_object_of_each_kind_does_not_stop_the_others() {
    for (path, name) in [
        ("/api/2.0/workspace/mkdirs", "/Production/empty"),
        ("/api/2.2/jobs/create", "cron"),
        ("/api/2.0/workspace/import", "/Shared/report"),
    ] {
        let world = World::start().await;
        world.secondary.control().set_faults(vec![fault(path, Some(1), refusal(403, "PERMISSION_DENIED"))]);
        let plan = world.plan().await;
        let (report, sink) = world.apply(&plan).await;
        assert!(report.failed >= 1 && report.succeeded > 10, "{path} {name}: {:#?}", sink.failed());
        assert!(sink.failed().iter().all(|outcome| outcome.remedy.is_some()));
        world.sync().await;
        world.assert_in_sync().await;
    }
}

#[tokio::test]
async fn a_workspace_that_is_gone_stops_the_run_and_the_next_one_goes_on() {
    let mut world = World::start().await;
    let plan = world.plan().await;
    world.ctx.secondary.client =
        client(&world.secondary, ClientOptions { request_timeout_ms: 300, max_retries: 0, ..impatient() });
    world.secondary.control().set_faults(vec![fault("/api/", None, Effect::Hang)]);
    let error = apply_plan(&world.ctx, &plan, &BTreeSet::new(), &Sink::default()).await.unwrap_err();
    assert!(matches!(error, ApplyError::Unreachable { side: Side::Secondary, .. }), "{error}");
    world.secondary.control().set_faults(Vec::new());
    world.ctx.secondary.client = client(&world.secondary, impatient());
    world.sync().await;
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_pool_made_anew_under_its_old_name_takes_its_copy_over() {
    let world = World::start().await;
    world.sync().await;
    let here = world.client(Side::Primary);
    let copy = world.id(ObjectKind::InstancePools, "Drivers", Side::Secondary).await;
    // Nothing may use it while it is replaced.
    let etl = world.id(ObjectKind::Clusters, "ETL", Side::Primary).await;
    for cron in ["cron", "cron paused", "continuous", "files", "periodic"] {
        here.delete_job(world.job_id(cron, Side::Primary).await).await.unwrap();
    }
    here.unpin_cluster(&etl).await.unwrap();
    here.permanent_delete_cluster(&etl).await.unwrap();
    here.delete_pool(&world.id(ObjectKind::InstancePools, "Drivers", Side::Primary).await).await.unwrap();
    let anew = json!({"instance_pool_name": "Drivers", "node_type_id": "m5d.large", "max_capacity": 3});
    let anew = here.create_pool(&anew).await.unwrap();
    let plan = world.plan().await;
    assert_eq!(item(&plan, "Drivers").action, PlanAction::Adopt, "{}", render_text(&plan));
    let (report, sink) = world.apply(&plan).await;
    assert_eq!(report.failed, 0, "{:#?}", sink.failed());
    let entry = world.entry(ObjectKind::InstancePools, "Drivers").await;
    assert_eq!((entry.primary_id, entry.secondary_id), (Some(anew.into()), Some(copy.into())));
    world.assert_in_sync().await;
}
