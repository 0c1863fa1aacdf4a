//! What of a group is replicated and how: who may decide it, and from when on it holds.

use farshore_control::{EditSettings, TypedSide, TypedStandalone};
use farshore_model::{
    ProblemKind, Role, SyncRunId,
    group::Side,
    kind::ObjectKind,
    region_map::{Matching, RegionMap, RegionRule},
    replication_settings::{Bundles, DeletionBrake, FilterBy, Handling, OnDrift, ScopeFilter},
    sync_run::{SyncRun, SyncRunState},
    view::{AuditFilter, PlanFilter, why_not},
};

use crate::{
    content,
    process::{Process, until},
    world::{World, operator, person},
};

fn admin() -> farshore_model::Actor {
    person(9, "Adam Admin", Role::Admin)
}

fn viewer() -> farshore_model::Actor {
    person(8, "Vera Viewer", Role::Viewer)
}

fn rule(field: &str, primary: &str, secondary: &str) -> RegionRule {
    RegionRule {
        field: Some(field.to_owned()),
        matching: Matching::Exact,
        primary: primary.to_owned(),
        secondary: secondary.to_owned(),
    }
}

/// Machines have other names on the other side; the clusters of jobs alone, for a pool's cannot be changed.
fn machines() -> RegionMap {
    RegionMap { rules: vec![rule("new_cluster.node_type_id", "i3.xlarge", "m5.xlarge")] }
}

fn edit(version: i64) -> EditSettings {
    EditSettings {
        version,
        handling: [(ObjectKind::Users, Handling::Manual), (ObjectKind::Jobs, Handling::Sync)].into(),
        filters: Vec::new(),
        on_drift: OnDrift::Keep,
        bundles: Bundles::Carried,
        brake: DeletionBrake { most_objects: 7, most_percent: 3 },
    }
}

