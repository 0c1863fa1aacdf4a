//! An object that was changed on both sides stops the failback for a choice.

use farshore_control::RunCommand;
use farshore_model::{
    group::Side,
    run::{RunState, RunbookKind, StepState},
    view::ConflictChoice,
};
use serde_json::json;

use crate::{
    content,
    failback::{refused, stopped_at},
    process::Process,
    world::{World, operator},
};

const OF_PRIMARY: &[u8] = b"# Databricks notebook source\nprint('changed in the primary')\n";
const OF_SECONDARY: &[u8] = b"# Databricks notebook source\nprint('changed in the secondary')\n";

#[tokio::test(flavor = "multi_thread")]
async fn the_version_of_the_active_side_is_kept() {
    failback_with_conflict(Side::Secondary, OF_SECONDARY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_of_the_returned_side_is_kept() {
    failback_with_conflict(Side::Primary, OF_PRIMARY).await;
}

async fn failback_with_conflict(kept: Side, expected: &[u8]) {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    world.primary.control().set_down();
    process.carry_out(&world, RunbookKind::Failover).await;
    world.primary.control().set_up(0);
    process.fenced(&world).await;
    let (primary, secondary) = (world.primary_client(), world.secondary_client());
    primary.import_notebook(content::NOTEBOOK, "PYTHON", OF_PRIMARY.to_vec()).await.expect("import");
    secondary.import_notebook(content::NOTEBOOK, "PYTHON", OF_SECONDARY.to_vec()).await.expect("import");

    let id = process.request_approved(&world, RunbookKind::Failback).await;
    let run = process.settled(id).await;
    assert_eq!(run.state, RunState::Running, "{:#?}", run.steps);
    let index = run.current_step().expect("waits");
    let (definition, step) = run.step(index).expect("waits");
    assert_eq!((definition.name.as_str(), step.state), ("carry_back_changes", StepState::WaitingForPerson));
    let question = step.question.clone().expect("asks");
    let conflicts: Vec<ConflictChoice> = serde_json::from_value(question.details).expect("choices");
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    assert_eq!(conflicts[0].name, content::NOTEBOOK);
    assert_eq!(
        primary.export_notebook(content::NOTEBOOK).await.expect("export"),
        OF_PRIMARY,
        "nobody has chosen yet"
    );
    let summary = &process.control.runs(&operator(), Some(world.group), 1).await.expect("runs")[0];
    assert!(summary.is_waiting_for_person);

    let answer = json!({ conflicts[0].object.to_string(): kept });
    let command = RunCommand::AnswerStep { index, answer };
    process.control.command_run(&operator(), id, command).await.expect("answered");
    let run = process.settled(id).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    assert_eq!(primary.export_notebook(content::NOTEBOOK).await.expect("export"), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_although_something_else_has_failed() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    process.carry_out(&world, RunbookKind::Failover).await;
    let (primary, secondary) = (world.primary_client(), world.secondary_client());
    primary.import_notebook(content::NOTEBOOK, "PYTHON", OF_PRIMARY.to_vec()).await.expect("import");
    secondary.import_notebook(content::NOTEBOOK, "PYTHON", OF_SECONDARY.to_vec()).await.expect("import");
    for job in secondary.list_jobs().await.expect("jobs") {
        if job["settings"]["name"] == "nightly" {
            let id = job["job_id"].as_i64().expect("id");
            secondary.update_job(id, &json!({"timeout_seconds": 99}), &[]).await.expect("update");
        }
    }
    world.primary.control().set_faults(vec![refused("/api/2.2/jobs/reset")]);

    let id = process.request_approved(&world, RunbookKind::Failback).await;
    let run = process.settled(id).await;
    let index = run.current_step().expect("waits");
    let (_, step) = run.step(index).expect("waits");
    assert_eq!(step.state, StepState::WaitingForPerson, "{:#?}", run.steps);
    let question = step.question.clone().expect("asks");
    assert!(question.message.contains("1 of 1 objects could not be carried over"), "{}", question.message);
    let conflicts: Vec<ConflictChoice> = serde_json::from_value(question.details).expect("choices");
    let answer = json!({ conflicts[0].object.to_string(): Side::Secondary });
    let command = RunCommand::AnswerStep { index, answer };
    process.control.command_run(&operator(), id, command).await.expect("answered");

    // The choice is carried out; what still fails fails the step, and a retry does not ask again.
    assert_eq!(stopped_at(&process, id).await, "carry_back_changes");
    assert_eq!(primary.export_notebook(content::NOTEBOOK).await.expect("export"), OF_SECONDARY);
    world.primary.control().set_faults(Vec::new());
    let retry = RunCommand::RetryStep { index };
    process.control.command_run(&operator(), id, retry).await.expect("retried");
    let run = process.settled(id).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
}
