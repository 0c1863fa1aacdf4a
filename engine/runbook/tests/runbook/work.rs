//! The loop of a server: woken at once, several runs at a time, and gone without a trace.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use farshore_model::{
    GroupId,
    run::{Run, RunState},
};
use farshore_runbook::RunWatcher;
use tokio::{sync::oneshot, task::JoinHandle, time::Instant};
use uuid::Uuid;

use crate::world::{Bench, EFFECTS, request};

struct Worker {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Worker {
    fn start(bench: &Bench) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let executor = Arc::new(bench.executor());
        let task = tokio::spawn(executor.work(async move {
            let _ = stopped.await;
        }));
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(5), self.task).await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_wakes_the_loop() {
    let mut bench = Bench::new();
    bench.options.poll_ms = farshore_model::DurationMs::from_secs(3_600);
    let worker = Worker::start(&bench);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = Instant::now();
    let id = bench.approved().await;
    while !bench.answer(id).await {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    while bench.run(id).await.state != RunState::Completed {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(before.elapsed() < Duration::from_secs(1));
    worker.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_run_that_nobody_was_woken_for_is_found() {
    let bench = Bench::new();
    let id = bench.approved().await;
    let mut elsewhere = Bench::new();
    elsewhere.store = bench.store.clone();
    let worker = Worker::start(&elsewhere);
    tokio::time::sleep(Duration::from_secs(2)).await;
    bench.answer(id).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(bench.run(id).await.state, RunState::Completed);
    worker.stop().await;
}

#[tokio::test(start_paused = true)]
async fn runs_are_driven_side_by_side() {
    let bench = Bench::new();
    let gate = bench.world.hold("fence_primary");
    let workers = [Worker::start(&bench), Worker::start(&bench)];
    let mut ids = Vec::new();
    for group in 0..10 {
        let request =
            farshore_model::run::RunRequest { group_id: GroupId(Uuid::from_u128(group)), ..request(0) };
        ids.push(bench.commands.request(request).await.unwrap().id);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    // All ten hold still at the same time.
    assert_eq!(bench.world.effects(), vec![EFFECTS[0]; 10]);
    gate.add_permits(99);
    tokio::time::sleep(Duration::from_secs(3)).await;
    for id in &ids {
        assert!(bench.answer(*id).await);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    for id in ids {
        let run = bench.run(id).await;
        assert_eq!(run.state, RunState::Completed);
        assert_eq!(run.steps.iter().map(|step| step.attempts).collect::<Vec<_>>(), [1, 1, 2, 1]);
    }
    assert_eq!(bench.world.effects().len(), 10 * EFFECTS.len());
    for worker in workers {
        worker.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stopped_process_gives_its_runs_back() {
    let bench = Bench::new();
    let gate = bench.world.hold("fence_primary");
    let id = bench.approved().await;
    let worker = Worker::start(&bench);
    tokio::time::sleep(Duration::from_secs(1)).await;
    worker.stop().await;
    gate.add_permits(99);
    let lease = bench.executor().claim().await.unwrap();
    assert!(lease.is_some_and(|lease| lease.holder == id.0), "no need to wait for the lease to expire");
    assert_eq!(bench.finish(id).await.state, RunState::Completed);
    assert_eq!(bench.world.effects(), EFFECTS);
}

#[derive(Default)]
struct Seen(Mutex<Vec<i64>>);

impl RunWatcher for Seen {
    fn run_changed(&self, run: &Run) {
        self.0.lock().unwrap().push(run.seq);
    }
}

#[tokio::test(start_paused = true)]
async fn every_entry_is_told_to_whoever_watches() {
    let seen = Arc::new(Seen::default());
    let bench = Bench::watched(seen.clone());
    let id = bench.approved().await;
    let run = bench.finish(id).await;
    assert_eq!(*seen.0.lock().unwrap(), (1..=run.seq).collect::<Vec<_>>());
}
