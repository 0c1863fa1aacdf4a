//! Killed at any moment and started again, a run goes on, and the workspaces see the same changing calls as if
//! nothing had happened.

use std::{sync::Arc, time::Duration};

use farshore_model::run::{Run, RunState, RunbookKind};
use farshore_simulator::{Effect, Fault, RunningSimulator};

use crate::{
    content,
    process::{KillPoint, Process, until},
    world::{Template, World},
};

/// More entries than any run here writes.
const NEVER: u32 = 10_000;
/// Lives at the same time: they mostly wait.
const AT_ONCE: usize = 4;

/// More lost answers than there are changing calls, repeated ones included.
const MOST_KILLS: u32 = 100;

/// A group before its failover.
async fn before_failover() -> Template {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    drop(process);
    world.into_template().await
}

/// A group before its failback, with something to carry back.
async fn before_failback() -> Template {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    process.carry_out(&world, RunbookKind::Failover).await;
    let secondary = world.secondary_client();
    secondary
        .import_notebook(content::NOTEBOOK, "PYTHON", b"print('changed')\n".to_vec())
        .await
        .expect("import");
    secondary.make_folder("/Shared/new").await.expect("folder");
    drop(process);
    world.into_template().await
}

async fn world_of(template: &Template, kind: RunbookKind) -> World {
    let world = World::restored(template).await;
    if kind == RunbookKind::Failover {
        // Gone, and quick to tell.
        let refuse =
            Fault { method: None, path_prefix: None, times: None, rate: None, effect: Effect::Refuse };
        world.primary.control().set_faults(vec![refuse]);
    }
    world
}

/// The state in which such a run ends, and what it has changed by then.
#[derive(Debug, PartialEq, Eq)]
struct Ending {
    state: RunState,
    changes: Vec<String>,
}

impl Ending {
    fn of(run: &Run, world: &World) -> Self {
        Self { state: run.state, changes: world.changes() }
    }
}

async fn undisturbed(template: &Template, kind: RunbookKind) -> (Ending, u32) {
    let world = world_of(template, kind).await;
    let process = Process::start_dying(&world, NEVER, KillPoint::BeforeCommit).await;
    let run = process.carry_out(&world, kind).await;
    assert!(run.steps.iter().all(|step| step.attempts == 1));
    // All but the request and the approval, which people write.
    (Ending::of(&run, &world), u32::try_from(run.seq).expect("small") - 2)
}

async fn killed_at(template: &Template, kind: RunbookKind, appends: u32, point: KillPoint) -> Ending {
    let world = world_of(template, kind).await;
    let process = Process::start_dying(&world, appends, point).await;
    let id = process.request_approved(&world, kind).await;
    let killed = Arc::clone(&process.killed);
    // Progress is written as often as somebody looks: a quicker run than the undisturbed one may end before that entry.
    let gets_so_far = async {
        tokio::select! {
            () = killed.notified() => {}
            _ = process.settled(id) => {}
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gets_so_far).await.expect("gets so far");
    process.kill(&world);
    let process = Process::start_dying(&world, NEVER, KillPoint::BeforeCommit).await;
    let run = process.settled(id).await;
    Ending::of(&run, &world)
}

async fn survives_every_kill(template: Template, kind: RunbookKind) {
    let (expected, entries) = undisturbed(&template, kind).await;
    assert!(!expected.changes.is_empty());
    let kills: Vec<_> = (0..entries)
        .flat_map(|appends| [(appends, KillPoint::BeforeCommit), (appends, KillPoint::AfterCommit)])
        .collect();
    let (template, expected) = (&template, &expected);
    for kills in kills.chunks(AT_ONCE) {
        let lives = kills.iter().map(async |&(appends, point)| {
            let ending = killed_at(template, kind, appends, point).await;
            assert_eq!(&ending, expected, "killed {point:?} of entry {appends}");
        });
        futures::future::join_all(lives).await;
    }
}

/// Kills the process after each changing call that has taken effect, before it gets to know.
async fn survives_lost_answers(template: Template, kind: RunbookKind) {
    let (expected, _) = undisturbed(&template, kind).await;
    let world = world_of(&template, kind).await;
    let mut process = Process::start_dying(&world, NEVER, KillPoint::BeforeCommit).await;
    let id = process.request_approved(&world, kind).await;
    let mut kills = 0;
    loop {
        let before = world.changes().len();
        lose_next_answer(&world);
        let is_over = async || is_answer_lost(&world) || process.run(id).await.state.is_ended();
        until("a lost answer, or the end", is_over).await;
        if !is_answer_lost(&world) {
            break;
        }
        kills += 1;
        assert!(kills < MOST_KILLS, "the same is done again and again: {:#?}", world.changes());
        tokio::time::sleep(Duration::from_millis(20)).await;
        process.kill(&world);
        let is_repeated = world.changes().len() == before;
        if is_repeated {
            // A call that is made again without effect would be lost for ever.
            lose_no_answer(&world);
        }
        process = Process::start_dying(&world, NEVER, KillPoint::BeforeCommit).await;
        if is_repeated {
            let goes_on = async || world.changes().len() > before || process.run(id).await.state.is_ended();
            until("the next change, or the end", goes_on).await;
        }
    }
    let run = process.run(id).await;
    assert_eq!(Ending::of(&run, &world), expected, "after {kills} kills");
    assert!(kills > 3, "only {kills} calls were lost");
}

/// The next changing call takes effect and is never answered.
fn lose_next_answer(world: &World) {
    let lost = Fault {
        method: Some("POST".to_owned()),
        path_prefix: None,
        times: Some(1),
        rate: None,
        effect: Effect::HangAfterEffect,
    };
    for simulator in [&world.primary, &world.secondary] {
        simulator.control().set_faults(refusals(simulator).chain([lost.clone()]).collect());
    }
}

fn lose_no_answer(world: &World) {
    for simulator in [&world.primary, &world.secondary] {
        simulator.control().set_faults(refusals(simulator).collect());
    }
}

fn is_answer_lost(world: &World) -> bool {
    let is_used_up =
        |simulator: &RunningSimulator| simulator.control().faults().len() == refusals(simulator).count();
    is_used_up(&world.primary) || is_used_up(&world.secondary)
}

/// The faults that the world had from the beginning.
fn refusals(simulator: &RunningSimulator) -> impl Iterator<Item = Fault> {
    simulator.control().faults().into_iter().filter(|fault| fault.effect == Effect::Refuse)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_survives_a_kill_at_each_journal_entry() {
    survives_every_kill(before_failover().await, RunbookKind::Failover).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failback_survives_a_kill_at_each_journal_entry() {
    survives_every_kill(before_failback().await, RunbookKind::Failback).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_survives_the_loss_of_each_answer() {
    survives_lost_answers(before_failover().await, RunbookKind::Failover).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failback_survives_the_loss_of_each_answer() {
    survives_lost_answers(before_failback().await, RunbookKind::Failback).await;
}
