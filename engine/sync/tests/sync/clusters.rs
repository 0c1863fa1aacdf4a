//! Libraries and pins of clusters.

use std::time::Duration;

use farshore_databricks::WorkspaceClient;
use farshore_model::{group::Side, kind::ObjectKind, plan::PlanAction, sync_run::OutcomeState};
use farshore_sync::{SilentLog, SyncPolicy, activation, leaves_target_ahead, passive, render_text};
use serde_json::{Value, json};

use crate::{
    content::libraries,
    world::{World, fault, item, refusal, to_apply},
};

const UPDATED: (PlanAction, ObjectKind, &str) = (PlanAction::Update, ObjectKind::Clusters, "ETL");

async fn etl(world: &World, side: Side) -> String {
    world.id(ObjectKind::Clusters, "ETL", side).await
}

fn pypi(package: &str) -> Value {
    json!({"pypi": {"package": package}})
}

/// The libraries of a cluster that have this status, sorted.
async fn with_status(client: &WorkspaceClient, cluster: &str, status: &str) -> Vec<String> {
    let statuses = client.list_cluster_libraries(cluster).await.unwrap();
    let mut libraries: Vec<String> = statuses
        .iter()
        .filter(|entry| entry["status"] == status)
        .map(|entry| entry["library"].to_string())
        .collect();
    libraries.sort();
    libraries
}

fn texts(libraries: &[Value]) -> Vec<String> {
    let mut texts: Vec<String> = libraries.iter().map(Value::to_string).collect();
    texts.sort();
    texts
}

async fn is_pinned(world: &World, side: Side) -> bool {
    let cluster = world.client(side).get_cluster(&etl(world, side).await).await.unwrap();
    cluster.get("pinned_by_user_name").is_some()
}