async fn ended(process: &Process, id: SyncRunId) -> SyncRun {
    let run =
        async || process.control.sync_page(&operator(), id, PlanFilter::default()).await.expect("page").run;
    until("the sync", async || run().await.state.is_final()).await;
    run().await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_edit_a_group_decides_and_nothing_is_overwritten_unseen() {
    let world = World::new().await;
    let process = Process::start(&world).await;
    let control = &process.control;
    let page = async || control.settings_page(&viewer(), world.group).await.expect("anybody may look");
    let first = page().await;
    assert_eq!((first.version, &first.settings), (0, &Default::default()));
    assert_eq!((first.primary_region.as_str(), first.secondary_regions.len()), (crate::world::PRIMARY, 1));
    assert!(why_not(&first.actions, "edit_group").is_some());
    for actor in [viewer(), operator()] {
        let refused = control.edit_settings(&actor, world.group, edit(0)).await.expect_err("not theirs");
        assert_eq!(refused.kind, ProblemKind::Forbidden);
        let refused =
            control.edit_region_map(&actor, world.group, 0, machines()).await.expect_err("nor this");
        assert_eq!(refused.kind, ProblemKind::Forbidden);
    }

    control.edit_settings(&admin(), world.group, edit(0)).await.expect("edited");
    control.edit_region_map(&admin(), world.group, 1, machines()).await.expect("edited");
    let stored = page().await;
    assert_eq!((stored.version, &stored.settings.region_map), (2, &machines()));
    assert_eq!(stored.settings.handling, [(ObjectKind::Users, Handling::Manual)].into());
    assert_eq!((stored.settings.on_drift, stored.settings.brake.most_objects), (OnDrift::Keep, 7));
    assert_eq!(stored.settings.bundles, Bundles::Carried);

    let stale = control.edit_settings(&admin(), world.group, edit(1)).await.expect_err("stale");
    assert_eq!(stale.kind, ProblemKind::Stale);
    let shadowed = RegionMap { rules: vec![rule("a", "x", "y"), rule("a", "x", "z")] };
    let refused =
        control.edit_region_map(&admin(), world.group, 2, shadowed).await.expect_err("makes no sense");
    assert_eq!(refused.fields[0].0, "rule_2");
    let filter =
        ScopeFilter { kind: None, by: FilterBy::Name { pattern: " ".to_owned() }, is_included: false };
    let refused = EditSettings { filters: vec![filter], ..edit(2) };
    let refused = control.edit_settings(&admin(), world.group, refused).await.expect_err("empty");
    assert_eq!(refused.fields[0].0, "filter_1");
    assert_eq!(page().await.settings, stored.settings);

    let audit = control.audit_page(&admin(), AuditFilter::default()).await.expect("audit");
    let of = |action: &str| audit.entries.iter().filter(|entry| entry.action == action).count();
    assert_eq!((of("edit_settings"), of("edit_region_map")), (5, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_map_holds_from_the_next_plan_on() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let control = &process.control;
    let client = world.primary_client();
    client
        .import_notebook(content::NOTEBOOK, "PYTHON", b"# Databricks notebook source\n1\n".to_vec())
        .await
        .expect("import");
    let planned = control.request_sync(&operator(), world.group, false).await.expect("plan")[0];
    let page = async || control.sync_page(&operator(), planned, PlanFilter::default()).await.expect("page");
    until("the plan", async || page().await.run.state == SyncRunState::Planned).await;

    // A plan from before says less than what is wanted now.
    control.edit_region_map(&admin(), world.group, 0, machines()).await.expect("edited");
    let hash = page().await.plan_hash.expect("a plan has one");
    control.apply_plan(&operator(), planned, &hash).await.expect("asked");
    assert_eq!(ended(&process, planned).await.state, SyncRunState::Superseded);
    until("the plan that has taken its place", async || {
        let page = control.group_page(&operator(), world.group).await.expect("page");
        page.sync_runs[0].state == SyncRunState::Planned
    })
    .await;

    let id = control.request_sync(&operator(), world.group, true).await.expect("sync")[0];
    let run = ended(&process, id).await;
    assert_eq!(run.state, SyncRunState::Completed, "{run:?}");
    let jobs = world.secondary_client().list_jobs().await.expect("jobs");
    assert!(!jobs.is_empty());
    for job in jobs {
        let id = job["job_id"].as_i64().expect("id");
        let job = world.secondary_client().get_job(id).await.expect("job");
        assert_eq!(job["settings"]["tasks"][0]["new_cluster"]["node_type_id"], "m5.xlarge", "{job}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_map_is_tried_before_it_is_kept() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    let control = &process.control;
    let try_on = async |map: &RegionMap, is_anew| {
        control.preview_region_map(&viewer(), world.group, map, is_anew).await
    };
    let shown = try_on(&machines(), false).await.expect("preview");
    assert_eq!((shown.side, shown.refusal.clone()), (Side::Primary, None));
    assert_eq!(shown.preview.rules[0].values, 5, "the machines of five jobs");
    assert_eq!(shown.preview.rules[0].examples[0].after, "m5.xlarge");
    let bucket = |value: &str| shown.preview.unmapped.iter().any(|unmapped| unmapped.value == value);
    assert!(bucket("s3://bucket/in/"), "{:?}", shown.preview.unmapped);

    // What is being typed, and what goes into both directions or not.
    let rules = vec![rule("a", "", ""), rule("a", "x", "y"), rule("a", "x", "z")];
    let typing = try_on(&RegionMap { rules }, false).await.expect("preview");
    assert_eq!(typing.preview.rules.len(), 3);
    assert_eq!(typing.refusal.map(|(place, _)| place), Some(1));
    assert_eq!(typing.read_at, shown.read_at, "read once");

    // The region goes: what was read is still there for a while, and then a person is told.
    world.primary.control().set_down();
    assert_eq!(try_on(&machines(), false).await.expect("preview").read_at, shown.read_at);
    until("the look at its health", async || {
        let page = control.group_page(&operator(), world.group).await.expect("page");
        format!("{:?}", page.pairs[0].primary.health).contains("Unreachable")
    })
    .await;
    world.clock.advance_ms(6 * 60_000);
    let problem = try_on(&machines(), false).await.expect_err("nobody answers");
    assert_eq!(problem.kind, ProblemKind::Workspace);
    control.edit_region_map(&admin(), world.group, 0, machines()).await.expect("kept all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_no_counterpart_is_noted_with_its_reason() {
    let world = World::new().await;
    let process = Process::start(&world).await;
    let control = &process.control;
    let typed = |address: &str, reason: &str| TypedStandalone {
        name: "Academy".to_owned(),
        address: address.to_owned(),
        reason: reason.to_owned(),
    };
    let address = "https://academy.example.net/";
    let refused =
        control.add_standalone(&viewer(), typed(address, "Only courses.")).await.expect_err("not theirs");
    assert_eq!(refused.kind, ProblemKind::Forbidden);
    let refused = control.add_standalone(&admin(), typed(address, " ")).await.expect_err("why?");
    assert_eq!(refused.fields[0].0, "reason");
    let paired = control
        .add_standalone(&admin(), typed(&world.primary.url(), "It is not."))
        .await
        .expect_err("paired");
    assert_eq!(paired.fields[0].0, "address");
    let id = control.add_standalone(&admin(), typed(address, "Only courses.")).await.expect("noted");
    let again = control.add_standalone(&admin(), typed("https://academy.example.net", "Again.")).await;
    assert_eq!(again.expect_err("once").fields[0].0, "address");

    let again = control.add_standalone(&admin(), typed("Academy.example.net/?o=7", "Again.")).await;
    assert_eq!(again.expect_err("the same").fields[0].0, "address");

    control.edit_standalone(&admin(), id, 1, "Courses, and nothing else.").await.expect("edited");
    let stale = control.edit_standalone(&admin(), id, 1, "Something else.").await.expect_err("stale");
    assert_eq!(stale.kind, ProblemKind::Stale);
    let page = control.workspaces_page(&viewer()).await.expect("anybody may look");
    assert_eq!((page.standalone.len(), page.paired.len()), (1, 2));
    assert_eq!(page.standalone[0].standalone.reason, "Courses, and nothing else.");
    assert_eq!(page.standalone[0].standalone.by, "Adam Admin");
    let stale = control.remove_standalone(&admin(), id, 1).await.expect_err("another reason by now");
    assert_eq!(stale.kind, ProblemKind::Stale);
    control.remove_standalone(&admin(), id, 2).await.expect("removed");
    assert!(control.workspaces_page(&viewer()).await.expect("page").standalone.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_no_counterpart_is_not_paired_before_it_is_off_the_list() {
    let world = World::new().await;
    let process = Process::idle(&world).await;
    let control = &process.control;
    let (spare, token) = world.spare().await;
    let pairing = control.begin_pairing(&admin()).await.expect("begun");
    let mut version = 1;
    let mut test = async || {
        let typed = TypedSide {
            version,
            side: Side::Primary,
            name: "Academy".to_owned(),
            host: spare.url(),
            token: token.into(),
            cloud: None,
            region: None,
        };
        version += 1;
        control.test_side(&admin(), pairing, typed).await
    };
    test().await.expect("nobody has said anything");
    let page = control.pairing_page(&admin(), pairing).await.expect("page");
    let org_id = page.pairing.primary.and_then(|side| side.report.org_id).expect("was told");
    for address in [spare.url(), org_id] {
        let noted =
            TypedStandalone { name: "Academy".to_owned(), address, reason: "Only courses.".to_owned() };
        let id = control.add_standalone(&admin(), noted).await.expect("noted");
        let refused = test().await.expect_err("it needs none");
        assert!(refused.what_happened.contains("needs no counterpart"), "{refused}");
        assert!(refused.what_to_do.contains("Take it off the list"), "{refused}");
        control.remove_standalone(&admin(), id, 1).await.expect("removed");
        test().await.expect("it may have one");
    }
}
