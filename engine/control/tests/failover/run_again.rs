//! What failed is run again without everything else, and the replication point stays honest.

use farshore_control::{ComparedSyncs, TypedStandalone};
use farshore_databricks::ContentFormat;
use farshore_model::{
    DurationMs, Problem, ProblemKind, Role, SyncRunId, Timestamp,
    kind::{ObjectKey, ObjectKind},
    plan::PlanAction,
    sync_run::{OutcomeState, SyncRunState},
    view::{AuditFilter, Difference, LedgerFilter, LedgerRow, LedgerState, PlanFilter, SyncPage},
};
use farshore_simulator::{Effect, Fault};

use crate::{
    content::{self, NOTEBOOK, SOURCE},
    process::{Process, until},
    world::{World, operator, person},
};

const CHANGED: &[u8] = b"# Databricks notebook source\nprint('changed')\n";
const BROKEN: &str = "/Shared/etl/broken";

async fn page(process: &Process, id: SyncRunId) -> SyncPage {
    process.control.sync_page(&operator(), id, PlanFilter::default()).await.expect("page")
}

async fn ended(process: &Process, id: SyncRunId) -> SyncPage {
    until("the end of the sync", async || page(process, id).await.run.state.is_final()).await;
    page(process, id).await
}

async fn synced(process: &Process, world: &World) -> SyncPage {
    let ids = process.control.request_sync(&operator(), world.group, true).await.expect("sync");
    ended(process, ids[0]).await
}

async fn point(process: &Process, world: &World) -> Timestamp {
    let page = process.control.group_page(&operator(), world.group).await.expect("page");
    page.card.replication.point.expect("it was replicated")
}

async fn ledger(process: &Process, world: &World, filter: LedgerFilter) -> Vec<LedgerRow> {
    process.control.ledger_page(&operator(), world.group, filter, 1).await.expect("ledger").rows
}

fn refuse_to_import(world: &World) {
    let error = Effect::Error {
        status: 400,
        error_code: "INVALID_PARAMETER_VALUE".to_owned(),
        message: "no".to_owned(),
    };
    world.secondary.control().set_faults(vec![Fault {
        method: Some("POST".to_owned()),
        path_prefix: Some("/api/2.0/workspace/import".to_owned()),
        times: None,
        rate: None,
        effect: error,
    }]);
}

/// A copy, and after it a sync in which a new notebook could not be written.
async fn with_a_failure(world: &World) -> (Process, SyncPage) {
    content::fill(&world.primary_client()).await;
    let process = Process::start(world).await;
    process.copy(world).await;
    refuse_to_import(world);
    let primary = world.primary_client();
    primary.import_notebook(BROKEN, "PYTHON", SOURCE.to_vec()).await.expect("notebook");
    let failed = synced(&process, world).await;
    assert_eq!((failed.run.state, failed.run.failed), (SyncRunState::CompletedWithFailures, 1));
    world.secondary.control().set_faults(Vec::new());
    (process, failed)
}

