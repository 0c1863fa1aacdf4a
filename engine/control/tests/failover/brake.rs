//! A sync that would delete too much waits for a person, wherever it was asked for.

use std::sync::Arc;

use farshore_control::{EditGroup, EditSettings, RunCommand, store::SyncRunStore};
use farshore_databricks::WorkspaceClient;
use farshore_model::{
    Role, SyncRunId,
    kind::ObjectKind,
    replication_settings::{Bundles, DeletionBrake, OnDrift},
    run::{RunMode, RunState, RunbookKind},
    sync_run::{SyncRun, SyncRunState},
    view::{LedgerFilter, PlanFilter, why_not},
};
use uuid::Uuid;

use crate::{
    content,
    failback::{self, stopped_at},
    process::{Process, until},
    world::{World, operator, person},
};

const MINUTE_MS: i64 = 60_000;

/// A group whose first copy is made, and which lets nothing be deleted unasked.
async fn braked(world: &World) -> Process {
    content::fill(&world.primary_client()).await;
    let process = Process::start(world).await;
    process.copy(world).await;
    let edit = EditSettings {
        version: 0,
        handling: [].into(),
        filters: Vec::new(),
        on_drift: OnDrift::Overwrite,
        bundles: Bundles::default(),
        brake: DeletionBrake { most_objects: 0, most_percent: 100 },
    };
    let admin = person(9, "Adam Admin", Role::Admin);
    process.control.edit_settings(&admin, world.group, edit).await.expect("edited");
    process
}

async fn schedule(process: &Process, world: &World) {
    let group = process.control.group_page(&operator(), world.group).await.expect("page").card.group;
    let edit = EditGroup {
        version: group.version,
        name: group.name,
        department_id: None,
        sync_interval_ms: Some(MINUTE_MS),
        smoke_job_key: group.smoke_job.map(|job| job.key),
    };
    let admin = person(9, "Adam Admin", Role::Admin);
    process.control.edit_group(&admin, world.group, edit).await.expect("edited");
}

/// A minute later, and the schedule has come round.
async fn next_round(process: &Process, world: &World) {
    world.clock.advance_ms(MINUTE_MS + 1_000);
    Arc::clone(&process.control).start_due_syncs().await;
}

async fn delete_job(client: &WorkspaceClient, name: &str) {
    let jobs = client.list_jobs().await.expect("jobs");
    let job = jobs.iter().find(|job| job["settings"]["name"] == name).expect("there");
    client.delete_job(job["job_id"].as_i64().expect("id")).await.expect("deleted");
}

async fn has_job(client: &WorkspaceClient, name: &str) -> bool {
    client.list_jobs().await.expect("jobs").iter().any(|job| job["settings"]["name"] == name)
}

async fn syncs(process: &Process, world: &World) -> Vec<SyncRun> {
    process.control.group_page(&operator(), world.group).await.expect("page").sync_runs
}

/// The one sync that waits for a person.
async fn held(process: &Process, world: &World) -> SyncRun {
    let mut held = Vec::new();
    until("the brake", async || {
        held = syncs(process, world).await;
        held.retain(SyncRun::is_held);
        !held.is_empty()
    })
    .await;
    assert_eq!(held.len(), 1, "{held:#?}");
    held.remove(0)
}

