//! The main job: the primary region hangs, the passive one takes over, and later the work goes back.

use std::time::{Duration, Instant};

use farshore_control::RunCommand;
use farshore_model::{
    run::{RunState, RunbookKind, StepState},
    view::why_not,
};
use farshore_simulator::{Effect, Fault};

use crate::{
    content,
    process::{Process, until},
    world::{PRIMARY, SECONDARY, World, operator},
};

const CHANGED: &[u8] = b"# Databricks notebook source\nprint('changed')\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_region_is_failed_over_and_failed_back() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let at_first = content::in_force(&world.primary_client()).await;
    assert_eq!(content::in_force(&world.secondary_client()).await, content::held(&at_first));

    world.primary.control().set_down();
    let run = process.carry_out(&world, RunbookKind::Failover).await;
    assert_eq!(run.state, RunState::CompletedWithExceptions);
    assert_eq!(content::in_force(&world.secondary_client()).await, at_first);
    let fence = run.definition.steps.iter().position(|step| step.name == "fence_primary").expect("is a step");
    assert_eq!(run.steps[fence].state, StepState::Completed);
    assert!(
        run.steps[fence].exception.as_deref().is_some_and(|what| what.contains(PRIMARY)),
        "{:?}",
        run.steps[fence]
    );

    let page = process.control.group_page(&operator(), world.group).await.expect("page");
    assert_eq!(page.card.group.active_region, SECONDARY);
    assert_eq!(page.card.open_fences, 1);
    assert_eq!(page.card.recovery_time.measured_in, Some(run.id));
    assert!(why_not(&page.actions, "request_failback").is_some_and(|why| why.contains("fence")));
    let request =
        process.control.request_page(&operator(), world.group, RunbookKind::Failback).await.expect("page");
    assert!(request.why_not.is_some_and(|why| why.contains("fence")));

    // The API answers at once, the scheduler starts later: the fence has to be there before.
    let started_before = world.primary.control().runs().len();
    world.primary.control().set_up(10_000);
    let back = Instant::now();
    process.fenced(&world).await;
    assert!(back.elapsed() < Duration::from_secs(10), "the fence took {:?}", back.elapsed());
    assert_eq!(content::in_force(&world.primary_client()).await, content::held(&at_first));
    world.primary.control().advance_clock(20_000);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.primary.control().runs().len(), started_before, "the returned region started runs");
    let page = process.control.run_page(&operator(), run.id).await.expect("page");
    let report = page.fences[0].report.clone().expect("is closed");
    assert_eq!(report.started_runs, []);
    assert!(report.jobs_held > 0 && report.pools_emptied > 0, "{report:?}");

    let run = process.carry_out(&world, RunbookKind::Failback).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    assert_eq!(content::in_force(&world.primary_client()).await, at_first);
    assert_eq!(content::in_force(&world.secondary_client()).await, content::held(&at_first));
    let page = process.control.group_page(&operator(), world.group).await.expect("page");
    assert_eq!(page.card.group.active_region, PRIMARY);
    assert_eq!(page.card.group.suspension, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_while_failed_over_comes_back_with_the_failback() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    world.primary.control().set_down();
    process.carry_out(&world, RunbookKind::Failover).await;

    let secondary = world.secondary_client();
    secondary.import_notebook(content::NOTEBOOK, "PYTHON", CHANGED.to_vec()).await.expect("import");
    for job in secondary.list_jobs().await.expect("jobs") {
        if job["settings"]["name"] == "dormant" {
            let settings = serde_json::json!({"max_concurrent_runs": 7});
            secondary.update_job(job["job_id"].as_i64().expect("id"), &settings, &[]).await.expect("update");
        }
    }
    let at_last = content::in_force(&secondary).await;

    world.primary.control().set_up(0);
    process.fenced(&world).await;
    process.carry_out(&world, RunbookKind::Failback).await;
    let primary = world.primary_client();
    assert_eq!(primary.export_notebook(content::NOTEBOOK).await.expect("export"), CHANGED);
    assert_eq!(content::in_force(&primary).await, at_last);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_answers_is_fenced_at_once() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let at_first = content::in_force(&world.primary_client()).await;
    let run = process.carry_out(&world, RunbookKind::Failover).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    assert_eq!(content::in_force(&world.primary_client()).await, content::held(&at_first));
    assert_eq!(content::in_force(&world.secondary_client()).await, at_first);
    let nothing_runs = async || world.primary.control().runs().iter().all(|run| run.ended_at_ms.is_some());
    until("the primary's runs to end", nothing_runs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fence_outlives_the_process_that_opened_it() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let at_first = content::in_force(&world.primary_client()).await;
    world.primary.control().set_down();
    process.carry_out(&world, RunbookKind::Failover).await;
    process.kill(&world);
    world.primary.control().set_up(0);
    let process = Process::start(&world).await;
    process.fenced(&world).await;
    assert_eq!(content::in_force(&world.primary_client()).await, content::held(&at_first));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_that_was_given_up_can_be_taken_back() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let at_first = content::in_force(&world.primary_client()).await;
    // The smoke job cannot be started, so the run stops with everything but its last step done.
    let broken = Fault {
        method: None,
        path_prefix: Some("/api/2.2/jobs/run-now".to_owned()),
        times: None,
        rate: None,
        effect: Effect::Error {
            status: 400,
            error_code: "INVALID_PARAMETER_VALUE".to_owned(),
            message: "no".to_owned(),
        },
    };
    world.secondary.control().set_faults(vec![broken]);
    let id = process.request_approved(&world, RunbookKind::Failover).await;
    assert_eq!(process.settled(id).await.state, RunState::PausedByFailedStep);
    let abandon = RunCommand::Abandon { reason: "Wrong alarm.".to_owned() };
    process.control.command_run(&operator(), id, abandon).await.expect("abandoned");
    let group = process.control.group_page(&operator(), world.group).await.expect("page").card.group;
    assert_eq!(group.active_region, PRIMARY);
    assert!(group.suspension.is_some());

    let run = process.carry_out(&world, RunbookKind::Failback).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    assert_eq!(content::in_force(&world.primary_client()).await, at_first);
    assert_eq!(content::in_force(&world.secondary_client()).await, content::held(&at_first));
}
