//! What a failover or a failback leaves at rest is not forgotten.

use farshore_control::RunCommand;
use farshore_model::{
    RunId,
    run::{RunMode, RunState, RunbookKind},
    sync_run::SyncRunState,
    view::PlanFilter,
};

use crate::{
    content,
    failback::{UPDATE_JOB, refused, stopped_at},
    process::{Process, until},
    world::{World, operator},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_failback_left_at_rest_is_neither_recorded_nor_lost() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let at_first = content::in_force(&world.primary_client()).await;
    process.carry_out(&world, RunbookKind::Failover).await;

    world.primary.control().set_faults(vec![refused(UPDATE_JOB)]);
    let id = process.request_approved(&world, RunbookKind::Failback).await;
    assert_eq!(stopped_at(&process, id).await, "release_jobs");
    skip(&process, id).await;
    assert_eq!(stopped_at(&process, id).await, "run_smoke_job");
    skip(&process, id).await;
    let run = process.settled(id).await;
    assert_eq!(run.state, RunState::CompletedWithExceptions, "{:#?}", run.steps);
    world.primary.control().set_faults(Vec::new());
    assert!(content::in_force(&world.primary_client()).await["job nightly"].starts_with("0 at once"));

    // The next syncs read what is at rest.
    for _ in 0..2 {
        let id = process.control.request_sync(&operator(), world.group, true).await.expect("sync")[0];
        let page =
            async || process.control.sync_page(&operator(), id, PlanFilter::default()).await.expect("page");
        until("the sync", async || page().await.run.state.is_final()).await;
        let page = page().await;
        assert_eq!(page.run.state, SyncRunState::Completed, "{:?}", page.run);
        let says = page
            .items
            .iter()
            .filter(|item| item.reason.as_ref().is_some_and(|why| why.contains("never released")));
        assert_eq!(says.count(), 5, "{:#?}", page.items);
    }

    // And what it did is given back where it is released next.
    let id = process.request_in(&world, RunbookKind::Failover, RunMode::Planned).await;
    process.approve(id).await;
    let run = process.settled(id).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    assert_eq!(content::in_force(&world.secondary_client()).await, at_first);
    let run = process.carry_out(&world, RunbookKind::Failback).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    assert_eq!(content::in_force(&world.primary_client()).await, at_first);
    assert_eq!(content::in_force(&world.secondary_client()).await, content::held(&at_first));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_failover_left_at_rest_comes_back_with_the_failback() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let at_first = content::in_force(&world.primary_client()).await;
    world.secondary.control().set_faults(vec![refused(UPDATE_JOB)]);
    let id = process.request_approved(&world, RunbookKind::Failover).await;
    for step in ["release_jobs", "run_smoke_job"] {
        assert_eq!(stopped_at(&process, id).await, step);
        skip(&process, id).await;
    }
    assert!(process.settled(id).await.state.is_ended());
    world.secondary.control().set_faults(Vec::new());

    let run = process.carry_out(&world, RunbookKind::Failback).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    assert_eq!(content::in_force(&world.primary_client()).await, at_first);
    assert_eq!(content::in_force(&world.secondary_client()).await, content::held(&at_first));
}

/// Goes past the step whose failure has paused the run.
async fn skip(process: &Process, id: RunId) {
    let index = process.run(id).await.current_step().expect("has failed");
    let skip = RunCommand::SkipStep { index, reason: "By hand later.".to_owned() };
    process.control.command_run(&operator(), id, skip).await.expect("skipped");
}
