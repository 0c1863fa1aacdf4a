//! Leaving a region that answers: nothing is lost.

use farshore_model::run::{RunMode, RunState, RunbookKind, StepState};

use crate::{
    content,
    process::Process,
    world::{SECONDARY, World, operator},
};

const CHANGED: &[u8] = b"# Databricks notebook source\nprint('just now')\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_failover_carries_the_last_changes_over() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let at_first = content::in_force(&world.primary_client()).await;
    world
        .primary_client()
        .import_notebook(content::NOTEBOOK, "PYTHON", CHANGED.to_vec())
        .await
        .expect("import");

    let id = process.request_in(&world, RunbookKind::Failover, RunMode::Planned).await;
    process.approve(id).await;
    let run = process.settled(id).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    assert_eq!(world.secondary_client().export_notebook(content::NOTEBOOK).await.expect("export"), CHANGED);
    assert_eq!(content::in_force(&world.secondary_client()).await, at_first);
    assert_eq!(content::in_force(&world.primary_client()).await, content::held(&at_first));
    let page = process.control.group_page(&operator(), world.group).await.expect("page");
    assert_eq!(page.card.group.active_region, SECONDARY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_failover_stops_when_the_region_cannot_be_left_in_order() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let held = content::in_force(&world.secondary_client()).await;
    world.primary.control().set_down();

    let id = process.request_in(&world, RunbookKind::Failover, RunMode::Planned).await;
    process.approve(id).await;
    let run = process.settled(id).await;
    assert_eq!(run.state, RunState::PausedByFailedStep);
    let (definition, step) = run.current_step().and_then(|index| run.step(index)).expect("has failed");
    assert_eq!((definition.name.as_str(), step.state), ("final_sync", StepState::Failed));
    assert!(step.error.as_ref().is_some_and(|error| error.remedy.contains("/syncs/")), "{step:?}");
    assert_eq!(content::in_force(&world.secondary_client()).await, held);
}
