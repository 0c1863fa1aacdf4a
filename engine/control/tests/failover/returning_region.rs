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