async fn notebook(world: &World, path: &str) -> Option<Vec<u8>> {
    world.secondary_client().export(path, ContentFormat::Source).await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_run_again_alone() {
    let world = World::new().await;
    let (process, failed) = with_a_failure(&world).await;
    let before = point(&process, &world).await;
    // Something else changes, which is no part of what is run again.
    world.clock.advance_ms(1_000);
    let primary = world.primary_client();
    primary.import_notebook(NOTEBOOK, "PYTHON", CHANGED.to_vec()).await.expect("notebook");

    let viewer = person(7, "Vera Viewer", Role::Viewer);
    assert!(process.control.run_failed_again(&viewer, failed.run.id).await.is_err());
    let id = process.control.run_failed_again(&operator(), failed.run.id).await.expect("again");
    let again = ended(&process, id).await;
    assert_eq!((again.run.state, again.run.only), (SyncRunState::Completed, Some(1)));
    let found: Vec<_> = again.items.iter().map(|item| (item.object.kind, &*item.name)).collect();
    assert_eq!(found, [(ObjectKind::Notebooks, BROKEN), (ObjectKind::Permissions, BROKEN)]);
    assert_eq!(again.counts.map(|counts| counts.left_out), Some(1));
    assert!(again.run.message.is_some_and(|message| message.contains("1 other object differs")));
    assert_eq!(notebook(&world, BROKEN).await.as_deref(), Some(SOURCE));
    assert_eq!(notebook(&world, NOTEBOOK).await.as_deref(), Some(SOURCE), "it is no part of it");
    assert_eq!(point(&process, &world).await, before, "not everything was carried");

    // What was left out is not taken for verified: the next whole sync finds it.
    let whole = synced(&process, &world).await;
    assert_eq!((whole.run.state, whole.run.only), (SyncRunState::Completed, None));
    assert_eq!(notebook(&world, NOTEBOOK).await.as_deref(), Some(CHANGED));
    assert!(point(&process, &world).await > before);
    let nothing = process.control.run_failed_again(&operator(), whole.run.id).await.expect_err("all is well");
    assert!(nothing.what_happened.contains("Nothing failed"), "{nothing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_object_that_was_all_that_differed_makes_the_copy_complete() {
    let world = World::new().await;
    let (process, _) = with_a_failure(&world).await;
    let before = point(&process, &world).await;
    let failed = LedgerFilter { state: Some(LedgerState::Failed), ..LedgerFilter::default() };
    let rows = ledger(&process, &world, failed.clone()).await;
    let row = rows.first().expect("it failed");
    assert_eq!((rows.len(), &*row.name), (1, BROKEN));
    let object = row.object.clone();
    let id = process
        .control
        .run_object_again(&operator(), world.group, world.pair, object.clone())
        .await
        .expect("again");
    let again = ended(&process, id).await;
    assert_eq!((again.run.state, again.run.message.as_deref()), (SyncRunState::Completed, None));
    assert_eq!(again.counts.map(|counts| counts.left_out), Some(0));
    let after = point(&process, &world).await;
    assert!(after > before && after > again.run.created_at, "its listing is of everything");
    assert_eq!(ledger(&process, &world, failed).await, []);

    let page = process.control.object_page(&operator(), world.group, object, 1).await.expect("page");
    let found: Vec<_> = page.events.iter().map(|event| (event.action, event.state)).collect();
    let expected =
        [(PlanAction::Create, OutcomeState::Succeeded), (PlanAction::Create, OutcomeState::Failed)];
    assert_eq!(found, expected);
    assert_eq!(page.rows[0].state, LedgerState::InOrder);
    let unknown = ObjectKey { kind: ObjectKind::Jobs, key: "none".into() };
    assert!(process.control.object_page(&operator(), world.group, unknown.clone(), 1).await.is_err());
    let refused = process.control.run_object_again(&operator(), world.group, world.pair, unknown).await;
    assert!(refused.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_syncs_are_compared_object_by_object() {
    let world = World::new().await;
    let (process, failed) = with_a_failure(&world).await;
    world.primary_client().import_notebook(NOTEBOOK, "PYTHON", CHANGED.to_vec()).await.expect("notebook");
    let next = synced(&process, &world).await;
    let compare = async |chosen, difference| {
        process.control.compare_page(&operator(), world.group, chosen, difference, 1).await
    };
    let page = compare(ComparedSyncs::default(), None).await.expect("page");
    assert_eq!(page.first.as_ref().map(|run| run.id), Some(failed.run.id), "the two newest");
    assert_eq!(page.second.as_ref().map(|run| run.id), Some(next.run.id));
    let found: Vec<_> = page.rows.iter().map(|row| (&*row.name, row.difference)).collect();
    let expected = [
        (BROKEN, Difference::NoLongerFailing),
        (NOTEBOOK, Difference::OnlySecond),
        // Its access control list.
        (BROKEN, Difference::OnlySecond),
    ];
    assert_eq!(found, expected);
    assert_eq!((page.counts.len(), page.page.total), (2, 3));

    let other_way = ComparedSyncs { first: Some(next.run.id), second: Some(failed.run.id) };
    let page = compare(other_way, Some(Difference::NewFailure)).await.expect("page");
    let found: Vec<_> = page.rows.iter().map(|row| (&*row.name, row.difference)).collect();
    assert_eq!((found, page.page.total), (vec![(BROKEN, Difference::NewFailure)], 1));
    let same = ComparedSyncs { first: Some(next.run.id), second: Some(next.run.id) };
    assert!(compare(same, None).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_rights_are_as_old_as_the_oldest_that_was_read() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let copied_at = point(&process, &world).await;
    world.clock.advance_ms(60 * 60 * 1_000);
    let later = synced(&process, &world).await;
    assert_eq!(later.run.state, SyncRunState::Completed);
    let moved = point(&process, &world).await;
    assert!(moved.since(copied_at) > DurationMs(59 * 60 * 1_000));

    let page = process.control.ledger_page(&operator(), world.group, LedgerFilter::default(), 1).await;
    let page = page.expect("ledger");
    let of = |kind| page.kinds.iter().find(|standing| standing.kind == kind).expect("there are some");
    let lists = of(ObjectKind::Permissions);
    assert!(lists.is_verified_in_turn && lists.objects > 1);
    let verified_since = lists.replication_point.expect("it was replicated");
    assert!(verified_since < moved && verified_since.since(copied_at) < DurationMs(10 * 60 * 1_000));
    assert_eq!(of(ObjectKind::Jobs).replication_point, Some(moved));
    // What nothing has touched since the copy was compared by the last sync.
    let jobs = LedgerFilter { kind: Some(ObjectKind::Jobs), ..LedgerFilter::default() };
    let jobs = ledger(&process, &world, jobs).await;
    assert!(!jobs.is_empty() && jobs.iter().all(|job| job.agreed_at == Some(moved)), "{jobs:#?}");
    assert!(jobs.iter().all(|job| job.is_held_on_secondary && !job.is_held_on_primary));
}

/// SQLite would look for it and find nothing; PostgreSQL takes no such text at all.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_database_takes_is_refused_before_it_is_asked() {
    let world = World::new().await;
    let process = Process::idle(&world).await;
    let control = &process.control;
    let of = |refused: Problem| (refused.kind, refused.fields[0].0.clone());
    let invalid = |field: &str| (ProblemKind::Invalid, field.to_owned());
    let filter = LedgerFilter { text: Some("a\0b".to_owned()), ..LedgerFilter::default() };
    let refused = control.ledger_after(&operator(), world.group, &filter, None, 9).await;
    assert_eq!(of(refused.expect_err("the export")), invalid("text"));
    let refused = control.ledger_page(&operator(), world.group, filter, 1).await;
    assert_eq!(of(refused.expect_err("the ledger")), invalid("text"));
    let object = ObjectKey { kind: ObjectKind::Jobs, key: "\0".into() };
    let refused = control.object_events(&operator(), world.group, &object, 1, 9).await;
    assert_eq!(of(refused.expect_err("the history")), invalid("key"));
    let refused = control.run_object_again(&operator(), world.group, world.pair, object.clone()).await;
    assert_eq!(of(refused.expect_err("an act")), invalid("key"));
    let refused = control.object_page(&operator(), world.group, object, 1).await;
    assert_eq!(of(refused.expect_err("the object")), invalid("key"));
    let filter = AuditFilter { actor: Some("\0".to_owned()), ..AuditFilter::default() };
    let refused = control.audit_page(&operator(), filter).await;
    assert_eq!(of(refused.expect_err("the audit list")), invalid("actor"));

    // The act is noted before the name is looked at.
    let admin = person(9, "Adam Admin", Role::Admin);
    let typed = TypedStandalone {
        name: "a\0b".to_owned(),
        address: "https://academy.example.net".to_owned(),
        reason: "Only courses.".to_owned(),
    };
    assert_eq!(of(control.add_standalone(&admin, typed).await.expect_err("a name")), invalid("name"));
    let audit = control.audit_page(&operator(), AuditFilter::default()).await.expect("audit");
    assert_eq!(audit.entries[0].subject, "a\u{fffd}b");
}
