//! What persons may do, and what they are told when they may not.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use farshore_model::{
    Role, RunId,
    run::{Command, RunState, StepState},
};
use farshore_runbook::CommandError;
use uuid::Uuid;

use crate::world::{Bench, actor, approver, operator, request, why_not};

fn refusal(result: Result<farshore_model::run::Run, CommandError>) -> String {
    result.expect_err("the command is refused").to_string()
}

#[tokio::test(start_paused = true)]
async fn nothing_happens_before_enough_people_have_approved() {
    let bench = Bench::new();
    let id = bench.commands.request(request(2)).await.unwrap().id;
    bench.executor().run_until_idle().await.unwrap();
    assert_eq!(bench.event_names(id).await, ["requested"]);

    let requester = actor(1, Role::Approver);
    assert!(
        refusal(bench.commands.approve(id, &requester, "").await).contains("requested this run yourself")
    );
    let viewer = actor(5, Role::Viewer);
    assert!(refusal(bench.commands.approve(id, &viewer, "").await).contains("takes the role Approver"));
    let admin = actor(6, Role::Admin);
    assert!(refusal(bench.commands.approve(id, &admin, "").await).contains("yours is Admin"));

    let run = bench.commands.approve(id, &approver(), "fine").await.unwrap();
    assert_eq!((run.state, run.approvals_missing()), (RunState::PendingApproval, 1));
    assert!(refusal(bench.commands.approve(id, &approver(), "twice").await).contains("already approved"));
    bench.executor().run_until_idle().await.unwrap();
    assert_eq!(bench.run(id).await.started_at, None);

    let run = bench.commands.approve(id, &actor(3, Role::Approver), "go").await.unwrap();
    assert_eq!((run.state, run.approvals_missing()), (RunState::Running, 0));
    assert_eq!(bench.finish(id).await.state, RunState::Completed);
    assert!(refusal(bench.commands.approve(id, &approver(), "late").await).contains("not waiting"));
}

#[tokio::test(start_paused = true)]
async fn declining_pauses_and_does_not_destroy() {
    let bench = Bench::new();
    let id = bench.commands.request(request(2)).await.unwrap().id;
    bench.commands.approve(id, &approver(), "fine").await.unwrap();
    let run = bench.commands.decline(id, &actor(3, Role::Approver), "why now?").await.unwrap();
    assert_eq!(run.state, RunState::PausedByOperator);
    assert_eq!(run.held_by, Some(actor(3, Role::Approver)));
    assert!(why_not(&run, &approver(), Command::Approve).unwrap().contains("paused by operator"));

    let run = bench.commands.resume(id, &operator()).await.unwrap();
    assert_eq!((run.state, run.approvals_missing()), (RunState::PendingApproval, 1));
    // Whoever declined may be convinced, and whoever approved may have second thoughts.
    bench.commands.decline(id, &approver(), "hm").await.unwrap();
    let run = bench.commands.resume(id, &operator()).await.unwrap();
    assert_eq!(run.approvals_missing(), 2);
    bench.commands.approve(id, &actor(3, Role::Approver), "all right").await.unwrap();
    let run = bench.commands.approve(id, &approver(), "all right").await.unwrap();
    assert_eq!(run.state, RunState::Running);
    assert_eq!(run.decisions.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_run_of_which_nothing_was_done_is_cancelled() {
    let bench = Bench::new();
    let id = bench.commands.request(request(1)).await.unwrap().id;
    assert!(refusal(bench.commands.abandon(id, &operator(), "x").await).contains("cancel the run"));
    assert!(refusal(bench.commands.cancel(id, &operator(), "").await).contains("Say why"));
    let run = bench.commands.cancel(id, &operator(), "mistake").await.unwrap();
    assert_eq!(run.state, RunState::Cancelled);
    assert!(run.steps.iter().all(|step| step.state == StepState::Cancelled));
    assert!(refusal(bench.commands.resume(id, &operator()).await).contains("has ended"));
}

#[tokio::test(start_paused = true)]
async fn a_group_fails_over_once_at_a_time() {
    let bench = Bench::new();
    let open = bench.commands.request(request(1)).await.unwrap().id;
    let refused = bench.commands.request(request(1)).await;
    assert!(matches!(refused, Err(CommandError::GroupBusy(id)) if id == open), "{refused:?}");
    bench.commands.cancel(open, &operator(), "again").await.unwrap();
    bench.commands.request(request(1)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_run_is_refused_at_once() {
    let bench = Bench::new();
    let mut without_steps = request(1);
    without_steps.definition.steps.clear();
    assert!(refusal(bench.commands.request(without_steps).await).contains("nothing was begun"));
    let mut repeated = request(1);
    repeated.definition.steps[1].name = "verify_region".to_owned();
    assert!(refusal(bench.commands.request(repeated).await).contains("nothing was begun"));
    let mut without_reason = request(1);
    without_reason.reason = "  ".to_owned();
    assert!(refusal(bench.commands.request(without_reason).await).contains("Say why"));
    let nowhere = RunId(Uuid::from_u128(404));
    assert!(refusal(bench.commands.pause(nowhere, &operator()).await).contains("no such run"));
}

#[tokio::test(start_paused = true)]
async fn the_recovery_time_runs_from_the_request_and_shows_the_wait_apart() {
    let bench = Bench::new();
    let id = bench.commands.request(request(1)).await.unwrap().id;
    tokio::time::advance(std::time::Duration::from_secs(90)).await;
    bench.commands.approve(id, &approver(), "go").await.unwrap();
    bench.executor().run_until_idle().await.unwrap();
    tokio::time::advance(std::time::Duration::from_secs(30)).await;
    bench.answer(id).await;
    bench.executor().run_until_idle().await.unwrap();
    let run = bench.run(id).await;
    let later = run.changed_at + farshore_model::DurationMs::from_secs(1_000);
    assert_eq!(run.waited_for_approval(later).as_secs(), 90);
    assert_eq!(run.recovery_time(later).as_secs(), 120);
    assert_eq!(run.recovery_time_after_approval(later).as_secs(), 30);
    assert_eq!(run.total(later).as_secs(), 120);
    assert!(!run.is_clock_running());
}

#[tokio::test]
async fn commands_given_at_once_do_not_overwrite_each_other() {
    let bench = Arc::new(Bench::new());
    let id = bench.commands.request(request(5)).await.unwrap().id;
    let approved = Arc::new(AtomicU32::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for person in 10..20 {
        let (bench, approved) = (bench.clone(), approved.clone());
        tasks.spawn(async move {
            if bench.commands.approve(id, &actor(person, Role::Approver), "go").await.is_ok() {
                approved.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(approved.load(Ordering::SeqCst), 5);
    let run = bench.run(id).await;
    assert_eq!((run.state, run.decisions.len(), run.seq), (RunState::Running, 5, 6));
}
