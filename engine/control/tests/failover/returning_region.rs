//! A region that returns never overwrites production.

use std::time::Duration;

use farshore_control::EditGroup;
use farshore_model::{
    ProblemKind, Role,
    run::RunbookKind,
    sync_run::{SyncRunState, SyncTrigger},
    view::PlanFilter,
};
use farshore_simulator::{ChangeActor, Effect, Fault};

use crate::{
    content,
    process::{Process, until},
    world::{World, operator, person},
};

#[tokio::test(flavor = "multi_thread")]
async fn syncs_of_a_failed_over_group_are_suspended_and_write_nothing() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let control = &process.control;
    let group = control.group_page(&operator(), world.group).await.expect("page").card.group;
    let edit = EditGroup {
        version: group.version,
        name: group.name,
        department_id: None,
        sync_interval_ms: Some(3_600_000),
        smoke_job_key: group.smoke_job.map(|job| job.key),
    };
    control.edit_group(&person(9, "Adam Admin", Role::Admin), world.group, edit).await.expect("edited");
    world.primary.control().set_down();
    process.carry_out(&world, RunbookKind::Failover).await;
    world.primary.control().set_up(0);
    process.fenced(&world).await;
    let primary = world.primary_client();
    primary.import_notebook(content::NOTEBOOK, "PYTHON", b"stale\n".to_vec()).await.expect("import");

    let seen = world.secondary.control().changes().last().map_or(0, |change| change.seq);
    let refused = control.request_sync(&operator(), world.group, true).await.expect_err("suspended");
    assert_eq!(refused.kind, ProblemKind::NotNow);
    world.clock.advance_ms(2 * 3_600_000);
    let newest =
        async || control.group_page(&operator(), world.group).await.expect("page").sync_runs.remove(0);
    until("the schedule", async || newest().await.trigger == SyncTrigger::Schedule).await;
    let run = newest().await;
    assert_eq!(run.state, SyncRunState::Suspended);
    assert!(run.message.is_some_and(|why| why.contains("failback")));
    // However often one is due, one row says so.
    for due in 2..=4 {
        let before = newest().await.ended_at;
        world.clock.advance_ms(3_600_000);
        until("the schedule", async || newest().await.occurrences == due).await;
        assert!(newest().await.ended_at > before);
    }
    let runs = control.group_page(&operator(), world.group).await.expect("page").sync_runs;
    let notes = runs.iter().filter(|run| run.state == SyncRunState::Suspended).count();
    assert_eq!(notes, 1, "{runs:#?}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let changes = world.secondary.control().changes_since(seen);
    assert!(changes.iter().all(|change| change.actor != ChangeActor::Api), "{changes:#?}");
    let there = world.secondary_client().export_notebook(content::NOTEBOOK).await.expect("export");
    assert_eq!(there, content::SOURCE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_under_way_is_stopped_by_the_failover() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let slow = Fault {
        method: Some("GET".to_owned()),
        path_prefix: None,
        times: None,
        rate: None,
        effect: Effect::Latency { ms: 20_000 },
    };
    world.primary.control().set_faults(vec![slow]);
    let id = process.control.request_sync(&operator(), world.group, true).await.expect("sync")[0];
    let state = async || {
        process.control.sync_page(&operator(), id, PlanFilter::default()).await.expect("page").run.state
    };
    assert_eq!(state().await, SyncRunState::Planning);
    process.carry_out(&world, RunbookKind::Failover).await;
    assert_eq!(state().await, SyncRunState::Suspended);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_returning_region_started_is_listed_whatever_the_clocks_say() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    // The panel's clock is an hour ahead of the regions'.
    world.clock.advance_ms(3_600_000);
    let process = Process::start(&world).await;
    process.copy(&world).await;
    world.primary.control().set_down();
    let run = process.carry_out(&world, RunbookKind::Failover).await;

    // The region is back, its scheduler works, and its API lets nobody put up the fence.
    let broken = Fault {
        method: None,
        path_prefix: None,
        times: None,
        rate: None,
        effect: Effect::Error {
            status: 500,
            error_code: "INTERNAL_ERROR".to_owned(),
            message: "no".to_owned(),
        },
    };
    let simulator = world.primary.control();
    let before = simulator.runs().len();
    simulator.set_faults(vec![broken]);
    simulator.set_up(0);
    until("a run of the returned region", async || simulator.runs().len() > before).await;
    simulator.set_faults(Vec::new());
    process.fenced(&world).await;

    let page = process.control.run_page(&operator(), run.id).await.expect("page");
    let fence = &page.fences[0];
    let started = &fence.report.as_ref().expect("is closed").started_runs;
    let known = simulator.runs();
    assert_eq!(started.len(), known.len() - before, "{started:?} of {known:?}");
    // By the panel's clock, as everything else on the page.
    for run in started {
        assert!(run.started_at > fence.opened_at && Some(run.started_at) < fence.closed_at, "{fence:?}");
    }
}
