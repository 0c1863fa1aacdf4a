//! Pausing, waiting for a person, and going on.

use std::sync::atomic::Ordering;

use farshore_model::run::{Command, RunState, StepState};
use farshore_runbook::CommandError;
use serde_json::json;
use tokio::task::yield_now;

use crate::world::{Bench, EFFECTS, approver, operator, why_not};

async fn settle() {
    for _ in 0..50 {
        yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_takes_hold_when_the_step_under_way_has_ended() {
    let bench = Bench::new();
    let gate = bench.world.hold("fence_primary");
    let id = bench.approved().await;
    let executor = bench.executor();
    let drive = tokio::spawn(async move { executor.run_until_idle().await });
    settle().await;

    let run = bench.commands.pause(id, &operator()).await.unwrap();
    assert_eq!((run.state, run.steps[1].state), (RunState::PausedByOperator, StepState::Running));
    assert!(why_not(&run, &operator(), Command::Abandon).unwrap().contains("under way"));
    assert!(why_not(&run, &operator(), Command::Pause).unwrap().contains("already paused"));
    gate.add_permits(9);
    drive.await.unwrap().unwrap();

    let run = bench.run(id).await;
    assert_eq!(run.state, RunState::PausedByOperator);
    assert_eq!((run.steps[1].state, run.steps[2].state), (StepState::Completed, StepState::NotStarted));
    assert_eq!(bench.executor().claim().await.unwrap(), None);

    bench.commands.resume(id, &operator()).await.unwrap();
    assert_eq!(bench.finish(id).await.state, RunState::Completed);
    assert_eq!(bench.world.effects(), EFFECTS);
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_step_of_a_paused_run_is_brought_to_its_end() {
    let bench = Bench::new();
    let gate = bench.world.hold("fence_primary");
    let id = bench.approved().await;
    let executor = bench.executor();
    let drive = tokio::spawn(async move { executor.run_until_idle().await });
    settle().await;
    bench.commands.pause(id, &operator()).await.unwrap();
    drive.abort();
    assert!(drive.await.unwrap_err().is_cancelled());
    assert_eq!(bench.world.dropped.load(Ordering::SeqCst), 1);

    gate.add_permits(9);
    let run = bench.finish(id).await;
    assert_eq!(run.state, RunState::PausedByOperator);
    assert_eq!((run.steps[1].state, run.steps[1].attempts), (StepState::Completed, 2));
    assert_eq!(run.steps[2].state, StepState::NotStarted);
    bench.commands.resume(id, &operator()).await.unwrap();
    assert_eq!(bench.finish(id).await.state, RunState::Completed);
    assert_eq!(bench.world.effects(), EFFECTS);
}

#[tokio::test(start_paused = true)]
async fn a_failure_after_the_pause_is_shown() {
    let bench = Bench::new();
    let gate = bench.world.hold("fence_primary");
    bench.world.fail_after("fence_primary", farshore_runbook::StepError::lasting("no", "yes"));
    let id = bench.approved().await;
    let executor = bench.executor();
    let drive = tokio::spawn(async move { executor.run_until_idle().await });
    settle().await;
    bench.commands.pause(id, &operator()).await.unwrap();
    gate.add_permits(9);
    drive.await.unwrap().unwrap();
    let run = bench.run(id).await;
    assert_eq!(run.state, RunState::PausedByFailedStep);
    assert!(why_not(&run, &operator(), Command::Resume).unwrap().contains("retry it"));
}

#[tokio::test(start_paused = true)]
async fn a_waiting_run_is_nobodys_work() {
    let bench = Bench::new();
    let id = bench.approved().await;
    bench.executor().run_until_idle().await.unwrap();
    let run = bench.run(id).await;
    assert_eq!((run.state, run.steps[2].state), (RunState::Running, StepState::WaitingForPerson));
    assert_eq!(run.steps[2].question.as_ref().unwrap().details, json!(["a", "b"]));
    assert_eq!(bench.executor().claim().await.unwrap(), None);

    let wrong = bench.commands.answer_step(id, 1, &operator(), json!(1)).await;
    assert!(matches!(wrong, Err(CommandError::Refused(_))), "{wrong:?}");
    let run = bench.commands.answer_step(id, 2, &operator(), json!(["b"])).await.unwrap();
    assert_eq!(run.steps[2].answer.as_ref().unwrap().value, json!(["b"]));
    assert_eq!(bench.finish(id).await.state, RunState::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_question_can_be_skipped_and_a_waiting_run_abandoned() {
    let bench = Bench::new();
    let id = bench.approved().await;
    bench.executor().run_until_idle().await.unwrap();
    bench.commands.skip_step(id, 2, &operator(), "not needed").await.unwrap();
    assert_eq!(bench.finish(id).await.state, RunState::CompletedWithExceptions);

    let bench = Bench::new();
    let id = bench.approved().await;
    bench.executor().run_until_idle().await.unwrap();
    let run = bench.commands.abandon(id, &operator(), "enough").await.unwrap();
    assert_eq!((run.state, run.steps[2].state), (RunState::Failed, StepState::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_paused_run_is_kept() {
    let bench = Bench::new();
    let id = bench.approved().await;
    bench.executor().run_until_idle().await.unwrap();
    bench.commands.pause(id, &operator()).await.unwrap();
    bench.answer(id).await;
    let run = bench.finish(id).await;
    assert_eq!((run.state, run.steps[2].state), (RunState::PausedByOperator, StepState::NotStarted));
    bench.commands.resume(id, &approver()).await.unwrap();
    assert_eq!(bench.finish(id).await.state, RunState::Completed);
}