#[tokio::test]
async fn libraries_are_noted_at_rest_and_installed_by_the_start_of_a_failover() {
    let world = World::start().await;
    world.sync().await;
    let (there, copy) = (world.client(Side::Secondary), etl(&world, Side::Secondary).await);
    assert_eq!(with_status(there, &copy, "PENDING").await, texts(&libraries()));
    assert_eq!(with_status(there, &copy, "INSTALLED").await, Vec::<String>::new());

    // The primary is not needed for them.
    world.primary.control().set_down();
    activation::release_clusters(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    for _ in 0..200 {
        if with_status(there, &copy, "INSTALLED").await == texts(&libraries()) {
            return assert_eq!(there.get_cluster(&copy).await.unwrap()["state"], "RUNNING");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{:?}", there.list_cluster_libraries(&copy).await);
}

#[tokio::test]
async fn a_change_of_libraries_is_carried_and_edits_nothing_else() {
    let world = World::start().await;
    world.sync().await;
    let (here, cluster) = (world.client(Side::Primary), etl(&world, Side::Primary).await);
    here.install_libraries(&cluster, &[pypi("pandas")]).await.unwrap();
    // On a running cluster it stays until the next start, and counts as gone.
    here.uninstall_libraries(&cluster, &[pypi("numpy")]).await.unwrap();
    world.secondary.control().clear_changes();

    let plan = world.plan().await;
    let (action, kind, name) = UPDATED;
    assert_eq!(to_apply(&plan), [(action, kind, name.to_owned())], "{}", render_text(&plan));
    let paths: Vec<&str> = item(&plan, "ETL").changes.iter().map(|change| change.path.as_str()).collect();
    assert!(paths.iter().all(|path| path.starts_with("libraries[")), "{paths:?}");
    world.apply(&plan).await;
    let done = world.done_to(Side::Secondary);
    assert_eq!(done.len(), 2, "{done:?}");
    assert!(done[0].starts_with("install on") && done[1].starts_with("uninstall on"), "{done:?}");
    let (there, copy) = (world.client(Side::Secondary), etl(&world, Side::Secondary).await);
    assert_eq!(with_status(there, &copy, "UNINSTALL_ON_RESTART").await, texts(&[pypi("numpy")]));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_library_that_somebody_installs_on_the_passive_side_is_drift() {
    let world = World::start().await;
    world.sync().await;
    let (there, copy) = (world.client(Side::Secondary), etl(&world, Side::Secondary).await);
    there.install_libraries(&copy, &[pypi("mine")]).await.unwrap();
    let plan = world.plan().await;
    assert_eq!(item(&plan, "ETL").reason.as_deref(), Some("it was changed by hand in secondary"));
    world.apply(&plan).await;
    assert_eq!(with_status(there, &copy, "PENDING").await, texts(&libraries()));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn one_call_tells_the_libraries_of_all_clusters() {
    let world = World::start().await;
    world.sync().await;
    world.primary.control().clear_calls();
    world.assert_in_sync().await;
    let calls = world.primary.control().calls();
    let about_libraries: Vec<(&str, u64)> = calls
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.endpoint.contains("libraries"))
        .map(|endpoint| (endpoint.endpoint.as_str(), endpoint.calls))
        .collect();
    assert_eq!(about_libraries.len(), 1, "{about_libraries:?}");
    assert_eq!(about_libraries[0].1, 1, "{about_libraries:?}");
}

#[tokio::test]
async fn neither_a_fence_nor_a_release_needs_the_libraries() {
    let world = World::start().await;
    world.sync().await;
    let broken = fault("/api/2.0/libraries/", None, refusal(500, "INTERNAL_ERROR"));
    world.primary.control().set_faults(vec![broken]);
    let side = world.ctx.side(Side::Primary);
    assert!(passive::fence(&side, &SilentLog).await.unwrap().holds());
    let released = activation::release_clusters(&side, &SilentLog).await.unwrap();
    assert_eq!((released.changed, released.problems), (1, Vec::new()));
}

#[tokio::test]
async fn a_library_that_is_refused_is_a_failure_of_its_cluster_which_still_comes_to_rest() {
    let world = World::start().await;
    let refused = fault("/api/2.0/libraries/install", None, refusal(400, "INVALID_PARAMETER_VALUE"));
    world.secondary.control().set_faults(vec![refused]);
    let plan = world.plan().await;
    let (_, sink) = world.apply(&plan).await;
    let failed = sink.failed();
    assert!(failed.iter().any(|outcome| outcome.name == "ETL" && outcome.remedy.is_some()), "{failed:#?}");
    let there = world.client(Side::Secondary);
    for cluster in there.list_clusters().await.unwrap() {
        assert!(matches!(cluster["state"].as_str(), Some("TERMINATED" | "TERMINATING")), "{cluster}");
    }
    world.secondary.control().set_faults(Vec::new());
    world.sync().await;
    assert_eq!(there.list_clusters().await.unwrap().len(), 2, "nothing was made twice");
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_cluster_is_pinned_as_it_is_on_the_active_side() {
    let world = World::start().await;
    world.sync().await;
    assert!(is_pinned(&world, Side::Secondary).await);
    let idle = world.id(ObjectKind::Clusters, "Idle", Side::Secondary).await;
    let idle = world.client(Side::Secondary).get_cluster(&idle).await.unwrap();
    assert_eq!(idle.get("pinned_by_user_name"), None);

    world.client(Side::Primary).unpin_cluster(&etl(&world, Side::Primary).await).await.unwrap();
    world.secondary.control().clear_changes();
    let plan = world.sync().await;
    let change = &item(&plan, "ETL").changes[0];
    assert_eq!((change.path.as_str(), change.after.as_deref()), ("is_pinned", Some("false")));
    assert!(!is_pinned(&world, Side::Secondary).await);
    assert_eq!(world.done_to(Side::Secondary).len(), 1, "{:?}", world.done_to(Side::Secondary));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_pin_that_is_refused_is_a_warning_and_is_tried_again() {
    let world = World::start().await;
    let refused = fault("/api/2.1/clusters/pin", None, refusal(403, "PERMISSION_DENIED"));
    world.secondary.control().set_faults(vec![refused]);
    // Twice: as it is created, and when the next sync finds it unpinned.
    for action in [PlanAction::Create, PlanAction::Update] {
        let plan = world.plan().await;
        assert_eq!(item(&plan, "ETL").action, action, "{}", render_text(&plan));
        let (report, sink) = world.apply(&plan).await;
        assert_eq!(report.failed, 0, "{:#?}", sink.failed());
        let outcomes = sink.outcomes();
        let told = outcomes.iter().find(|outcome| outcome.name == "ETL" && outcome.error.is_some()).unwrap();
        assert_eq!(told.state, OutcomeState::Succeeded);
        assert!(told.error.as_ref().unwrap().contains("clusters/pin"), "{told:?}");
        assert!(told.remedy.as_ref().unwrap().contains("missing permission"), "{told:?}");
    }
    // The copy lacks the pin; that is no wish of the passive side.
    let back = world.try_plan(Side::Secondary, &SyncPolicy::carry_back([].into())).await.unwrap();
    assert_eq!(item(&back, "ETL").reason.as_deref(), Some("it was changed in primary only, and stays so"));
    assert!(leaves_target_ahead(&back), "the pin is only on the primary");

    world.secondary.control().set_faults(Vec::new());
    world.sync().await;
    assert!(is_pinned(&world, Side::Secondary).await);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_renamed_cluster_stays_the_same_one_and_a_deleted_one_goes_with_its_pin() {
    let world = World::start().await;
    world.sync().await;
    let (here, idle) =
        (world.client(Side::Primary), world.id(ObjectKind::Clusters, "Idle", Side::Primary).await);
    let copy = world.id(ObjectKind::Clusters, "Idle", Side::Secondary).await;
    let mut settings = here.get_cluster(&idle).await.unwrap();
    settings["cluster_name"] = json!("Resting");
    world.edit_cluster(Side::Primary, &settings).await;
    here.pin_cluster(&idle).await.unwrap();
    world.sync().await;
    assert_eq!(world.id(ObjectKind::Clusters, "Resting", Side::Secondary).await, copy);
    world.assert_in_sync().await;

    here.unpin_cluster(&idle).await.unwrap();
    here.permanent_delete_cluster(&idle).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(item(&plan, "Resting").action, PlanAction::Delete);
    let clusters = world.client(Side::Secondary).list_clusters().await.unwrap();
    assert!(clusters.iter().all(|cluster| cluster["cluster_id"] != json!(copy)));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn libraries_that_one_of_the_workspaces_does_not_tell_are_left_uncompared() {
    let untold = [refusal(404, ""), refusal(404, "ENDPOINT_NOT_FOUND"), refusal(501, "")];
    for (effect, side) in untold.into_iter().zip([Side::Primary, Side::Secondary, Side::Primary]) {
        let world = World::start().await;
        world.sync().await;
        let (there, copy) = (world.client(Side::Secondary), etl(&world, Side::Secondary).await);
        let cluster = etl(&world, Side::Primary).await;
        let here = world.client(Side::Primary);
        here.install_libraries(&cluster, &[pypi("pandas")]).await.unwrap();
        let mut settings = here.get_cluster(&cluster).await.unwrap();
        settings["autotermination_minutes"] = json!(77);
        // It comes with the pool.
        settings.as_object_mut().unwrap().retain(|field, _| !field.ends_with("node_type_id"));
        world.edit_cluster(Side::Primary, &settings).await;
        world.secondary.control().clear_changes();

        world.simulator(side).control().set_faults(vec![fault("/api/2.0/libraries/", None, effect)]);
        let plan = world.sync().await;
        let paths: Vec<&str> = item(&plan, "ETL").changes.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["autotermination_minutes"]);
        let told = render_text(&plan);
        assert!(told.contains("2 clusters' libraries") && told.contains("they are not replicated"), "{told}");
        let done = world.done_to(Side::Secondary);
        assert!(done.len() == 1 && !done[0].contains("install"), "{done:?}");
        world.assert_in_sync().await;

        world.simulator(side).control().set_faults(Vec::new());
        assert_eq!(with_status(there, &copy, "PENDING").await, texts(&libraries()), "none of them is lost");
        world.sync().await;
        assert_eq!(with_status(there, &copy, "PENDING").await.len(), libraries().len() + 1);
        world.assert_in_sync().await;
    }
}

#[tokio::test]
async fn a_cluster_is_made_where_libraries_are_unknown() {
    let world = World::start().await;
    let untold = fault("/api/2.0/libraries/", None, refusal(501, "NOT_IMPLEMENTED"));
    world.secondary.control().set_faults(vec![untold]);
    world.sync().await;
    assert_eq!(world.client(Side::Secondary).list_clusters().await.unwrap().len(), 2);
    world.assert_in_sync().await;
}
