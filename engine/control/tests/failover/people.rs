//! The scheduled comparison of users, groups and service principals, and what it leaves in the rate budget.

use std::sync::Arc;

use farshore_databricks::{PrincipalKind, WorkspaceClient};
use farshore_model::{
    ProblemKind, Role,
    audit::AuditState,
    group::Side,
    kind::ObjectKind,
    people::{PeopleComparison, PeopleCount, WhatDiffers},
    readiness::ReadinessState,
    sync_run::SyncRunState,
    view::{AuditFilter, EndpointUse, PeopleFilter, PeoplePage, PlanFilter},
};
use farshore_simulator::{Effect, Fault, RunningSimulator};
use serde_json::json;

use crate::{
    process::{Process, until},
    world::{World, operator, person},
};

const HOUR_MS: i64 = 3_600_000;
const USERS: &str = "/api/2.0/preview/scim/v2/Users";

async fn hire(client: &WorkspaceClient, name: &str) {
    let user = json!({ "userName": name, "displayName": name });
    client.create_principal(PrincipalKind::User, &user).await.expect("user");
}

async fn round(process: &Process) {
    Arc::clone(&process.control).compare_due_people().await;
}

async fn page(world: &World, process: &Process, filter: PeopleFilter) -> PeoplePage {
    process.control.people_page(&operator(), world.group, filter).await.expect("page")
}

async fn known(world: &World, process: &Process) -> PeopleComparison {
    page(world, process, PeopleFilter::default()).await.pairs.remove(0).comparison
}

/// One round, and what is known once an attempt that began in it has ended.
async fn compared(world: &World, process: &Process) -> PeopleComparison {
    let before = known(world, process).await;
    round(process).await;
    let mut after = before.clone();
    until("the comparison", async || {
        after = known(world, process).await;
        after.tried_at != before.tried_at
    })
    .await;
    after
}

/// Differences of those whose name contains `name`.
async fn differences(world: &World, process: &Process, name: &str) -> Vec<(String, WhatDiffers)> {
    let filter = PeopleFilter { text: Some(name.to_owned()), ..PeopleFilter::default() };
    let found = page(world, process, filter).await.differences;
    found.into_iter().map(|one| (one.difference.name, one.difference.what)).collect()
}

fn users(comparison: &PeopleComparison) -> PeopleCount {
    let found = comparison.found.as_ref().expect("succeeded once");
    *found.kinds.iter().find(|count| count.kind == ObjectKind::Users).expect("users are counted")
}

fn fault(effect: Effect, times: Option<u32>) -> Vec<Fault> {
    vec![Fault { method: None, path_prefix: Some(USERS.to_owned()), times, rate: None, effect }]
}

