//! A conflict of a replication is settled by a person, and stays settled until the active side changes the object.

use farshore_control::EditSettings;
use farshore_model::{
    Problem, ProblemKind, Role, SyncRunId,
    group::Side,
    plan::PlanAction,
    replication_settings::{Bundles, OnDrift},
    run::RunbookKind,
    sync_run::SyncRunState,
    view::{AuditFilter, LedgerFilter, LedgerRow, LedgerState, PlanFilter, SyncPage},
};

use crate::{
    content::{self, NOTEBOOK},
    process::{Process, until},
    world::{World, operator, person},
};

const OF_PRIMARY: &[u8] = b"# Databricks notebook source\nprint('changed in the primary')\n";
const OF_SECONDARY: &[u8] = b"# Databricks notebook source\nprint('changed in the secondary')\n";
const NEWER: &[u8] = b"# Databricks notebook source\nprint('changed in the primary again')\n";

/// A copy whose group asks about drift.
async fn asking() -> (World, Process) {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let admin = person(9, "Adam Admin", Role::Admin);
    let page = process.control.settings_page(&admin, world.group).await.expect("settings");
    let edit = EditSettings {
        version: page.version,
        handling: page.settings.handling,
        filters: page.settings.filters,
        on_drift: OnDrift::Ask,
        bundles: Bundles::default(),
        brake: page.settings.brake,
    };
    process.control.edit_settings(&admin, world.group, edit).await.expect("edited");
    (world, process)
}

async fn change(world: &World, side: Side, source: &[u8]) {
    let client = match side {
        Side::Primary => world.primary_client(),
        Side::Secondary => world.secondary_client(),
    };
    client.import_notebook(NOTEBOOK, "PYTHON", source.to_vec()).await.expect("import");
}

async fn versions(world: &World) -> [Vec<u8>; 2] {
    let primary = world.primary_client().export_notebook(NOTEBOOK).await.expect("export");
    [primary, world.secondary_client().export_notebook(NOTEBOOK).await.expect("export")]
}

async fn ended(process: &Process, id: SyncRunId) -> SyncPage {
    let page =
        async || process.control.sync_page(&operator(), id, PlanFilter::default()).await.expect("page");
    until("the end of the sync", async || page().await.run.state.is_final()).await;
    page().await
}

async fn synced(process: &Process, world: &World) -> SyncPage {
    let ids = process.control.request_sync(&operator(), world.group, true).await.expect("sync");
    ended(process, ids[0]).await
}

/// A whole sync that ends with the notebook as the only conflict.
async fn asked_about(process: &Process, world: &World) -> LedgerRow {
    let page = synced(process, world).await;
    assert_eq!(page.run.state, SyncRunState::CompletedWithFailures);
    assert_eq!(page.counts.map(|counts| counts.conflict), Some(1));
    let filter = LedgerFilter { state: Some(LedgerState::Conflict), ..LedgerFilter::default() };
    let page = process.control.ledger_page(&operator(), world.group, filter, 1).await.expect("ledger");
    assert_eq!(page.rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), [NOTEBOOK]);
    page.rows.into_iter().next().expect("one conflict")
}

async fn row(process: &Process, world: &World, known: &LedgerRow) -> LedgerRow {
    let object = known.object.clone();
    let page = process.control.object_page(&operator(), world.group, object, 1).await.expect("page");
    page.rows.into_iter().next().expect("one pair")
}

async fn choose(process: &Process, world: &World, row: &LedgerRow, side: Side) -> Result<SyncRunId, Problem> {
    process.control.choose_version(&operator(), world.group, world.pair, row.object.clone(), side).await
}

