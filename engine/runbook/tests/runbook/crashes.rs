//! Each step twice, and a kill wherever it may fall: the world is the same as after an undisturbed run.

use std::{future::poll_fn, sync::Arc, task::Poll};

use async_trait::async_trait;
use farshore_model::{
    RunId,
    run::{Run, RunState, StepState},
};
use farshore_runbook::{
    RunStore, Step, StepContext, StepError, StepOutcome,
    crashing_store::{CrashPoint, CrashingStore},
};
use tokio::task::yield_now;

use crate::{
    store::SlowStore,
    world::{Bench, EFFECTS},
};

fn assert_undisturbed(bench: &Bench, run: &Run) {
    assert_eq!(run.state, RunState::Completed);
    assert!(run.steps.iter().all(|step| step.state == StepState::Completed));
    assert!(run.operational_at.is_some());
    assert_eq!(bench.world.effects(), EFFECTS);
}

#[tokio::test(start_paused = true)]
async fn undisturbed() {
    let bench = Bench::new();
    let id = bench.approved().await;
    let run = bench.finish(id).await;
    assert_undisturbed(&bench, &run);
    assert_eq!(run.steps.iter().map(|step| step.attempts).collect::<Vec<_>>(), [1, 1, 2, 1]);
    let journal = bench.event_names(id).await.join(" ");
    let expected = "\
        requested approval_given started \
        step_started step_completed \
        step_started step_log step_progress step_log step_progress step_completed \
        step_started step_waiting step_answered \
        step_started step_log step_progress step_completed \
        step_started step_log step_progress step_completed \
        finished";
    assert_eq!(journal, expected);
}

/// Acts, and acts again, as if it had forgotten the first time.
struct Twice(Arc<dyn Step>);

#[async_trait]
impl Step for Twice {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    async fn is_done(&self, ctx: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        self.0.is_done(ctx).await
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        let first = self.0.execute(ctx).await?;
        let second = match self.0.is_done(ctx).await? {
            Some(found) => found,
            None => self.0.execute(ctx).await?,
        };
        assert_eq!(second, first);
        Ok(second)
    }
}

#[tokio::test(start_paused = true)]
async fn each_step_twice() {
    let bench = Bench::new();
    let id = bench.approved().await;
    let steps = bench.steps().into_iter().map(|step| Arc::new(Twice(step)) as Arc<dyn Step>).collect();
    let executor = bench.executor_on(bench.store.clone(), steps);
    executor.run_until_idle().await.unwrap();
    assert!(bench.answer(id).await);
    executor.run_until_idle().await.unwrap();
    assert_undisturbed(&bench, &bench.run(id).await);
}

/// Drives until the run waits or ends, with processes whose store crashes after so many appends; returns
/// whether one did.
async fn drive_and_crash(bench: &Bench, appends: u32, point: CrashPoint) -> bool {
    let store = Arc::new(CrashingStore::new(bench.store.clone(), appends, point));
    let executor = bench.executor_on(store.clone(), bench.steps());
    assert_eq!(executor.run_until_idle().await.is_err(), store.is_crashed());
    store.is_crashed()
}

/// What the executor writes in the undisturbed run, until it waits for the answer and altogether.
const ENTRIES_BEFORE_ANSWER: u32 = 11;
const ENTRIES: u32 = 20;

#[tokio::test(start_paused = true)]
async fn a_crash_at_each_entry() {
    for point in [CrashPoint::BeforeCommit, CrashPoint::AfterCommit] {
        let mut crashes = 0;
        for appends in 0.. {
            let bench = Bench::new();
            let id = bench.approved().await;
            let mut is_crashed = drive_and_crash(&bench, appends, point).await;
            if !is_crashed && bench.answer(id).await {
                is_crashed = drive_and_crash(&bench, appends - ENTRIES_BEFORE_ANSWER, point).await;
            }
            let run = bench.finish(id).await;
            assert_undisturbed(&bench, &run);
            if !is_crashed {
                break;
            }
            crashes += 1;
        }
        assert_eq!(crashes, ENTRIES, "{point:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_crash_after_the_other() {
    for point in [CrashPoint::BeforeCommit, CrashPoint::AfterCommit] {
        for appends in 1..8 {
            let bench = Bench::new();
            let id = bench.approved().await;
            let mut crashes = 0;
            for _ in 0..60 {
                tokio::time::advance(std::time::Duration::from_secs(20)).await;
                crashes += u32::from(drive_and_crash(&bench, appends, point).await);
                bench.answer(id).await;
            }
            let effects = bench.world.effects();
            assert!(effects.len() <= EFFECTS.len() && EFFECTS.starts_with(&as_strs(&effects)), "{effects:?}");
            let run = bench.finish(id).await;
            assert_undisturbed(&bench, &run);
            assert!(crashes > 0);
        }
    }
}

fn as_strs(effects: &[String]) -> Vec<&str> {
    effects.iter().map(String::as_str).collect()
}

/// Polls a drive so many times and kills it there; returns the polls that were left when it came to its end
/// before.
async fn drive_and_kill(bench: &Bench, polls: u32) -> Option<u32> {
    let store = Arc::new(SlowStore::new(bench.store.clone()));
    let executor = bench.executor_on(store, bench.steps());
    let mut drive = Box::pin(executor.run_until_idle());
    for poll in 0..polls {
        let is_done = poll_fn(|cx| Poll::Ready(drive.as_mut().poll(cx).is_ready())).await;
        if is_done {
            return Some(polls - poll);
        }
        yield_now().await;
    }
    None
}

#[tokio::test(start_paused = true)]
async fn a_kill_at_each_await() {
    let mut kills = 0;
    for polls in 0.. {
        let bench = Bench::new();
        let id = bench.approved().await;
        let mut left = drive_and_kill(&bench, polls).await;
        if let Some(polls) = left
            && bench.answer(id).await
        {
            left = drive_and_kill(&bench, polls).await;
        }
        let run = bench.finish(id).await;
        assert_undisturbed(&bench, &run);
        if left.is_some() {
            break;
        }
        kills += 1;
    }
    // Before and after each commit at least.
    assert!(kills > 2 * ENTRIES, "{kills}");
}

#[tokio::test(start_paused = true)]
async fn a_killed_run_waits_for_its_lease_only() {
    let bench = Bench::new();
    let id: RunId = bench.approved().await;
    assert!(drive_and_crash(&bench, 4, CrashPoint::AfterCommit).await);
    let successor = bench.executor();
    assert_eq!(successor.claim().await.unwrap(), None, "the lease of the killed process still holds");
    tokio::time::advance(std::time::Duration::from_secs(15)).await;
    let lease = successor.claim().await.unwrap().unwrap();
    assert_eq!((lease.holder, lease.generation), (id.0, 2));
    assert!(bench.store.journal(id).await.unwrap().len() > 4);
}
