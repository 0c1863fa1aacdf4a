//! Who may let a run begin.

use farshore_control::{RunCommand, RunRequestInput};
use farshore_model::{
    ProblemKind, Role,
    run::{RunMode, RunState, RunbookKind},
};

use crate::{
    process::Process,
    world::{GROUP_NAME, World, approver, operator, person},
};

fn approve() -> RunCommand {
    RunCommand::Approve { comment: "Go.".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requester_cannot_approve_and_a_decline_pauses() {
    let world = World::new().await;
    let process = Process::start(&world).await;
    let control = &process.control;
    let id = process.request(&world, RunbookKind::Failover).await;

    let refused =
        control.command_run(&operator(), id, approve()).await.expect_err("operators do not approve");
    assert_eq!(refused.kind, ProblemKind::Forbidden);
    // The same person, after their role was changed.
    let promoted = farshore_model::Actor { role: Role::Approver, ..operator() };
    let refused = control.command_run(&promoted, id, approve()).await.expect_err("requested it");
    assert_eq!(refused.kind, ProblemKind::Forbidden);
    assert_eq!(refused.what_happened, "You requested this run yourself; somebody else has to decide.");
    let page = control.approvals_page(&promoted).await.expect("page");
    assert_eq!(page.waiting[0].why_not.as_deref(), Some(refused.what_happened.as_str()));

    let decline = RunCommand::Decline { comment: "Is it really gone?".to_owned() };
    control.command_run(&approver(), id, decline).await.expect("declined");
    assert_eq!(process.run(id).await.state, RunState::PausedByOperator);
    control.command_run(&operator(), id, RunCommand::Resume).await.expect("resumed");
    assert_eq!(process.run(id).await.state, RunState::PendingApproval);
    assert!(control.approvals_page(&approver()).await.expect("page").waiting[0].why_not.is_none());

    let cancel = RunCommand::Cancel { reason: "False alarm.".to_owned() };
    control.command_run(&operator(), id, cancel).await.expect("cancelled");
    assert_eq!(process.run(id).await.state, RunState::Cancelled);
    let decided = control.approvals_page(&approver()).await.expect("page").decided;
    assert!(!decided[0].decisions[0].is_approval);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_needs_a_reason_the_groups_name_and_nothing_else_under_way() {
    let world = World::new().await;
    let process = Process::start(&world).await;
    let input = RunRequestInput {
        group: world.group,
        kind: RunbookKind::Failover,
        mode: RunMode::Forced,
        target_region: None,
        reason: "The region is gone.".to_owned(),
        confirm_name: GROUP_NAME.to_owned(),
    };
    let field_of = async |input: RunRequestInput| {
        process.control.request_run(&operator(), input).await.expect_err("refused").fields[0].0.clone()
    };
    assert_eq!(field_of(RunRequestInput { reason: "  ".to_owned(), ..input.clone() }).await, "reason");
    assert_eq!(
        field_of(RunRequestInput { confirm_name: "payments".to_owned(), ..input.clone() }).await,
        "confirm_name"
    );
    let elsewhere = RunRequestInput { target_region: Some("mars-1".to_owned()), ..input.clone() };
    assert_eq!(field_of(elsewhere).await, "target_region");

    let viewer = person(7, "Vera Viewer", Role::Viewer);
    let refused = process.control.request_run(&viewer, input.clone()).await.expect_err("viewers only look");
    assert_eq!(refused.kind, ProblemKind::Forbidden);
    let back = RunRequestInput { kind: RunbookKind::Failback, ..input.clone() };
    let refused = process.control.request_run(&operator(), back).await.expect_err("is at home");
    assert_eq!(refused.kind, ProblemKind::NotNow);

    process.control.request_run(&operator(), input.clone()).await.expect("requested");
    let refused = process.control.request_run(&operator(), input).await.expect_err("one is open");
    assert_eq!(refused.kind, ProblemKind::NotNow);
}
