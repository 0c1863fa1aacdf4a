//! What counts as an outage, and what does not.

use farshore_model::{
    readiness::ReadinessState,
    view::GroupPage,
    workspace::{Reachability, WorkspaceHealth},
};
use farshore_simulator::{Effect, Fault};

use crate::{
    process::{Process, until},
    world::{World, operator},
};

const CREDENTIALS: &str = "credentials";

fn always(effect: Effect) -> Vec<Fault> {
    vec![Fault { method: None, path_prefix: None, times: None, rate: None, effect }]
}

fn refusal(status: u16, error_code: &str) -> Effect {
    Effect::Error { status, error_code: error_code.to_owned(), message: "no".to_owned() }
}

async fn page(world: &World, process: &Process) -> GroupPage {
    process.control.group_page(&operator(), world.group).await.expect("page")
}

fn health(page: &GroupPage) -> Option<WorkspaceHealth> {
    page.pairs[0].primary.health.clone()
}

fn check(page: &GroupPage) -> Option<(ReadinessState, String)> {
    let check = page.card.readiness.checks.iter().find(|check| check.name == CREDENTIALS)?;
    Some((check.state, check.remedy.clone().unwrap_or_default()))
}

async fn becomes(world: &World, process: &Process, state: Reachability) -> WorkspaceHealth {
    let mut found = None;
    until(state.as_str(), async || {
        found = health(&page(world, process).await).filter(|health| health.state == state);
        found.is_some()
    })
    .await;
    found.expect("was waited for")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_credential_is_no_outage() {
    let world = World::new().await;
    let process = Process::start(&world).await;
    let simulator = world.primary.control();
    becomes(&world, &process, Reachability::Reachable).await;
    for effect in [refusal(401, "UNAUTHENTICATED"), refusal(403, "PERMISSION_DENIED"), Effect::LoginPage] {
        simulator.set_faults(always(effect));
        let health = becomes(&world, &process, Reachability::Refused).await;
        let (error, remedy) = (health.error.expect("says why"), health.remedy.expect("says what to do"));
        assert!(!error.is_empty() && remedy.contains(". "), "{error}: {remedy}");
        until("the check", async || {
            check(&page(&world, &process).await) == Some((ReadinessState::ActionRequired, remedy.clone()))
        })
        .await;
        simulator.set_faults(Vec::new());
        becomes(&world, &process, Reachability::Reachable).await;
        until("the check", async || {
            check(&page(&world, &process).await).is_some_and(|(state, _)| state == ReadinessState::Passed)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_fails_or_hangs_is_an_outage() {
    let world = World::new().await;
    let process = Process::start(&world).await;
    let simulator = world.primary.control();
    simulator.set_faults(always(refusal(503, "TEMPORARILY_UNAVAILABLE")));
    becomes(&world, &process, Reachability::Unreachable).await;
    simulator.set_faults(Vec::new());
    becomes(&world, &process, Reachability::Reachable).await;
    simulator.set_down();
    let health = becomes(&world, &process, Reachability::Unreachable).await;
    assert!(health.remedy.is_some(), "{health:?}");
    // That is told apart from a credential that is refused.
    let state = check(&page(&world, &process).await).map(|(state, _)| state);
    assert_eq!(state, Some(ReadinessState::Passed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_workspace_answers() {
    let world = World::new().await;
    let process = Process::start(&world).await;
    let simulator = world.primary.control();
    let before = becomes(&world, &process, Reachability::Reachable).await;
    simulator.set_faults(always(Effect::Throttle { retry_after_s: Some(1) }));
    let mut seen = Vec::new();
    until("a look at the busy workspace", async || {
        let health = health(&page(&world, &process).await).expect("was looked at");
        seen.push(health.state);
        health.error.is_some()
    })
    .await;
    assert!(seen.iter().all(|&state| state == Reachability::Reachable), "{seen:?}");
    // While the client is asked to keep still, nothing is claimed.
    let health = health(&page(&world, &process).await).expect("was looked at");
    assert_eq!(health.since, before.since);
}
