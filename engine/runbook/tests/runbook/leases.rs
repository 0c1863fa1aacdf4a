//! One process drives a run; whoever loses its lease stops and writes nothing more.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use farshore_model::{Clock, DurationMs, Lease, run::RunState};
use farshore_runbook::{DriveError, RunStore};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    store::SlowStore,
    world::{Bench, EFFECTS, LEASE, TokioClock},
};

#[tokio::test(start_paused = true)]
async fn of_two_executors_one_drives() {
    let bench = Bench::new();
    let id = bench.approved().await;
    let (first, second) = (bench.executor(), bench.executor());
    let (one, other) = tokio::join!(first.run_until_idle(), second.run_until_idle());
    one.unwrap();
    other.unwrap();
    bench.answer(id).await;
    let (one, other) = tokio::join!(second.run_until_idle(), first.run_until_idle());
    one.unwrap();
    other.unwrap();
    let run = bench.run(id).await;
    assert_eq!(run.state, RunState::Completed);
    assert_eq!(run.steps.iter().map(|step| step.attempts).collect::<Vec<_>>(), [1, 1, 2, 1]);
    assert_eq!(bench.world.effects(), EFFECTS);
}

#[tokio::test(start_paused = true)]
async fn a_long_step_keeps_its_lease() {
    let bench = Bench::new();
    let gate = bench.world.hold("fence_primary");
    let id = bench.approved().await;
    let executor = bench.executor();
    let drive = tokio::spawn(async move { executor.run_until_idle().await });
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(bench.executor().claim().await.unwrap(), None);
    }
    gate.add_permits(9);
    drive.await.unwrap().unwrap();
    assert_eq!(bench.run(id).await.steps[1].attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_ahead_does_no_harm() {
    let mut bench = Bench::new();
    let ahead = Instant::now() - Duration::from_secs(600);
    let clock = std::mem::replace(&mut bench.commands.clock, Arc::new(TokioClock(ahead)));
    let id = bench.approved().await;
    bench.commands.clock = clock;
    assert_eq!(bench.finish(id).await.state, RunState::Completed);
    let journal = bench.store.journal(id).await.unwrap();
    assert!(journal.is_sorted_by_key(|entry| entry.at), "the journal's times run backwards");
}

/// Takes the run away from whoever has it, as a process does whose clock is ahead.
async fn steal(bench: &Bench) -> Lease {
    let ahead = bench.clock.now() + DurationMs(LEASE.0 * 2);
    bench.store.claim_next_run(Uuid::from_u128(66), ahead, LEASE).await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn losing_the_lease_stops_the_step() {
    let bench = Bench::new();
    let gate = bench.world.hold("fence_primary");
    let id = bench.approved().await;
    let executor = bench.executor();
    let drive = tokio::spawn(async move { executor.run_until_idle().await });
    tokio::time::sleep(Duration::from_millis(10)).await;
    let length = bench.store.journal(id).await.unwrap().len();
    let thief = steal(&bench).await;

    // The next renewal finds out.
    let result = drive.await.unwrap();
    assert!(matches!(result, Err(DriveError::LeaseLost)), "{result:?}");
    assert_eq!(bench.world.dropped.load(Ordering::SeqCst), 1);
    assert_eq!(bench.world.effects(), EFFECTS[..1]);
    assert_eq!(bench.store.journal(id).await.unwrap().len(), length);
    let released = bench.store.claim_next_run(Uuid::from_u128(67), bench.clock.now(), LEASE).await.unwrap();
    assert_eq!(released, None, "the loser must not release what is another's");

    bench.store.release_run(&thief).await.unwrap();
    gate.add_permits(99);
    assert_eq!(bench.finish(id).await.state, RunState::Completed);
    assert_eq!(bench.world.effects(), EFFECTS);
}

#[tokio::test(start_paused = true)]
async fn whoever_lost_the_lease_cannot_write() {
    let bench = Bench::new();
    let gate = bench.world.hold("fence_primary");
    let id = bench.approved().await;
    let executor = bench.executor();
    let drive = tokio::spawn(async move { executor.run_until_idle().await });
    tokio::time::sleep(Duration::from_millis(10)).await;
    let length = bench.store.journal(id).await.unwrap().len();
    steal(&bench).await;

    // The step goes on before a renewal finds out, and runs into its next line.
    gate.add_permits(9);
    let result = drive.await.unwrap();
    assert!(matches!(result, Err(DriveError::LeaseLost)), "{result:?}");
    assert_eq!(bench.store.journal(id).await.unwrap().len(), length);
    assert_eq!(bench.run(id).await.state, RunState::Running);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_stops_the_step_in_time() {
    let bench = Bench::new();
    let _gate = bench.world.hold("fence_primary");
    let _id = bench.approved().await;
    let store = Arc::new(SlowStore::new(bench.store.clone()));
    let executor = bench.executor_on(store.clone(), bench.steps());
    let drive = tokio::spawn(async move { executor.run_until_idle().await });
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(!drive.is_finished());
    store.is_mute.store(true, Ordering::SeqCst);
    let result = tokio::time::timeout(Duration::from_secs(25), drive).await.unwrap().unwrap();
    assert!(matches!(result, Err(DriveError::LeaseLost)), "{result:?}");
    assert_eq!(bench.world.dropped.load(Ordering::SeqCst), 1);
}
