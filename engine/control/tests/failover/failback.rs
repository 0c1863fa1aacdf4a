//! Going back when what went before was not brought to its end.

use farshore_control::RunCommand;
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
    world::{PRIMARY, World, operator},
};

const UPDATE_JOB: &str = "/api/2.2/jobs/update";

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

fn refused(path_prefix: &str) -> Fault {
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
async fn stopped_at(process: &Process, id: RunId) -> String {
    let run = process.settled(id).await;
    assert_eq!(run.state, RunState::PausedByFailedStep, "{:#?}", run.steps);
    let (definition, _) = run.current_step().and_then(|index| run.step(index)).expect("has failed");
    definition.name.clone()
}

async fn abandon(process: &Process, id: RunId) {
    let abandon = RunCommand::Abandon { reason: "Not now.".to_owned() };
    process.control.command_run(&operator(), id, abandon).await.expect("abandoned");
}