async fn chosen(process: &Process, world: &World, row: &LedgerRow, side: Side) -> SyncPage {
    let id = choose(process, world, row, side).await.expect("chosen");
    let page = ended(process, id).await;
    assert_eq!((page.run.state, page.run.only), (SyncRunState::Completed, Some(1)), "{page:#?}");
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_of_the_active_side_takes_the_place_of_the_other() {
    let (world, process) = asking().await;
    change(&world, Side::Secondary, OF_SECONDARY).await;
    let conflict = asked_about(&process, &world).await;
    assert_eq!(versions(&world).await[1], OF_SECONDARY, "nobody has chosen yet");

    let viewer = person(7, "Vera Viewer", Role::Viewer);
    let object = conflict.object.clone();
    let refused =
        process.control.choose_version(&viewer, world.group, world.pair, object, Side::Primary).await;
    assert_eq!(refused.expect_err("not theirs").kind, ProblemKind::Forbidden);

    chosen(&process, &world, &conflict, Side::Primary).await;
    assert_eq!(versions(&world).await, [content::SOURCE, content::SOURCE]);
    assert_eq!(row(&process, &world, &conflict).await.state, LedgerState::InOrder);
    assert_eq!(synced(&process, &world).await.run.state, SyncRunState::Completed);

    let audit = process.control.audit_page(&operator(), AuditFilter::default()).await.expect("audit");
    let of = audit.entries.iter().filter(|entry| entry.action == "choose_version");
    assert_eq!(of.count(), 2, "the refused one is there as well");
}

async fn keep_what_is_passive(is_changed_on_both_sides: bool) {
    let (world, process) = asking().await;
    change(&world, Side::Secondary, OF_SECONDARY).await;
    if is_changed_on_both_sides {
        change(&world, Side::Primary, OF_PRIMARY).await;
    }
    let before = versions(&world).await;
    let conflict = asked_about(&process, &world).await;
    let page = chosen(&process, &world, &conflict, Side::Secondary).await;
    assert_eq!(page.items.iter().map(|item| item.action).collect::<Vec<_>>(), [PlanAction::Skip]);

    // Nobody is asked again, and nothing is held back by it.
    for _ in 0..2 {
        let next = synced(&process, &world).await;
        assert_eq!((next.run.state, next.run.message), (SyncRunState::Completed, None));
        assert_eq!(row(&process, &world, &conflict).await.state, LedgerState::LeftAlone);
    }
    assert_eq!(versions(&world).await, before);

    change(&world, Side::Primary, NEWER).await;
    let conflict = asked_about(&process, &world).await;
    chosen(&process, &world, &conflict, Side::Primary).await;
    assert_eq!(versions(&world).await, [NEWER, NEWER]);
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_that_is_kept_is_a_question_again_when_the_source_changes() {
    keep_what_is_passive(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_what_had_changed_on_both_sides() {
    keep_what_is_passive(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_that_nobody_waits_for_is_refused() {
    let (world, process) = asking().await;
    change(&world, Side::Secondary, OF_SECONDARY).await;
    let conflict = asked_about(&process, &world).await;

    // A plan that waits for a person stands for a sync that is under way.
    let control = &process.control;
    let planned = control.request_sync(&operator(), world.group, false).await.expect("plan")[0];
    let state = async || {
        control.sync_page(&operator(), planned, PlanFilter::default()).await.expect("page").run.state
    };
    until("the plan", async || state().await == SyncRunState::Planned).await;
    let refused = choose(&process, &world, &conflict, Side::Primary).await.expect_err("under way");
    assert!(refused.what_happened.contains("under way"), "{refused}");
    control.cancel_plan(&operator(), planned).await.expect("cancelled");

    chosen(&process, &world, &conflict, Side::Secondary).await;
    let refused = choose(&process, &world, &conflict, Side::Primary).await.expect_err("settled");
    assert!(refused.what_happened.contains("does not wait for a choice"), "{refused}");
    assert_eq!(versions(&world).await[1], OF_SECONDARY);

    change(&world, Side::Primary, OF_PRIMARY).await;
    let conflict = asked_about(&process, &world).await;
    process.carry_out(&world, RunbookKind::Failover).await;
    let refused = choose(&process, &world, &conflict, Side::Primary).await.expect_err("suspended");
    assert!(refused.what_happened.contains("suspended"), "{refused}");
}