/// How many calls read people; a comparison takes three, and one to see whether the workspace answers.
fn listings(simulator: &RunningSimulator) -> u64 {
    let calls = simulator.control().calls();
    calls.endpoints.iter().filter(|one| one.endpoint == "scim/get").map(|one| one.calls).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_found_and_found_to_be_gone() {
    let world = World::new().await;
    let process = Process::idle(&world).await;
    assert_eq!(known(&world, &process).await.tried_at, None);
    hire(&world.primary_client(), "ada@farshore.example").await;
    let first = compared(&world, &process).await;
    let only_primary = WhatDiffers::OnlyOn { side: Side::Primary };
    let expected = [("ada@farshore.example".to_owned(), only_primary)];
    assert_eq!(differences(&world, &process, "ADA@").await, expected);
    assert_eq!(users(&first).only_primary, 1);
    assert_eq!(users(&first).primary, users(&first).secondary + 1);

    // Until it is time again, what was found is what is shown.
    hire(&world.secondary_client(), "ada@farshore.example").await;
    world.clock.advance_ms(5 * HOUR_MS);
    world.secondary.control().clear_calls();
    round(&process).await;
    let shown = page(&world, &process, PeopleFilter::default()).await;
    assert_eq!(shown.pairs[0].comparison, first);
    assert_eq!(shown.pairs[0].next_at.since(first.tried_at.expect("was tried")).0, 6 * HOUR_MS);
    assert_eq!(listings(&world.secondary), 0);

    world.clock.advance_ms(HOUR_MS);
    let second = compared(&world, &process).await;
    assert_eq!(differences(&world, &process, "ada@").await, []);
    assert_eq!(users(&second).only_primary, 0);
    assert!(second.tried_at > first.tried_at && second.failure.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_refuses_leaves_what_was_found_before() {
    let world = World::new().await;
    let process = Process::idle(&world).await;
    hire(&world.primary_client(), "ada@farshore.example").await;
    let good = compared(&world, &process).await;
    let refusal =
        Effect::Error { status: 403, error_code: "PERMISSION_DENIED".to_owned(), message: "no".to_owned() };
    world.secondary.control().set_faults(fault(refusal, None));
    world.clock.advance_ms(6 * HOUR_MS);
    let failed = compared(&world, &process).await;
    assert_eq!(failed.found, good.found);
    assert_eq!(differences(&world, &process, "ada@").await.len(), 1);
    let failure = failed.failure.expect("it failed");
    assert!(failure.error.contains("payments eu-west-1"), "{failure:?}");
    assert!(!failure.error.contains("payments us-east-1") && !failure.remedy.is_empty(), "{failure:?}");

    // Nobody waits for minutes for one that hangs.
    world.secondary.control().set_down();
    world.clock.advance_ms(60_000);
    let began = std::time::Instant::now();
    let lost = compared(&world, &process).await;
    assert!(lost.failure.is_some() && began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    world.secondary.control().set_up(0);
    let failed = lost;

    // Soon after, not at once.
    round(&process).await;
    assert_eq!(known(&world, &process).await.tried_at, failed.tried_at);
    world.secondary.control().set_faults(Vec::new());
    world.clock.advance_ms(60_000);
    let mended = compared(&world, &process).await;
    assert_eq!(mended.failure, None);
    assert!(mended.found.is_some_and(|found| Some(found.as_of) == mended.tried_at));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_asks_for_a_comparison_now() {
    let world = World::new().await;
    let process = Process::idle(&world).await;
    compared(&world, &process).await;
    let viewer = person(7, "Vera Viewer", Role::Viewer);
    let refused = process.control.compare_people(&viewer, world.group).await.expect_err("may not");
    assert_eq!(refused.kind, ProblemKind::Forbidden);
    assert_eq!(known(&world, &process).await.requested_at, None);

    hire(&world.secondary_client(), "bo@farshore.example").await;
    process.control.compare_people(&operator(), world.group).await.expect("may");
    assert!(known(&world, &process).await.requested_at.is_some());
    let now = compared(&world, &process).await;
    assert_eq!(now.requested_at, None);
    let only_secondary = WhatDiffers::OnlyOn { side: Side::Secondary };
    let expected = [("bo@farshore.example".to_owned(), only_secondary)];
    assert_eq!(differences(&world, &process, "bo@").await, expected);

    let filter = AuditFilter { action: Some("compare_people".to_owned()), ..AuditFilter::default() };
    let entries = process.control.audit_page(&operator(), filter).await.expect("audit").entries;
    let acts: Vec<_> = entries.iter().map(|entry| (entry.actor_name.as_str(), entry.state)).collect();
    assert_eq!(acts, [("Olga Operator", AuditState::Succeeded), ("Vera Viewer", AuditState::Denied)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_compared_again_once_a_sync_has_carried_them() {
    let world = World::new().await;
    hire(&world.primary_client(), "ada@farshore.example").await;
    let process = Process::start(&world).await;
    until("the first comparison", async || !differences(&world, &process, "ada@").await.is_empty()).await;
    let sync = process.control.request_sync(&operator(), world.group, false).await.expect("plan")[0];
    let mut hash = None;
    until("the plan", async || {
        let page = process.control.sync_page(&operator(), sync, PlanFilter::default()).await.expect("page");
        hash = (page.run.state == SyncRunState::Planned).then_some(page.plan_hash).flatten();
        hash.is_some()
    })
    .await;
    process.control.apply_plan(&operator(), sync, &hash.expect("was waited for")).await.expect("apply");
    until("the next comparison", async || differences(&world, &process, "ada@").await.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_compare_once() {
    let world = World::new().await;
    let (one, other) = (Process::idle(&world).await, Process::idle(&world).await);
    world.primary.control().clear_calls();
    tokio::join!(round(&one), round(&other));
    until("the comparison", async || known(&world, &one).await.found.is_some()).await;
    round(&other).await;
    assert_eq!(listings(&world.primary), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_knows_when_nobody_has_compared_for_long() {
    let world = World::new().await;
    let process = Process::idle(&world).await;
    let check = async || {
        Arc::clone(&process.control).evaluate_all_readiness().await;
        let page = process.control.group_page(&operator(), world.group).await.expect("page");
        page.card.readiness.checks.into_iter().find(|check| check.name == "people").expect("is a check")
    };
    assert_eq!(check().await.state, ReadinessState::Pending);
    compared(&world, &process).await;
    assert_eq!(check().await.state, ReadinessState::Passed);
    world.clock.advance_ms(13 * HOUR_MS);
    assert_eq!(check().await.state, ReadinessState::ActionRequired);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_and_refusals_show_in_the_rate_budget() {
    let world = World::new().await;
    let process = Process::idle(&world).await;
    compared(&world, &process).await;
    let uses = async |side: usize| -> Vec<EndpointUse> {
        let page = process.control.rate_budget_page(&operator(), world.group).await.expect("page");
        assert!(page.workspaces[0].is_active && !page.workspaces[1].is_active);
        assert!(page.workspaces[side].last_used_at.is_some());
        page.workspaces[side].endpoints.clone()
    };
    let of = |uses: &[EndpointUse], name: &str| {
        uses.iter().find(|one| one.endpoint == name).expect("has a published limit").clone()
    };
    let listed = uses(0).await;
    let people = of(&listed, "scim (reads)");
    assert_eq!((people.published_requests, people.published_window_ms), (Some(255), Some(60_000)));
    assert!(people.calls >= 3 && people.calls_last_minute >= 3 && people.peak_per_s >= 1, "{people:?}");
    assert!(people.peak_percent.is_some_and(|percent| (1..=100).contains(&percent)), "{people:?}");
    assert_eq!((people.throttled, people.paused_until, people.lowered_until), (0, None, None));
    let jobs = of(&listed, "jobs/create");
    assert_eq!((jobs.published_requests, jobs.calls, jobs.last_used_at), (Some(20), 0, None));

    world.secondary.control().set_faults(fault(Effect::Throttle { retry_after_s: Some(1) }, Some(1)));
    process.control.compare_people(&operator(), world.group).await.expect("may");
    compared(&world, &process).await;
    let people = of(&uses(1).await, "scim (reads)");
    assert_eq!(people.throttled, 1);
    assert!(people.last_throttled_at.is_some() && people.lowered_until.is_some(), "{people:?}");
    assert!(people.allowed_per_s.is_some_and(|allowed| allowed < 4.25), "{people:?}");
    assert_eq!(of(&uses(0).await, "scim (reads)").throttled, 0, "the other workspace is not slowed down");
}
