use farshore_model::{
    GroupId, PairId, RunId, Timestamp, WorkspaceId,
    group::{Strategy, WorkspacePair},
    run::RunState,
    view::WorkspaceStatus,
    workspace::{Cloud, Workspace},
};
use uuid::Uuid;

use super::*;

const NOW: Timestamp = Timestamp(1_000_000_000_000);

fn group(active_region: &str) -> FailoverGroup {
    FailoverGroup {
        id: GroupId(Uuid::nil()),
        name: "Payments".to_owned(),
        strategy: Strategy::ActivePassive,
        department_id: None,
        primary_region: "a".to_owned(),
        active_region: active_region.to_owned(),
        sync_interval_ms: None,
        smoke_job: None,
        suspension: None,
        version: 1,
        created_at: NOW,
    }
}

fn workspace(number: u128, region: &str) -> WorkspaceStatus {
    let workspace = Workspace {
        id: WorkspaceId(Uuid::from_u128(number)),
        name: format!("w{number}"),
        host: format!("https://w{number}"),
        org_id: number.to_string(),
        cloud: Cloud::Aws,
        region: region.to_owned(),
        version: 1,
        created_at: NOW,
    };
    WorkspaceStatus { workspace, health: None }
}

fn pair(primary: u128, secondary: u128, region: &str) -> PairStatus {
    let pair = WorkspacePair {
        id: PairId(Uuid::from_u128(primary * 100 + secondary)),
        group_id: GroupId(Uuid::nil()),
        primary: WorkspaceId(Uuid::from_u128(primary)),
        secondary: WorkspaceId(Uuid::from_u128(secondary)),
        replication_point: None,
        created_at: NOW,
    };
    let (primary, secondary) = (workspace(primary, "a"), workspace(secondary, region));
    PairStatus { pair, primary, secondary, active_side: None, objects: Vec::new() }
}

fn situation<'a>(group: &'a FailoverGroup, pairs: &'a [PairStatus]) -> Situation<'a> {
    Situation { group, pairs, open_run: None, open_fences: 0, abandoned_to: None }
}

#[test]
fn only_a_region_that_has_every_workspace_can_take_over() {
    let pairs = [pair(1, 11, "b"), pair(2, 12, "b"), pair(1, 21, "c")];
    let route = situation(&group("a"), &pairs).route(RunbookKind::Failover).expect("b is whole");
    assert_eq!(route, Route { from: "a".to_owned(), targets: vec!["b".to_owned()], is_taking_back: false });
    let none = situation(&group("a"), &pairs[1..]).route(RunbookKind::Failover).expect_err("none is whole");
    assert_eq!(none.what, "No passive region has a counterpart of every workspace of the group.");
}

#[test]
fn a_group_is_failed_over_once_and_then_back() {
    let (home, away, pairs) = (group("a"), group("b"), [pair(1, 11, "b")]);
    assert!(situation(&away, &pairs).route(RunbookKind::Failover).is_err());
    assert!(situation(&home, &pairs).route(RunbookKind::Failback).is_err());
    let back = situation(&away, &pairs).route(RunbookKind::Failback).expect("failed over");
    assert_eq!(back, Route { from: "b".to_owned(), targets: vec!["a".to_owned()], is_taking_back: false });
}

#[test]
fn an_open_fence_keeps_the_failback_waiting() {
    let (away, pairs) = (group("b"), [pair(1, 11, "b")]);
    let waiting = Situation { open_fences: 1, ..situation(&away, &pairs) };
    let why = waiting.route(RunbookKind::Failback).expect_err("fence is open").what;
    assert_eq!(why, "The fence of a is still open: the region has not been seen to stop working.");
}

#[test]
fn a_failover_given_up_half_way_can_be_taken_back() {
    let (home, pairs) = (group("a"), [pair(1, 11, "b")]);
    let given_up = Situation { abandoned_to: Some("b"), ..situation(&home, &pairs) };
    let back = given_up.route(RunbookKind::Failback).expect("the suspension stands");
    assert_eq!(back, Route { from: "b".to_owned(), targets: vec!["a".to_owned()], is_taking_back: true });
}

#[test]
fn there_is_one_open_run_a_group() {
    let (home, pairs) = (group("a"), [pair(1, 11, "b")]);
    let run = RunSummary {
        id: RunId(Uuid::nil()),
        group_id: home.id,
        group_name: home.name.clone(),
        kind: RunbookKind::Failover,
        state: RunState::PendingApproval,
        requested_by: "Olga".to_owned(),
        requested_at: NOW,
        ended_at: None,
        current_step: None,
        is_waiting_for_person: false,
    };
    let busy = Situation { open_run: Some(&run), ..situation(&home, &pairs) };
    let why = busy.route(RunbookKind::Failover).expect_err("one is open").what;
    assert_eq!(why, "A failover of this group has not ended yet.");
}
