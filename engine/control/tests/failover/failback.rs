//! Going back when what went before was not brought to its end.

use farshore_control::{RunCommand, RunRequestInput};
use farshore_databricks::WorkspaceClient;
use farshore_model::{
    RunId,
    run::{RunMode, RunState, RunbookKind},
    view::why_not,
};
use farshore_simulator::{Effect, Fault};
use serde_json::json;

use crate::{
    content,
    process::Process,
    world::{GROUP_NAME, PRIMARY, SECONDARY, World, operator},
};

pub const UPDATE_JOB: &str = "/api/2.2/jobs/update";
const EDIT_POOL: &str = "/api/2.0/instance-pools/edit";

#[tokio::test(flavor = "multi_thread")]
async fn a_failback_that_was_given_up_after_its_fence_is_repeated_without_loss() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    process.carry_out(&world, RunbookKind::Failover).await;
    pause_nightly(&world).await;
    let at_last = content::in_force(&world.secondary_client()).await;

    world.primary.control().set_faults(vec![refused(UPDATE_JOB)]);
    let id = process.request_approved(&world, RunbookKind::Failback).await;
    assert_eq!(stopped_at(&process, id).await, "release_jobs");
    abandon(&process, id).await;
    world.primary.control().set_faults(Vec::new());
    assert_eq!(content::in_force(&world.secondary_client()).await, content::held(&at_last));

    let run = process.carry_out(&world, RunbookKind::Failback).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    assert_eq!(content::in_force(&world.primary_client()).await, at_last);
    assert_eq!(content::in_force(&world.secondary_client()).await, content::held(&at_last));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_that_was_given_up_at_the_fence_is_taken_back_without_carrying_anything() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let at_first = content::in_force(&world.primary_client()).await;
    world.primary.control().set_faults(vec![refused(UPDATE_JOB)]);
    let id = process.request_in(&world, RunbookKind::Failover, RunMode::Planned).await;
    process.approve(id).await;
    assert_eq!(stopped_at(&process, id).await, "fence_primary");
    abandon(&process, id).await;
    world.primary.control().set_faults(Vec::new());
    let (primary, secondary) = (world.primary_client(), world.secondary_client());
    secondary.import_notebook(content::NOTEBOOK, "PYTHON", b"stale\n".to_vec()).await.expect("import");

    let run = process.carry_out(&world, RunbookKind::Failback).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    assert!(run.definition.steps.iter().all(|step| !step.name.starts_with("carry")));
    assert_eq!(primary.export_notebook(content::NOTEBOOK).await.expect("export"), content::SOURCE);
    assert_eq!(content::in_force(&primary).await, at_first);
    assert_eq!(content::in_force(&secondary).await, content::held(&at_first));
    let group = process.control.group_page(&operator(), world.group).await.expect("page").card.group;
    assert_eq!((group.active_region.as_str(), group.suspension), (PRIMARY, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_that_was_given_up_can_be_asked_for_again_while_the_region_is_dead() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    world.primary.control().set_down();
    world.secondary.control().set_faults(vec![refused("/api/2.2/jobs/run-now")]);
    let id = process.request_approved(&world, RunbookKind::Failover).await;
    assert_eq!(stopped_at(&process, id).await, "run_smoke_job");
    abandon(&process, id).await;

    let page = process.control.group_page(&operator(), world.group).await.expect("page");
    assert_eq!(why_not(&page.actions, "request_failover"), None);
    assert!(why_not(&page.actions, "request_failback").is_some_and(|why| why.contains("fence")));
    process.request(&world, RunbookKind::Failover).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_by_hand_outlives_the_taking_back() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    // The syncs are suspended and nothing more is done.
    world.primary.control().set_faults(vec![refused(UPDATE_JOB), refused(EDIT_POOL)]);
    let id = process.request_in(&world, RunbookKind::Failover, RunMode::Planned).await;
    process.approve(id).await;
    assert_eq!(stopped_at(&process, id).await, "fence_primary");
    abandon(&process, id).await;
    world.primary.control().set_faults(Vec::new());
    let primary = world.primary_client();
    for (name, concurrency) in [("dormant", 7), ("on file", 0)] {
        set_concurrency(&primary, name, concurrency).await;
    }
    let mut by_hand = content::in_force(&primary).await;

    let run = process.carry_out(&world, RunbookKind::Failback).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    // It had been running, and the fence has terminated it.
    by_hand.insert("cluster interactive".to_owned(), "up".to_owned());
    assert_eq!(content::in_force(&primary).await, by_hand);
    let page = process.control.run_page(&operator(), run.id).await.expect("page");
    let release =
        page.run.definition.steps.iter().position(|step| step.name == "release_jobs").expect("step");
    assert_eq!(page.run.steps[release].output.as_ref().expect("output")["changed"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_failover_follows_one_that_was_given_up() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    let at_first = content::in_force(&world.primary_client()).await;
    world.secondary.control().set_faults(vec![refused("/api/2.2/jobs/run-now")]);
    let id = process.request_approved(&world, RunbookKind::Failover).await;
    assert_eq!(stopped_at(&process, id).await, "run_smoke_job");
    abandon(&process, id).await;
    world.secondary.control().set_faults(Vec::new());

    let page = process.control.group_page(&operator(), world.group).await.expect("page");
    assert_eq!(why_not(&page.actions, "request_failover"), None);
    let reason = page.card.replication.suspension.expect("stands").reason;
    assert_eq!(
        reason,
        format!(
            "the failover to {SECONDARY} was given up; {PRIMARY} is still the active region. In {PRIMARY}, 1 instance \
             pool, 1 cluster and 5 jobs are held. In {SECONDARY}, nothing is held. Fail back to put {SECONDARY} to rest \
             and {PRIMARY} to work again, or request the failover anew; until one of them is done, syncs stay \
             suspended."
        )
    );

    let id = process.request_in(&world, RunbookKind::Failover, RunMode::Planned).await;
    process.approve(id).await;
    let run = process.settled(id).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    assert_eq!(content::in_force(&world.secondary_client()).await, at_first);
    assert_eq!(content::in_force(&world.primary_client()).await, content::held(&at_first));
    let run = process.carry_out(&world, RunbookKind::Failback).await;
    assert_eq!(run.state, RunState::Completed, "{:#?}", run.steps);
    assert_eq!(content::in_force(&world.primary_client()).await, at_first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_failover_is_refused_while_a_fence_is_open() {
    let world = World::new().await;
    content::fill(&world.primary_client()).await;
    let process = Process::start(&world).await;
    process.copy(&world).await;
    world.primary.control().set_down();
    world.secondary.control().set_faults(vec![refused("/api/2.2/jobs/run-now")]);
    let id = process.request_approved(&world, RunbookKind::Failover).await;
    assert_eq!(stopped_at(&process, id).await, "run_smoke_job");
    abandon(&process, id).await;
    let input = RunRequestInput {
        group: world.group,
        kind: RunbookKind::Failover,
        mode: RunMode::Planned,
        target_region: None,
        reason: "Again.".to_owned(),
        confirm_name: GROUP_NAME.to_owned(),
    };
    let refused = process.control.request_run(&operator(), input).await.expect_err("the fence is open");
    assert!(refused.what_happened.contains("fence"), "{refused:?}");
}

/// By hand, where the group is failed over to.
async fn pause_nightly(world: &World) {
    let secondary = world.secondary_client();
    for job in secondary.list_jobs().await.expect("jobs") {
        if job["settings"]["name"] == "nightly" {
            let mut schedule = job["settings"]["schedule"].clone();
            schedule["pause_status"] = json!("PAUSED");
            let id = job["job_id"].as_i64().expect("id");
            secondary.update_job(id, &json!({"schedule": schedule}), &[]).await.expect("update");
        }
    }
}

async fn set_concurrency(client: &WorkspaceClient, name: &str, concurrency: u32) {
    for job in client.list_jobs().await.expect("jobs") {
        if job["settings"]["name"] == name {
            let mut settings = json!({"max_concurrent_runs": concurrency});
            if concurrency == 0 {
                let mut trigger = job["settings"]["trigger"].clone();
                trigger["pause_status"] = json!("PAUSED");
                settings["trigger"] = trigger;
            }
            let id = job["job_id"].as_i64().expect("id");
            client.update_job(id, &settings, &[]).await.expect("update");
        }
    }
}

pub fn refused(path_prefix: &str) -> Fault {
    Fault {
        method: None,
        path_prefix: Some(path_prefix.to_owned()),
        times: None,
        rate: None,
        effect: Effect::Error {
            status: 400,
            error_code: "INVALID_PARAMETER_VALUE".to_owned(),
            message: "no".to_owned(),
        },
    }
}

/// Name of the step whose failure has paused the run.
pub async fn stopped_at(process: &Process, id: RunId) -> String {
    let run = process.settled(id).await;
    assert_eq!(run.state, RunState::PausedByFailedStep, "{:#?}", run.steps);
    let (definition, _) = run.current_step().and_then(|index| run.step(index)).expect("has failed");
    definition.name.clone()
}

pub async fn abandon(process: &Process, id: RunId) {
    let abandon = RunCommand::Abandon { reason: "Not now.".to_owned() };
    process.control.command_run(&operator(), id, abandon).await.expect("abandoned");
}
