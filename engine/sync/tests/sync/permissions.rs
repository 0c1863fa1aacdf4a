//! Access control lists: in force on both sides, except those of jobs, which are held until a failover.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use farshore_databricks::{
    ClientOptions, ContentFormat, Grant, Grantee, ImportTarget, PermissionType as Of, PrincipalKind,
    WorkspaceClient,
};
use farshore_model::{
    group::Side,
    kind::ObjectKind,
    plan::{PlanAction, PlanItem, SyncPlan},
    region_map::{Matching, RegionMap, RegionRule},
    replication_settings::ReplicationSettings,
};
use farshore_simulator::{Content, Effect, Fault};
use farshore_sync::{SilentLog, SyncPolicy, activation, apply_plan, passive, render_text, verified_since};
use serde_json::json;

use crate::{
    content::{current_activations, own_activations},
    world::{Sink, World, client, fault, impatient, item, refusal},
};

pub const ANN: &str = "ann@farshore.example";
const FILE: &str = "/Shared/team/rates.csv";
pub const FINANCE: &str = "finance";

pub fn user(name: &str, level: &str) -> Grant {
    Grant { grantee: Grantee::User(name.to_owned()), permission_level: level.to_owned() }
}

pub fn group(name: &str, level: &str) -> Grant {
    Grant { grantee: Grantee::Group(name.to_owned()), permission_level: level.to_owned() }
}

/// A filled primary with lists, and an empty secondary. Ann and the group are known on both sides.
pub async fn guarded() -> World {
    let world = World::start().await;
    for side in [Side::Primary, Side::Secondary] {
        let client = world.client(side);
        client.create_principal(PrincipalKind::User, &json!({"userName": ANN})).await.unwrap();
        client.create_principal(PrincipalKind::Group, &json!({"displayName": FINANCE})).await.unwrap();
    }
    let here = world.client(Side::Primary);
    let file = ImportTarget { path: FILE, format: ContentFormat::Auto, language: None, is_overwriting: true };
    here.import(file, b"a,b\n1,2\n".to_vec()).await.unwrap();
    for (of, name, grants) in [
        (Of::Directories, "/Production", vec![group(FINANCE, "CAN_RUN")]),
        (Of::Notebooks, "/Production/load", vec![user(ANN, "CAN_EDIT")]),
        (Of::Files, FILE, vec![group(FINANCE, "CAN_READ")]),
        (Of::InstancePools, "Small", vec![group(FINANCE, "CAN_ATTACH_TO")]),
        (Of::ClusterPolicies, "On small", vec![group("users", "CAN_USE")]),
        (Of::Clusters, "ETL", vec![user(ANN, "CAN_RESTART"), group(FINANCE, "CAN_ATTACH_TO")]),
        (Of::Clusters, "Idle", vec![user(ANN, "CAN_RESTART")]),
        (Of::Jobs, "cron", vec![user(ANN, "IS_OWNER"), group(FINANCE, "CAN_MANAGE_RUN")]),
    ] {
        here.put_permissions(of, &object_id(here, of, name).await, &grants).await.unwrap();
    }
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().clear_changes();
        world.simulator(side).control().clear_calls();
    }
    world
}

async fn object_id(client: &WorkspaceClient, of: Of, name: &str) -> String {
    let (objects, id, named) = match of {
        Of::InstancePools => (client.list_pools().await, "instance_pool_id", "/instance_pool_name"),
        Of::ClusterPolicies => (client.list_policies().await, "policy_id", "/name"),
        Of::Clusters => (client.list_clusters().await, "cluster_id", "/cluster_name"),
        Of::Jobs => (client.list_jobs().await, "job_id", "/settings/name"),
        _ => return client.get_path(name).await.unwrap().object_id.unwrap().to_string(),
    };
    let objects = objects.unwrap();
    let object = objects.iter().find(|object| object.pointer(named).unwrap() == name).unwrap();
    object[id].as_str().map_or_else(|| object[id].to_string(), str::to_owned)
}

