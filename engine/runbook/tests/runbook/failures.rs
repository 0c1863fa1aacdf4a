//! A failure at each step: it is shown with its remedy, and a person has it retried, skips it, or abandons.

use farshore_model::run::{Command, RunState, StepState};
use farshore_runbook::{CommandError, StepError};

use crate::world::{Bench, EFFECTS, STEPS, operator, why_not};

fn broken() -> StepError {
    StepError::lasting("The pool is gone. Nothing was deleted.", "Create the pool, then retry.")
}

fn hiccup() -> StepError {
    StepError::passing("The workspace did not answer.", "Look whether it is up.")
}

/// Whether the step fails before or after it has acted.
#[derive(Clone, Copy, Debug)]
enum When {
    Before,
    After,
}

async fn failed_at(step: &'static str, when: When) -> (Bench, farshore_model::run::Run) {
    let bench = Bench::new();
    match when {
        When::Before => bench.world.fail_before(step, broken()),
        When::After => bench.world.fail_after(step, broken()),
    }
    let id = bench.approved().await;
    let run = bench.finish(id).await;
    assert_eq!(run.state, RunState::PausedByFailedStep, "{step} {when:?}");
    (bench, run)
}

#[tokio::test(start_paused = true)]
async fn at_each_step_and_retried() {
    for (index, step) in (0..).zip(STEPS) {
        for when in [When::Before, When::After] {
            let (bench, run) = failed_at(step, when).await;
            let (_, failed) = run.step(index).unwrap();
            assert_eq!(failed.state, StepState::Failed);
            let error = failed.error.as_ref().unwrap();
            assert_eq!(
                (error.message.as_str(), error.remedy.as_str()),
                (&*broken().message, &*broken().remedy)
            );
            assert_eq!(run.next_move(), None);

            bench.commands.retry_step(run.id, index, &operator()).await.unwrap();
            let run = bench.finish(run.id).await;
            assert_eq!(run.state, RunState::Completed, "{step} {when:?}");
            assert_eq!(bench.world.effects(), EFFECTS, "{step} {when:?}");
            let (_, retried) = run.step(index).unwrap();
            assert_eq!((retried.retries, &retried.error), (1, &None));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn at_each_step_and_skipped() {
    for (index, step) in (0..).zip(STEPS) {
        // Later steps read the output of the first one, so that one is not for skipping.
        if index == 0 {
            continue;
        }
        let (bench, run) = failed_at(step, When::Before).await;
        let refused = bench.commands.skip_step(run.id, index, &operator(), " ").await;
        assert!(matches!(refused, Err(CommandError::MissingReason)));
        bench.commands.skip_step(run.id, index, &operator(), "done by hand").await.unwrap();
        let run = bench.finish(run.id).await;
        assert_eq!(run.state, RunState::CompletedWithExceptions);
        let (_, skipped) = run.step(index).unwrap();
        assert_eq!(skipped.state, StepState::Skipped);
        assert_eq!(skipped.skip.as_ref().unwrap().reason, "done by hand");
        assert!(!bench.world.effects().iter().any(|effect| effect.starts_with(step)));
        assert_eq!(run.operational_at.is_none(), step == "run_smoke_job");
    }
}

#[tokio::test(start_paused = true)]
async fn at_each_step_and_abandoned() {
    for (index, step) in (0..).zip(STEPS) {
        let (bench, run) = failed_at(step, When::After).await;
        assert_eq!(why_not(&run, &operator(), Command::Abandon), None);
        assert!(why_not(&run, &operator(), Command::Cancel).unwrap().contains("no longer cancelled"));
        let run = bench.commands.abandon(run.id, &operator(), "the region is back").await.unwrap();
        assert_eq!(run.state, RunState::Failed);
        assert_eq!(run.steps[index].state, StepState::Failed);
        assert!(run.steps[index + 1..].iter().all(|step| step.state == StepState::Cancelled));
        assert_eq!(run.end_reason.as_deref(), Some("the region is back"));
        let effects = bench.world.effects();
        assert_eq!(bench.finish(run.id).await, run, "nothing happens to an ended run");
        assert_eq!(bench.world.effects(), effects);
    }
}

#[tokio::test(start_paused = true)]
async fn passing_errors_are_retried_without_a_person() {
    for step in STEPS {
        let bench = Bench::new();
        bench.world.fail_before(step, hiccup());
        bench.world.fail_after(step, hiccup());
        let id = bench.approved().await;
        let run = bench.finish(id).await;
        assert_eq!(run.state, RunState::Completed, "{step}");
        assert_eq!(bench.world.effects(), EFFECTS, "{step}");
        let lines = run.steps.iter().flat_map(|step| &step.log);
        assert!(lines.filter(|line| line.message.contains("Trying again in")).count() > 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_is_asked_when_retrying_does_not_help() {
    let bench = Bench::new();
    for _ in 0..4 {
        bench.world.fail_before("fence_primary", hiccup());
    }
    let id = bench.approved().await;
    let before = tokio::time::Instant::now();
    bench.executor().run_until_idle().await.unwrap();
    // 1 s, 2 s and 4 s between the four tries.
    assert_eq!(before.elapsed().as_secs(), 7);
    let run = bench.run(id).await;
    assert_eq!(run.state, RunState::PausedByFailedStep);
    assert_eq!(run.steps[1].attempts, 1);
    assert_eq!(run.steps[1].error.as_ref().unwrap().message, hiccup().message);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failed_step() {
    let bench = Bench::new();
    *bench.world.panic_in.lock().unwrap() = Some("fence_primary");
    let id = bench.approved().await;
    bench.executor().run_until_idle().await.unwrap();
    let run = bench.run(id).await;
    assert_eq!(run.state, RunState::PausedByFailedStep);
    assert!(run.steps[1].error.as_ref().unwrap().message.contains("mistake in the panel"));

    *bench.world.panic_in.lock().unwrap() = None;
    bench.commands.retry_step(id, 1, &operator()).await.unwrap();
    assert_eq!(bench.finish(id).await.state, RunState::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_step_of_another_version_is_shown_to_a_person() {
    let bench = Bench::new();
    let id = bench.approved().await;
    let mut steps = bench.steps();
    steps.remove(1);
    bench.executor_on(bench.store.clone(), steps).run_until_idle().await.unwrap();
    let run = bench.run(id).await;
    assert_eq!(run.state, RunState::PausedByFailedStep);
    assert!(run.steps[1].error.as_ref().unwrap().message.contains("no step fence_primary"));

    bench.commands.retry_step(id, 1, &operator()).await.unwrap();
    assert_eq!(bench.finish(id).await.state, RunState::Completed);
}