async fn apply(process: &Process, id: SyncRunId) {
    let page =
        async || process.control.sync_page(&operator(), id, PlanFilter::default()).await.expect("page");
    let shown = page().await;
    assert_eq!(why_not(&shown.actions, "apply_sync"), None);
    let hash = shown.plan_hash.expect("a plan has one");
    process.control.apply_plan(&operator(), id, &hash).await.expect("apply");
    until("the application", async || page().await.run.state.is_final()).await;
    let applied = page().await.run;
    assert_eq!(applied.state, SyncRunState::Completed, "{applied:?}");
    assert_eq!(applied.message, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_sync_that_deletes_too_much_waits_for_a_person() {
    let world = World::new().await;
    let process = braked(&world).await;
    schedule(&process, &world).await;
    delete_job(&world.primary_client(), "dormant").await;
    next_round(&process, &world).await;
    let run = held(&process, &world).await;
    assert!(run.message.as_ref().is_some_and(|why| why.contains("deletion brake")), "{run:?}");
    assert!(run.is_applied_at_once && run.apply_began_at.is_none(), "{run:?}");
    assert!(has_job(&world.secondary_client(), "dormant").await);

    // Those who may apply it find it on the first page.
    let path = format!("/syncs/{}", run.id);
    let waiting = async |actor| process.control.overview(&actor).await.expect("overview").waiting;
    assert!(waiting(operator()).await.iter().any(|item| item.path == path));
    assert!(waiting(person(8, "Vera Viewer", Role::Viewer)).await.is_empty());

    // The schedule comes round and round and makes no other plan.
    let before = syncs(&process, &world).await.len();
    for _ in 0..3 {
        next_round(&process, &world).await;
    }
    assert_eq!(syncs(&process, &world).await.len(), before);
    assert_eq!(held(&process, &world).await.id, run.id);

    apply(&process, run.id).await;
    assert!(!has_job(&world.secondary_client(), "dormant").await);
    assert!(waiting(operator()).await.is_empty());
    next_round(&process, &world).await;
    let newest = &syncs(&process, &world).await[0];
    assert_ne!(newest.id, run.id, "the schedule goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cancelled_is_asked_again_once() {
    let world = World::new().await;
    let process = braked(&world).await;
    schedule(&process, &world).await;
    delete_job(&world.primary_client(), "dormant").await;
    next_round(&process, &world).await;
    let first = held(&process, &world).await;
    process.control.cancel_plan(&operator(), first.id).await.expect("cancelled");
    next_round(&process, &world).await;
    let second = held(&process, &world).await;
    assert_ne!(second.id, first.id);

    // A person who asks for one themselves finds it in the place of the other.
    let third = process.control.request_sync(&operator(), world.group, true).await.expect("asked")[0];
    until("the plan", async || {
        let runs = syncs(&process, &world).await;
        runs.iter().any(|run| run.id == third && run.is_held())
    })
    .await;
    assert_eq!(held(&process, &world).await.id, third);
    assert!(has_job(&world.secondary_client(), "dormant").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_failover_stops_until_a_person_has_let_its_last_sync_through() {
    let world = World::new().await;
    let process = braked(&world).await;
    delete_job(&world.primary_client(), "dormant").await;
    let id = process.request_in(&world, RunbookKind::Failover, RunMode::Planned).await;
    process.approve(id).await;
    assert_eq!(stopped_at(&process, id).await, "final_sync");
    let run = process.run(id).await;
    let index = run.current_step().expect("stopped");
    let (_, step) = run.step(index).expect("stopped");
    let error = step.error.clone().expect("says why");
    let first = held(&process, &world).await;
    assert!(error.message.contains("deletion brake"), "{error:?}");
    assert!(error.remedy.contains(&format!("/syncs/{}", first.id)), "{error:?}");

    // A retry confirms nothing: it makes another plan, which stops again.
    let retry = async || {
        let retry = RunCommand::RetryStep { index };
        process.control.command_run(&operator(), id, retry).await.expect("retried");
        process.settled(id).await
    };
    let run = retry().await;
    assert_eq!(run.state, RunState::PausedByFailedStep, "{:#?}", run.steps);
    let second = held(&process, &world).await;
    assert_ne!(second.id, first.id);
    assert!(has_job(&world.secondary_client(), "dormant").await);

    apply(&process, second.id).await;
    assert!(!has_job(&world.secondary_client(), "dormant").await);
    let run = retry().await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_no_run_waits_for_is_not_applied() {
    let world = World::new().await;
    let process = braked(&world).await;
    delete_job(&world.primary_client(), "dormant").await;
    let id = process.request_in(&world, RunbookKind::Failover, RunMode::Planned).await;
    process.approve(id).await;
    assert_eq!(stopped_at(&process, id).await, "final_sync");
    let left = held(&process, &world).await;
    let abandon = RunCommand::Abandon { reason: "Not today.".to_owned() };
    process.control.command_run(&operator(), id, abandon).await.expect("abandoned");

    assert_eq!(state(&process, left.id).await, SyncRunState::Cancelled);
    refused(&process, left.id).await;
    assert!(has_job(&world.secondary_client(), "dormant").await);
    // It keeps no schedule from its work.
    schedule(&process, &world).await;
    next_round(&process, &world).await;
    until("the schedule", async || held(&process, &world).await.id != left.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_does_not_take_the_place_of_what_a_person_asked_for() {
    let world = World::new().await;
    let process = braked(&world).await;
    let filter = LedgerFilter { text: Some("dormant".to_owned()), ..LedgerFilter::default() };
    let page = process.control.ledger_page(&operator(), world.group, filter, 1).await.expect("ledger");
    let job =
        page.rows.into_iter().find(|row| row.object.kind == ObjectKind::Jobs).expect("was copied").object;
    delete_job(&world.primary_client(), "dormant").await;
    let asked =
        process.control.run_object_again(&operator(), world.group, world.pair, job).await.expect("asked");
    let partial = held(&process, &world).await;
    assert_eq!((partial.id, partial.only), (asked, Some(1)));

    schedule(&process, &world).await;
    for _ in 0..3 {
        next_round(&process, &world).await;
    }
    assert_eq!(held(&process, &world).await.id, asked);
    process.control.cancel_plan(&operator(), asked).await.expect("cancelled");
    next_round(&process, &world).await;
    assert_eq!(held(&process, &world).await.only, None, "the schedule goes on");
}

async fn state(process: &Process, id: SyncRunId) -> SyncRunState {
    process.control.sync_page(&operator(), id, PlanFilter::default()).await.expect("page").run.state
}

/// Why the plan cannot be applied, which has to be so.
async fn refused(process: &Process, id: SyncRunId) -> String {
    let page = process.control.sync_page(&operator(), id, PlanFilter::default()).await.expect("page");
    assert!(why_not(&page.actions, "apply_sync").is_some());
    let hash = page.plan_hash.unwrap_or_default();
    process.control.apply_plan(&operator(), id, &hash).await.expect_err("refused").what_happened
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_whose_step_was_skipped_is_not_applied_when_another_step_fails() {
    let world = World::new().await;
    let process = braked(&world).await;
    delete_job(&world.primary_client(), "dormant").await;
    let id = process.request_in(&world, RunbookKind::Failover, RunMode::Planned).await;
    process.approve(id).await;
    assert_eq!(stopped_at(&process, id).await, "final_sync");
    let left = held(&process, &world).await;
    world.secondary.control().set_faults(vec![failback::refused("/api/2.2/jobs/run-now")]);
    let index = process.run(id).await.current_step().expect("stopped");
    let skip = RunCommand::SkipStep { index, reason: "The job may stay.".to_owned() };
    process.control.command_run(&operator(), id, skip).await.expect("skipped");
    assert_eq!(stopped_at(&process, id).await, "run_smoke_job");
    assert_eq!(state(&process, left.id).await, SyncRunState::Cancelled);

    // Nor would one that a killed panel has not ended any more.
    let forgotten = SyncRun { id: SyncRunId(Uuid::from_u128(77)), ended_at: None, ..left };
    world.open_store().await.insert_sync_run(&forgotten).await.expect("inserted");
    let overview = process.control.overview(&operator()).await.expect("overview");
    assert!(!overview.waiting.iter().any(|item| item.path.starts_with("/syncs/")), "{:#?}", overview.waiting);
    let why = refused(&process, forgotten.id).await;
    assert!(why.contains("does not wait for it any more"), "{why}");
}