/// The object's own entries.
pub async fn direct(client: &WorkspaceClient, of: Of, name: &str) -> Vec<Grant> {
    client.get_permissions(of, &object_id(client, of, name).await).await.unwrap().direct()
}

pub async fn put(client: &WorkspaceClient, of: Of, name: &str, grants: &[Grant]) {
    client.put_permissions(of, &object_id(client, of, name).await, grants).await.unwrap();
}

/// The items that are lists.
pub fn lists(plan: &SyncPlan) -> Vec<&PlanItem> {
    let is_list =
        |item: &&PlanItem| item.object.kind == ObjectKind::Permissions && item.action != PlanAction::Skip;
    plan.items.iter().filter(is_list).collect()
}

fn list_names(plan: &SyncPlan) -> Vec<(PlanAction, &str)> {
    lists(plan).into_iter().map(|item| (item.action, &*item.name)).collect()
}

fn calls(world: &World, side: Side, endpoint: &str) -> u64 {
    let counts = world.simulator(side).control().calls();
    counts
        .endpoints
        .iter()
        .filter(|counted| counted.endpoint.contains(endpoint))
        .map(|counted| counted.calls)
        .sum()
}

/// Nothing is loaded that need not be.
fn out_of_turn(world: &mut World) {
    world.ctx.options.most_in_turn = 0;
    world.ctx.options.clock_margin_ms = 0;
    // A workspace tells its time to the second.
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().advance_clock(5_000);
    }
}

/// Nobody may create what is there.
pub fn refused(path: &str) -> Fault {
    Fault { method: Some("POST".to_owned()), ..fault(path, None, refusal(403, "PERMISSION_DENIED")) }
}

/// Everything is overdue.
fn in_turn(world: &mut World) {
    world.ctx.options.rotation_ms = 0;
}

#[tokio::test]
async fn the_first_copy_writes_each_list_once_and_nothing_that_is_inherited() {
    let world = guarded().await;
    let plan = world.sync().await;
    let created = lists(&plan).into_iter().filter(|item| item.action == PlanAction::Create).count();
    assert_eq!(created, 4 + 4 + 1 + 2 + 1 + 2 + 7, "{}", render_text(&plan));

    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    for (of, name, own) in [
        (Of::Directories, "/Production", vec![group(FINANCE, "CAN_RUN")]),
        (Of::Notebooks, "/Production/load", vec![user(ANN, "CAN_EDIT")]),
        (Of::Notebooks, "/Production/silver/clean", vec![]),
        (Of::Files, FILE, vec![group(FINANCE, "CAN_READ")]),
        (Of::InstancePools, "Small", vec![group(FINANCE, "CAN_ATTACH_TO")]),
        (Of::ClusterPolicies, "On small", vec![group("users", "CAN_USE")]),
        (Of::Clusters, "ETL", vec![user(ANN, "CAN_RESTART"), group(FINANCE, "CAN_ATTACH_TO")]),
    ] {
        assert_eq!(direct(there, of, name).await, own, "{name}");
        assert_eq!(direct(here, of, name).await, own, "{name}");
    }
    let changes = world.secondary.control().changes();
    let granted: Vec<&str> = changes
        .iter()
        .filter(|change| change.summary.starts_with("permissions of "))
        .map(|change| change.summary.as_str())
        .collect();
    assert_eq!(granted.len(), 7, "the others are as they are when they are made: {granted:?}");
    world.assert_in_sync().await;
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_first_copy_costs_one_reading_of_each_list_and_one_writing_where_something_is_granted() {
    let world = guarded().await;
    let plan = world.plan().await;
    let read_to_plan = calls(&world, Side::Primary, "permissions/get");
    assert_eq!(read_to_plan, 1 + 3, "a probe, the homes that both sides have, and the shared folder");
    for side in [Side::Primary, Side::Secondary] {
        world.simulator(side).control().clear_calls();
    }
    world.apply(&plan).await;
    let created = u64::try_from(lists(&plan).len()).unwrap() - 3;
    assert_eq!(calls(&world, Side::Primary, "permissions/get"), created);
    let set = calls(&world, Side::Secondary, "permissions/set");
    let looked_at = calls(&world, Side::Secondary, "permissions/get") - 3;
    assert_eq!(set + looked_at, created - 7, "beside those that are there already; those of jobs are held");
    assert_eq!(set, 8, "what has no grants of its own is only looked at, which is allowed more often");
    assert_eq!(calls(&world, Side::Secondary, "workspace/get-status"), 4 + 4 + 1);
}

#[tokio::test]
async fn a_change_is_found_when_its_turn_comes_and_at_once_when_its_object_changed() {
    let mut world = guarded().await;
    world.sync().await;
    out_of_turn(&mut world);
    world.assert_in_sync().await;
    let here = world.client(Side::Primary).clone();
    let there = world.client(Side::Secondary).clone();
    put(&here, Of::Notebooks, "/Shared/report", &[user(ANN, "CAN_READ")]).await;
    put(&here, Of::Notebooks, "/Production/load", &[]).await;
    put(&here, Of::ClusterPolicies, "On small", &[group(FINANCE, "CAN_USE")]).await;
    world.primary.control().clear_calls();
    assert_eq!(list_names(&world.plan().await), []);
    assert_eq!(calls(&world, Side::Primary, "permissions/get"), 1, "nothing but the probe");

    here.import_notebook("/Shared/report", "R", b"print(2)".to_vec()).await.unwrap();
    let plan = world.sync().await;
    assert_eq!(list_names(&plan), [(PlanAction::Update, "/Shared/report")], "{}", render_text(&plan));
    assert_eq!(direct(&there, Of::Notebooks, "/Shared/report").await, [user(ANN, "CAN_READ")]);

    let before = world.ctx.clock.now();
    in_turn(&mut world);
    let plan = world.sync().await;
    let expected = [(PlanAction::Update, "/Production/load"), (PlanAction::Update, "On small")];
    assert_eq!(list_names(&plan), expected, "{}", render_text(&plan));
    let changed: Vec<_> = lists(&plan)[1].changes.iter().map(|change| change.path.as_str()).collect();
    assert!(changed.contains(&"access_control_list[finance].permission_level"), "{changed:?}");
    assert_eq!(direct(&there, Of::Notebooks, "/Production/load").await, []);
    assert_eq!(direct(&there, Of::ClusterPolicies, "On small").await, [group(FINANCE, "CAN_USE")]);
    let since = verified_since(&world.entries().await);
    assert!(since[&ObjectKind::Permissions] >= before, "every list was read");
    world.assert_in_sync().await;
}

/// Every workspace has it, and nobody makes or removes it; but who may write to it is for people to say.
#[tokio::test]
async fn the_list_of_the_shared_folder_is_carried_as_well() {
    let mut world = guarded().await;
    world.sync().await;
    let restricted = [group("users", "CAN_READ"), group(FINANCE, "CAN_MANAGE")];
    put(world.client(Side::Primary), Of::Directories, "/Shared", &restricted).await;
    in_turn(&mut world);
    let plan = world.sync().await;
    assert_eq!(list_names(&plan), [(PlanAction::Update, "/Shared")], "{}", render_text(&plan));
    let there = world.client(Side::Secondary);
    let mut carried = direct(there, Of::Directories, "/Shared").await;
    carried.sort_by_key(|grant| grant.permission_level.clone());
    assert_eq!(carried, [restricted[1].clone(), restricted[0].clone()]);
    let folders = plan.items.iter().filter(|item| item.object.kind == ObjectKind::Folders);
    assert_eq!(folders.count(), 0, "{}", render_text(&plan));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn drift_of_a_list_is_put_right() {
    let mut world = guarded().await;
    world.sync().await;
    let there = world.client(Side::Secondary).clone();
    put(&there, Of::Clusters, "ETL", &[group(FINANCE, "CAN_MANAGE")]).await;
    put(&there, Of::Jobs, "cron", &[user(ANN, "IS_OWNER"), group("users", "CAN_VIEW")]).await;
    in_turn(&mut world);
    let plan = world.sync().await;
    let reason = |name: &str| lists(&plan).iter().find(|item| *item.name == *name).unwrap().reason.clone();
    assert_eq!(reason("ETL").as_deref(), Some("it was changed by hand in secondary"));
    assert_eq!(reason("cron").as_deref(), Some("it was activated by hand in secondary"));
    let own = [user(ANN, "CAN_RESTART"), group(FINANCE, "CAN_ATTACH_TO")];
    assert_eq!(direct(&there, Of::Clusters, "ETL").await, own);
    assert_eq!(direct(&there, Of::Jobs, "cron").await, [user(ANN, "IS_OWNER")], "whoever owns it");
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_list_moves_goes_and_comes_back_with_its_object() {
    let mut world = guarded().await;
    world.sync().await;
    let (here, there) = (world.client(Side::Primary).clone(), world.client(Side::Secondary).clone());
    // Moved, which a workspace tells as a deletion and a creation.
    here.delete_path("/Production/load", false).await.unwrap();
    here.import_notebook("/Shared/load", "PYTHON", b"print('load')".to_vec()).await.unwrap();
    put(&here, Of::Notebooks, "/Shared/load", &[user(ANN, "CAN_EDIT")]).await;
    // Made anew under its old path.
    here.delete_path("/Shared/report", false).await.unwrap();
    here.import_notebook("/Shared/report", "R", b"print(3)".to_vec()).await.unwrap();
    put(&here, Of::Notebooks, "/Shared/report", &[user(ANN, "CAN_RUN")]).await;
    // Deleted and made anew by hand on the passive side.
    there.delete_path("/Production/silver/clean", false).await.unwrap();
    let idle = object_id(&there, Of::Clusters, "Idle").await;
    there.permanent_delete_cluster(&idle).await.unwrap();
    world.sync().await;
    assert_eq!(direct(&there, Of::Notebooks, "/Shared/load").await, [user(ANN, "CAN_EDIT")]);
    assert_eq!(direct(&there, Of::Notebooks, "/Shared/report").await, [user(ANN, "CAN_RUN")]);
    assert_eq!(direct(&there, Of::Clusters, "Idle").await, [user(ANN, "CAN_RESTART")]);
    in_turn(&mut world);
    world.assert_in_sync().await;
    let entries = world.entries().await;
    let forgotten = |name: &str| entries.iter().all(|entry| *entry.name != *name);
    assert!(forgotten("/Production/load"), "neither the notebook nor its list is remembered");
}

#[tokio::test]
async fn somebody_unknown_is_an_outcome_on_one_list() {
    let world = guarded().await;
    let here = world.client(Side::Primary);
    here.create_principal(PrincipalKind::Group, &json!({"displayName": "auditors"})).await.unwrap();
    let list = [user(ANN, "CAN_RUN"), group("auditors", "CAN_READ")];
    put(here, Of::Notebooks, "/Shared/report", &list).await;
    world.secondary.control().set_faults(vec![refused("/api/2.0/preview/scim/v2/Groups")]);

    let plan = world.plan().await;
    let (_, sink) = world.apply(&plan).await;
    let failed = sink.failed();
    let [auditors, failed] = failed.as_slice() else { panic!("{failed:#?}") };
    assert_eq!((auditors.object.kind, auditors.name.as_str()), (ObjectKind::Groups, "auditors"));
    assert_eq!((failed.object.kind, failed.name.as_str()), (ObjectKind::Permissions, "/Shared/report"));
    let error = failed.error.as_ref().unwrap();
    assert!(error.contains("auditors") && error.contains("take them off the list"), "{error}");
    assert!(failed.remedy.as_ref().unwrap().contains("Nothing was changed"), "{failed:?}");

    world.secondary.control().set_faults(Vec::new());
    world.sync().await;
    assert_eq!(direct(world.client(Side::Secondary), Of::Notebooks, "/Shared/report").await, list);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_server_error_costs_no_other_list() {
    let world = guarded().await;
    let broken = "/api/2.0/permissions/clusters";
    world.secondary.control().set_faults(vec![Fault {
        method: Some("PUT".to_owned()),
        ..fault(broken, None, refusal(500, "INTERNAL_ERROR"))
    }]);
    let plan = world.plan().await;
    let (report, sink) = world.apply(&plan).await;
    let names: BTreeSet<String> = sink.failed().into_iter().map(|outcome| outcome.name).collect();
    assert_eq!((report.failed, names), (2, BTreeSet::from(["ETL".to_owned(), "Idle".to_owned()])));
    world.secondary.control().set_faults(Vec::new());
    let plan = world.sync().await;
    let again: Vec<&str> = lists(&plan).into_iter().map(|item| &*item.name).collect();
    assert_eq!(again, ["ETL", "Idle"], "{}", render_text(&plan));
    world.assert_in_sync().await;
}

#[tokio::test]
async fn a_list_that_cannot_be_read_costs_no_other_list() {
    let mut world = guarded().await;
    world.sync().await;
    let here = world.client(Side::Primary).clone();
    put(&here, Of::ClusterPolicies, "On small", &[group(FINANCE, "CAN_USE")]).await;
    put(&here, Of::Clusters, "ETL", &[]).await;
    let broken = format!("/api/2.0/permissions/clusters/{}", object_id(&here, Of::Clusters, "ETL").await);
    world.primary.control().set_faults(vec![fault(&broken, None, refusal(500, "INTERNAL_ERROR"))]);
    in_turn(&mut world);
    let plan = world.plan().await;
    let (_, sink) = world.apply(&plan).await;
    let failed: Vec<String> = sink.failed().into_iter().map(|outcome| outcome.name).collect();
    assert_eq!(failed, ["ETL"], "{}", render_text(&plan));
    let there = world.client(Side::Secondary);
    assert_eq!(direct(there, Of::ClusterPolicies, "On small").await, [group(FINANCE, "CAN_USE")]);
    let own = [user(ANN, "CAN_RESTART"), group(FINANCE, "CAN_ATTACH_TO")];
    assert_eq!(direct(there, Of::Clusters, "ETL").await, own, "what is not known is not written");
    world.primary.control().set_faults(Vec::new());
    world.sync().await;
    assert_eq!(direct(there, Of::Clusters, "ETL").await, []);
    world.assert_in_sync().await;
}

#[tokio::test]
async fn what_cannot_be_carried_is_told_once_and_not_again_for_its_list() {
    let world = guarded().await;
    let here = world.client(Side::Primary);
    let task = json!({"task_key": "t", "existing_cluster_id": "0000-gone", "notebook_task": {"notebook_path": "/x"}});
    here.create_job(&json!({"name": "dangling", "tasks": [task]})).await.unwrap();
    let plan = world.plan().await;
    assert!(lists(&plan).iter().all(|item| *item.name != *"dangling"), "{}", render_text(&plan));
    world.secondary.control().set_faults(vec![refused("/api/2.1/clusters/create")]);
    let (report, sink) = world.apply(&plan).await;
    let failed = sink.failed();
    assert!(failed.iter().all(|outcome| outcome.object.kind != ObjectKind::Permissions), "{failed:#?}");
    assert!(report.skipped >= 2, "the lists of the two clusters: {report:?}");
}

/// Access control lists are then no kind of that workspace: neither empty, nor a failure.
#[tokio::test]
async fn a_tier_without_access_control_is_copied_without_lists() {
    for side in [Side::Primary, Side::Secondary] {
        let world = guarded().await;
        world.simulator(side).control().set_acls(false);
        let plan = world.sync().await;
        assert_eq!(lists(&plan), Vec::<&PlanItem>::new());
        let left_out = item(&plan, "All access control lists");
        assert_eq!(left_out.action, PlanAction::Skip);
        assert!(left_out.reason.as_ref().unwrap().contains("not available in this tier"), "{left_out:?}");
        let is_list =
            |entry: &farshore_model::ledger::LedgerEntry| entry.object.kind == ObjectKind::Permissions;
        assert!(!world.entries().await.iter().any(is_list));
        world.assert_in_sync().await;

        world.simulator(side).control().set_acls(true);
        world.sync().await;
        let list = direct(world.client(Side::Secondary), Of::Notebooks, "/Production/load").await;
        assert_eq!(list, [user(ANN, "CAN_EDIT")]);
        world.assert_in_sync().await;
    }
}

#[tokio::test]
async fn the_list_of_a_job_is_held_until_its_release() {
    let world = guarded().await;
    world.sync().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    let own = [user(ANN, "IS_OWNER"), group(FINANCE, "CAN_MANAGE_RUN")];
    let held = direct(there, Of::Jobs, "cron").await;
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!(held[0].permission_level, "IS_OWNER");
    assert_ne!(held[0], own[0], "it belongs to whoever has made the copy");
    assert!(
        world
            .secondary
            .control()
            .changes()
            .iter()
            .all(|change| !change.summary.contains("permissions of jobs"))
    );
    let entry = world.entry(ObjectKind::Permissions, "cron").await;
    assert!(entry.awaits_release_on(Side::Secondary) && !entry.awaits_release_on(Side::Primary));
    world.assert_in_sync().await;

    // A failover: the primary is lost.
    passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    world.primary.control().set_down();
    let side = world.ctx.side(Side::Secondary);
    let report = activation::release_jobs(&side, &SilentLog).await.unwrap();
    assert_eq!((report.changed, report.problems.as_slice()), (7, &[][..]));
    assert_eq!(direct(there, Of::Jobs, "cron").await, own);
    world.secondary.control().clear_changes();
    activation::release_jobs(&side, &SilentLog).await.unwrap();
    assert_eq!(world.done_to(Side::Secondary), Vec::<String>::new());

    // What is granted while the secondary is active is carried back, although it is nobody's turn.
    world.primary.control().set_up(0);
    let later = [user(ANN, "IS_OWNER"), group(FINANCE, "CAN_MANAGE")];
    put(there, Of::Jobs, "cron", &later).await;
    put(there, Of::Notebooks, "/Production/load", &[group(FINANCE, "CAN_READ")]).await;
    let policy = SyncPolicy::carry_back(std::collections::BTreeMap::new());
    let plan = world.try_plan(Side::Secondary, &policy).await.unwrap();
    let carried = [(PlanAction::Update, "/Production/load"), (PlanAction::Update, "cron")];
    assert_eq!(list_names(&plan), carried, "{}", render_text(&plan));
    world.apply(&plan).await;
    assert_eq!(direct(here, Of::Notebooks, "/Production/load").await, [group(FINANCE, "CAN_READ")]);
    assert_eq!(direct(here, Of::Jobs, "cron").await, [user(ANN, "IS_OWNER")]);

    // The failback's end, and the next sync.
    passive::fence(&side, &SilentLog).await.unwrap();
    let report = activation::release_jobs(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    assert_eq!(report.problems, []);
    assert_eq!(direct(here, Of::Jobs, "cron").await, later);
    assert_eq!(current_activations(here).await, own_activations());
    let plan = world.sync().await;
    let cron = item(&plan, "cron");
    assert_eq!(cron.object.kind, ObjectKind::Permissions, "{}", render_text(&plan));
    assert_eq!(cron.reason.as_deref(), Some("it is in force in secondary, which is passive now"));
    assert_eq!(direct(there, Of::Jobs, "cron").await, [user(ANN, "IS_OWNER")]);
    world.assert_in_sync().await;
    let entry = world.entry(ObjectKind::Permissions, "cron").await;
    assert!(entry.awaits_release_on(Side::Secondary) && !entry.awaits_release_on(Side::Primary));
}

#[tokio::test]
async fn a_held_list_is_in_the_words_of_the_side_that_it_is_given_back_to() {
    const WEST: &str = "finance west";
    let mut world = guarded().await;
    for side in [Side::Primary, Side::Secondary] {
        let group = json!({"displayName": WEST});
        world.client(side).create_principal(PrincipalKind::Group, &group).await.unwrap();
    }
    let rule = RegionRule {
        field: Some("group_name".to_owned()),
        matching: Matching::Exact,
        primary: FINANCE.to_owned(),
        secondary: WEST.to_owned(),
    };
    let region_map = RegionMap { rules: vec![rule] };
    world.ctx.settings = Arc::new(ReplicationSettings { region_map, ..ReplicationSettings::default() });
    world.sync().await;
    world.assert_in_sync().await;
    let (here, there) = (world.client(Side::Primary), world.client(Side::Secondary));
    assert_eq!(direct(there, Of::Directories, "/Production").await, [group(WEST, "CAN_RUN")]);

    passive::fence(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    activation::release_jobs(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    let own = |name: &str, level: &str| [user(ANN, "IS_OWNER"), group(name, level)];
    assert_eq!(direct(there, Of::Jobs, "cron").await, own(WEST, "CAN_MANAGE_RUN"));

    put(there, Of::Jobs, "cron", &own(WEST, "CAN_MANAGE")).await;
    let policy = SyncPolicy::carry_back(std::collections::BTreeMap::new());
    let plan = world.try_plan(Side::Secondary, &policy).await.unwrap();
    world.apply(&plan).await;
    passive::fence(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    let report = activation::release_jobs(&world.ctx.side(Side::Primary), &SilentLog).await.unwrap();
    assert_eq!(report.problems, []);
    assert_eq!(direct(here, Of::Jobs, "cron").await, own(FINANCE, "CAN_MANAGE"));
}

/// A job whose owner is missing stops neither the other lists nor the jobs.
#[tokio::test]
async fn an_owner_who_is_missing_is_a_problem_of_one_list() {
    let world = guarded().await;
    let here = world.client(Side::Primary);
    let late = json!({"userName": "late@farshore.example"});
    here.create_principal(PrincipalKind::User, &late).await.unwrap();
    put(here, Of::Jobs, "files", &[user("late@farshore.example", "IS_OWNER")]).await;
    world.secondary.control().set_faults(vec![refused("/api/2.0/preview/scim/v2/Users")]);
    world.apply(&world.plan().await).await;

    let report = activation::release_jobs(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    assert_eq!(report.changed, 7);
    let [(name, why)] = report.problems.as_slice() else { panic!("{:?}", report.problems) };
    assert_eq!(name, "the access control list of files");
    assert!(why.contains("late@farshore.example"), "{why}");
    let there = world.client(Side::Secondary);
    assert_eq!(current_activations(there).await, own_activations());
    let own = [user(ANN, "IS_OWNER"), group(FINANCE, "CAN_MANAGE_RUN")];
    assert_eq!(direct(there, Of::Jobs, "cron").await, own);
}

#[tokio::test]
async fn lists_that_nobody_answers_for_keep_no_job_from_working() {
    let world = guarded().await;
    world.sync().await;
    let silent = fault("/api/2.0/permissions", None, Effect::Refuse);
    world.secondary.control().set_faults(vec![silent]);
    let side = world.ctx.side(Side::Secondary);
    let report = activation::release_jobs(&side, &SilentLog).await.unwrap();
    assert_eq!(report.changed, 7);
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert_eq!(report.problems[0].0, "the access control lists of the jobs");
    world.secondary.control().set_faults(Vec::new());
    assert_eq!(activation::release_jobs(&side, &SilentLog).await.unwrap().problems, []);
    let own = [user(ANN, "IS_OWNER"), group(FINANCE, "CAN_MANAGE_RUN")];
    assert_eq!(direct(world.client(Side::Secondary), Of::Jobs, "cron").await, own);
}

#[tokio::test]
async fn a_sync_killed_after_a_list_was_written_goes_on() {
    for is_planned_anew in [false, true] {
        let world = guarded().await;
        let plan = world.plan().await;
        let hanging = Fault {
            method: Some("PUT".to_owned()),
            ..fault("/api/2.0/permissions", Some(1), Effect::HangAfterEffect)
        };
        world.secondary.control().set_faults(vec![hanging]);
        let mut ctx = world.ctx.clone();
        let patient = ClientOptions { request_timeout_ms: 60_000, ..impatient() };
        ctx.secondary.client = client(&world.secondary, patient);
        let (sink, none) = (Sink::default(), BTreeSet::new());
        let killed = async {
            while !world.secondary.control().faults().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        };
        tokio::select! {
            biased;
            () = killed => {}
            _ = apply_plan(&ctx, &plan, &none, &sink) => panic!("nothing hung"),
        }
        if is_planned_anew {
            world.sync().await;
        } else {
            let again = Sink::default();
            let report = apply_plan(&world.ctx, &plan, &sink.done(), &again).await.unwrap();
            assert_eq!(report.failed, 0, "{:#?}", again.failed());
        }
        let granted = world.done_to(Side::Secondary);
        let granted: Vec<_> = granted.iter().filter(|done| done.starts_with("permissions of ")).collect();
        assert_eq!(granted.len(), 7, "each was written once: {granted:?}");
        let list = direct(world.client(Side::Secondary), Of::Notebooks, "/Production/load").await;
        assert_eq!(list, [user(ANN, "CAN_EDIT")]);
        world.assert_in_sync().await;
    }
}

/// A service principal has an application id of its own in each workspace.
#[tokio::test]
async fn a_machine_is_granted_the_same_under_its_own_id_on_each_side() {
    let world = World::with(Content::Empty).await;
    let here = world.client(Side::Primary);
    let machine = |application: &str, level: &str| Grant {
        grantee: Grantee::ServicePrincipal(application.to_owned()),
        permission_level: level.to_owned(),
    };
    let runner = json!({"displayName": "pipeline-runner"});
    let runner = here.create_principal(PrincipalKind::ServicePrincipal, &runner).await.unwrap();
    let runner = runner["applicationId"].as_str().unwrap();
    here.make_folder("/Production").await.unwrap();
    let task = json!({"task_key": "t", "notebook_task": {"notebook_path": "/x"}});
    here.create_job(&json!({"name": "nightly", "tasks": [task]})).await.unwrap();
    put(here, Of::Directories, "/Production", &[machine(runner, "CAN_EDIT")]).await;
    put(here, Of::Jobs, "nightly", &[machine(runner, "IS_OWNER"), group("users", "CAN_VIEW")]).await;
    world.sync().await;

    let there = world.client(Side::Secondary);
    let machines = there.list_principals(PrincipalKind::ServicePrincipal, None).await.unwrap();
    let copy = machines.iter().find(|machine| machine["displayName"] == "pipeline-runner").unwrap();
    let copy = copy["applicationId"].as_str().unwrap();
    assert_eq!(direct(there, Of::Directories, "/Production").await, [machine(copy, "CAN_EDIT")]);
    activation::release_jobs(&world.ctx.side(Side::Secondary), &SilentLog).await.unwrap();
    let own = [group("users", "CAN_VIEW"), machine(copy, "IS_OWNER")];
    assert_eq!(direct(there, Of::Jobs, "nightly").await, own);
    world.sync().await;
    assert_eq!(direct(there, Of::Jobs, "nightly").await, [machine(copy, "IS_OWNER")]);
    world.assert_in_sync().await;
}

/// Whoever is gone from the primary is deactivated on the secondary, where nobody can take their home from them.
#[tokio::test]
async fn the_home_of_whoever_has_left_is_not_changed_by_hand() {
    let mut world = World::start().await;
    let bo = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bo@example.org"});
    let bo = world.client(Side::Primary).create_principal(PrincipalKind::User, &bo).await.unwrap();
    world.sync().await;
    let id = bo["id"].as_str().unwrap();
    world.client(Side::Primary).delete_principal(PrincipalKind::User, id).await.unwrap();
    in_turn(&mut world);
    world.sync().await;
    world.sync().await;
    world.assert_in_sync().await;
    let home = world.id(ObjectKind::Permissions, "/Users/bo@example.org", Side::Secondary).await;
    let object_id = home.split_once('/').unwrap().1;
    let there = world.client(Side::Secondary);
    let kept = there.get_permissions(Of::Directories, object_id).await.unwrap().direct();
    assert!(kept.iter().any(|grant| grant.permission_level == "CAN_MANAGE"), "{kept:?}");
}
