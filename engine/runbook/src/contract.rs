//! What every [`RunStore`] promises, as tests that any implementation can run: each function wants a store of
//! its own, empty, and fails by panicking. [`verify`] runs them all.

use std::collections::BTreeSet;

use farshore_model::{
    Actor, DurationMs, GroupId, Lease, Role, RunId, Timestamp, UserId,
    run::{
        ApprovalRule, JournalEntry, Run, RunDefinition, RunEvent, RunHead, RunMode, RunOutline, RunRecord,
        RunRequest, RunState, RunbookKind, StepDefinition,
    },
};
use futures::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::{Guard, RunFilter, RunStore, StoreError};

type Verdict = Result<(), StoreError>;

const LENGTH: DurationMs = DurationMs::from_secs(15);
const T0: Timestamp = Timestamp::from_ms(1_800_000_000_000);

/// Runs the whole contract; `open` gives a new, empty store for each promise, which it gets by its name.
pub async fn verify<S: RunStore>(open: impl AsyncFn(&'static str) -> S) -> Verdict {
    created_run_is_read_back(&open("created_run_is_read_back").await).await?;
    unknown_run_is_not_found(&open("unknown_run_is_not_found").await).await?;
    id_is_taken_once(&open("id_is_taken_once").await).await?;
    group_has_one_open_exclusive_run(&open("group_has_one_open_exclusive_run").await).await?;
    entries_follow_each_other(&open("entries_follow_each_other").await).await?;
    one_of_many_appends_wins(&open("one_of_many_appends_wins").await).await?;
    every_event_is_read_back(&open("every_event_is_read_back").await).await?;
    runs_are_listed_newest_first(&open("runs_are_listed_newest_first").await).await?;
    only_drivable_runs_are_claimed(&open("only_drivable_runs_are_claimed").await).await?;
    longest_unchanged_run_is_claimed_first(&open("longest_unchanged_run_is_claimed_first").await).await?;
    each_run_is_claimed_once(&open("each_run_is_claimed_once").await).await?;
    lease_guards_every_append(&open("lease_guards_every_append").await).await?;
    expired_lease_goes_to_the_next(&open("expired_lease_goes_to_the_next").await).await?;
    renewed_lease_lasts_longer(&open("renewed_lease_lasts_longer").await).await?;
    released_run_can_be_claimed_at_once(&open("released_run_can_be_claimed_at_once").await).await
}

pub async fn created_run_is_read_back(store: &dyn RunStore) -> Verdict {
    let (record, first) = new_run(1, 1, RunbookKind::Failover, T0);
    store.create_run(&record, &first).await?;
    assert_eq!(store.journal(record.id).await?, [first]);
    assert_eq!(store.runs(&RunFilter::default()).await?, [record]);
    Ok(())
}

pub async fn unknown_run_is_not_found(store: &dyn RunStore) -> Verdict {
    let (record, _) = new_run(1, 1, RunbookKind::Failover, T0);
    let next = entry(&record, 2, RunEvent::Started);
    let lease = Lease { holder: record.id.0, owner: Uuid::from_u128(7), generation: 1 };
    assert!(matches!(store.journal(record.id).await, Err(StoreError::NotFound)));
    assert!(matches!(store.journal_since(record.id, 3).await, Err(StoreError::NotFound)));
    let appended = store.append_entry(&next, record.head.clone(), Guard::Person).await;
    assert!(matches!(appended, Err(StoreError::NotFound)), "{appended:?}");
    let appended = store.append_entry(&next, record.head, Guard::Lease { lease, now: T0 }).await;
    assert!(matches!(appended, Err(StoreError::NotFound)), "{appended:?}");
    assert!(!store.renew_run(&lease, T0, LENGTH).await?);
    store.release_run(&lease).await?;
    Ok(())
}

pub async fn id_is_taken_once(store: &dyn RunStore) -> Verdict {
    let (record, first) = new_run(1, 1, RunbookKind::Drill, T0);
    store.create_run(&record, &first).await?;
    let again = store.create_run(&record, &first).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    assert_eq!(store.journal(record.id).await?.len(), 1);
    Ok(())
}

pub async fn group_has_one_open_exclusive_run(store: &dyn RunStore) -> Verdict {
    let (open, first) = new_run(1, 1, RunbookKind::Failover, T0);
    store.create_run(&open, &first).await?;
    let (failback, failback_first) = new_run(2, 1, RunbookKind::Failback, T0);
    let refused = store.create_run(&failback, &failback_first).await;
    assert!(matches!(refused, Err(StoreError::GroupBusy(id)) if id == open.id), "{refused:?}");
    assert!(matches!(store.journal(failback.id).await, Err(StoreError::NotFound)));

    let (drill, drill_first) = new_run(3, 1, RunbookKind::Drill, T0);
    store.create_run(&drill, &drill_first).await?;
    let (elsewhere, elsewhere_first) = new_run(4, 2, RunbookKind::Failover, T0);
    store.create_run(&elsewhere, &elsewhere_first).await?;

    let end = entry(&open, 2, RunEvent::Cancelled { actor: person(), reason: "not needed".to_owned() });
    store.append_entry(&end, head(RunState::Cancelled, false), Guard::Person).await?;
    store.create_run(&failback, &failback_first).await
}

pub async fn entries_follow_each_other(store: &dyn RunStore) -> Verdict {
    let record = put_run(store, 1, T0).await?;
    for wrong in [0, 1, 3] {
        let refused = store.append_entry(&log(&record, wrong), running(), Guard::Person).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "entry {wrong}: {refused:?}");
    }
    let mut second = log(&record, 2);
    second.at = T0 + DurationMs(5);
    store.append_entry(&second, head(RunState::PausedByOperator, false), Guard::Person).await?;
    let third = log(&record, 3);
    store.append_entry(&third, head(RunState::PausedByFailedStep, false), Guard::Person).await?;

    assert_eq!(store.journal(record.id).await?.len(), 3);
    assert_eq!(store.journal_since(record.id, 1).await?, [second, third.clone()]);
    assert_eq!(store.journal_since(record.id, 3).await?, []);
    let listed = store.runs(&RunFilter::default()).await?;
    let head = head(RunState::PausedByFailedStep, false);
    assert_eq!(listed, [RunRecord { head, seq: 3, changed_at: third.at, ..record }]);
    Ok(())
}

pub async fn one_of_many_appends_wins(store: &dyn RunStore) -> Verdict {
    let record = put_run(store, 1, T0).await?;
    for seq in 2..=6 {
        let next = log(&record, seq);
        let results = join_all((0..8).map(|_| store.append_entry(&next, running(), Guard::Person))).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        let conflicts = results.iter().filter(|result| matches!(result, Err(StoreError::Conflict))).count();
        assert_eq!(conflicts, 7, "{results:?}");
    }
    let journal = store.journal(record.id).await?;
    assert_eq!(journal.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    Ok(())
}

pub async fn every_event_is_read_back(store: &dyn RunStore) -> Verdict {
    let record = put_run(store, 1, T0).await?;
    let odd = "O'Brien; \u{201e}ä\u{201c} \u{1F6A2} </textarea><script>\n\t".to_owned();
    let actor = Actor { name: odd.clone(), ..person() };
    let output = json!({ "deep": [{ "null": null, "big": 9_007_199_254_740_993_i64, "text": odd }] });
    let events = [
        RunEvent::ApprovalGiven { actor: actor.clone(), comment: odd.clone() },
        RunEvent::StepProgress { index: 0, done: u64::from(u32::MAX) + 1, total: u64::from(u32::MAX) + 2 },
        RunEvent::StepCompleted { index: 0, output, exception: Some(odd.clone()) },
        RunEvent::StepAnswered { index: 1, actor, answer: json!(null) },
        RunEvent::Finished { state: RunState::CompletedWithExceptions },
    ];
    let mut written = store.journal(record.id).await?;
    for (event, seq) in events.into_iter().zip(2..) {
        let mut next = entry(&record, seq, event);
        next.at = Timestamp(T0.0 + seq);
        store.append_entry(&next, running(), Guard::Person).await?;
        written.push(next);
    }
    assert_eq!(store.journal(record.id).await?, written);
    Ok(())
}

pub async fn runs_are_listed_newest_first(store: &dyn RunStore) -> Verdict {
    for (id, group, age) in [(1, 1, 3), (2, 2, 2), (3, 1, 1)] {
        let (record, first) = new_run(id, group, RunbookKind::Drill, T0 - DurationMs(age));
        store.create_run(&record, &first).await?;
    }
    let ids = async |filter: RunFilter| -> Result<Vec<u128>, StoreError> {
        Ok(store.runs(&filter).await?.iter().map(|record| record.id.0.as_u128()).collect())
    };
    let all = RunFilter::default();
    assert_eq!(ids(all).await?, [3, 2, 1]);
    assert_eq!(ids(RunFilter { limit: Some(2), ..all }).await?, [3, 2]);
    let group_id = Some(GroupId(Uuid::from_u128(1)));
    assert_eq!(ids(RunFilter { group_id, ..all }).await?, [3, 1]);

    let (third, _) = new_run(3, 1, RunbookKind::Drill, T0);
    store.append_entry(&log(&third, 2), head(RunState::Failed, false), Guard::Person).await?;
    assert_eq!(ids(RunFilter { is_open_only: true, ..all }).await?, [2, 1]);
    assert_eq!(ids(RunFilter { is_open_only: true, group_id, limit: Some(5) }).await?, [1]);
    Ok(())
}

pub async fn only_drivable_runs_are_claimed(store: &dyn RunStore) -> Verdict {
    let record = put_run(store, 1, T0).await?;
    let owner = Uuid::from_u128(70);
    assert_eq!(store.claim_next_run(owner, T0, LENGTH).await?, None);
    // A running run whose step waits for a person is nobody's to claim.
    store.append_entry(&log(&record, 2), head(RunState::Running, false), Guard::Person).await?;
    assert_eq!(store.claim_next_run(owner, T0, LENGTH).await?, None);
    store.append_entry(&log(&record, 3), head(RunState::PausedByOperator, true), Guard::Person).await?;
    let lease = store.claim_next_run(owner, T0, LENGTH).await?;
    assert_eq!(lease, Some(Lease { holder: record.id.0, owner, generation: 1 }));
    assert_eq!(store.claim_next_run(owner, T0, LENGTH).await?, None, "also the owner claims it only once");
    Ok(())
}

pub async fn longest_unchanged_run_is_claimed_first(store: &dyn RunStore) -> Verdict {
    for (id, age) in [(1, 1), (2, 3), (3, 2)] {
        put_drivable_run(store, id, T0 - DurationMs(age)).await?;
    }
    let mut claimed = Vec::new();
    while let Some(lease) = store.claim_next_run(Uuid::from_u128(70), T0, LENGTH).await? {
        claimed.push(lease.holder.as_u128());
    }
    assert_eq!(claimed, [2, 3, 1]);
    Ok(())
}

pub async fn each_run_is_claimed_once(store: &dyn RunStore) -> Verdict {
    for id in 1..=5 {
        put_drivable_run(store, id, T0).await?;
    }
    let claims = join_all((0..12).map(|n| store.claim_next_run(Uuid::from_u128(70 + n), T0, LENGTH))).await;
    let mut holders = Vec::new();
    for claim in claims {
        holders.extend(claim?.map(|lease| lease.holder));
    }
    // Under contention a claim may come back empty-handed; what it must not do is to take a run twice.
    while let Some(lease) = store.claim_next_run(Uuid::from_u128(99), T0, LENGTH).await? {
        holders.push(lease.holder);
    }
    assert_eq!(holders.len(), 5, "{holders:?}");
    assert_eq!(holders.iter().collect::<BTreeSet<_>>().len(), 5, "{holders:?}");
    Ok(())
}

pub async fn lease_guards_every_append(store: &dyn RunStore) -> Verdict {
    let record = put_drivable_run(store, 1, T0).await?;
    let lease = claim(store, 70, T0).await?;
    let ms = DurationMs(1);
    let stranger = Lease { owner: Uuid::from_u128(71), ..lease };
    let older = Lease { generation: lease.generation - 1, ..lease };
    let newer = Lease { generation: lease.generation + 1, ..lease };
    for (wrong, now) in [(stranger, T0), (older, T0), (newer, T0), (lease, T0 + LENGTH)] {
        // A lost lease is reported as such, whatever the number.
        for seq in [2, 3, 9] {
            let guard = Guard::Lease { lease: wrong, now };
            let refused = store.append_entry(&log(&record, seq), running(), guard).await;
            assert!(matches!(refused, Err(StoreError::LeaseLost)), "{wrong:?} {seq}: {refused:?}");
        }
    }
    let guard = Guard::Lease { lease, now: T0 + LENGTH - ms };
    store.append_entry(&log(&record, 3), running(), guard).await?;
    let conflict = store.append_entry(&log(&record, 3), running(), guard).await;
    assert!(matches!(conflict, Err(StoreError::Conflict)), "{conflict:?}");
    // A person writes whoever holds the lease, and takes it from nobody.
    store.append_entry(&log(&record, 4), running(), Guard::Person).await?;
    store.append_entry(&log(&record, 5), running(), guard).await
}

pub async fn expired_lease_goes_to_the_next(store: &dyn RunStore) -> Verdict {
    let record = put_drivable_run(store, 1, T0).await?;
    let first = claim(store, 70, T0).await?;
    let second_owner = Uuid::from_u128(71);
    let early = T0 + LENGTH - DurationMs(1);
    assert_eq!(store.claim_next_run(second_owner, early, LENGTH).await?, None);
    let expiry = T0 + LENGTH;
    assert!(!store.renew_run(&first, expiry, LENGTH).await?, "an expired lease cannot be prolonged");
    let second = claim(store, 71, expiry).await?;
    assert_eq!(second, Lease { owner: second_owner, generation: first.generation + 1, ..first });

    // Whatever the first one's clock says, it has lost.
    let guard = Guard::Lease { lease: first, now: T0 };
    let refused = store.append_entry(&log(&record, 3), running(), guard).await;
    assert!(matches!(refused, Err(StoreError::LeaseLost)), "{refused:?}");
    assert!(!store.renew_run(&first, T0, LENGTH).await?);
    store.release_run(&first).await?;
    let guard = Guard::Lease { lease: second, now: expiry };
    store.append_entry(&log(&record, 3), running(), guard).await
}

pub async fn renewed_lease_lasts_longer(store: &dyn RunStore) -> Verdict {
    let record = put_drivable_run(store, 1, T0).await?;
    let lease = claim(store, 70, T0).await?;
    let late = T0 + LENGTH - DurationMs(1);
    assert!(store.renew_run(&lease, late, LENGTH).await?);
    assert_eq!(store.claim_next_run(Uuid::from_u128(71), T0 + LENGTH, LENGTH).await?, None);
    let guard = Guard::Lease { lease, now: T0 + LENGTH };
    store.append_entry(&log(&record, 3), running(), guard).await?;
    let stranger = Lease { owner: Uuid::from_u128(71), ..lease };
    assert!(!store.renew_run(&stranger, late, LENGTH).await?);
    Ok(())
}

pub async fn released_run_can_be_claimed_at_once(store: &dyn RunStore) -> Verdict {
    let record = put_drivable_run(store, 1, T0).await?;
    let first = claim(store, 70, T0).await?;
    store.release_run(&first).await?;
    let guard = Guard::Lease { lease: first, now: T0 };
    let refused = store.append_entry(&log(&record, 3), running(), guard).await;
    assert!(matches!(refused, Err(StoreError::LeaseLost)), "{refused:?}");
    assert!(!store.renew_run(&first, T0, LENGTH).await?);
    // The same owner gets another generation, so that what it still had in flight is refused.
    let second = claim(store, 70, T0).await?;
    assert_eq!(second, Lease { generation: first.generation + 1, ..first });
    let refused = store.append_entry(&log(&record, 3), running(), guard).await;
    assert!(matches!(refused, Err(StoreError::LeaseLost)), "{refused:?}");
    Ok(())
}

fn running() -> RunHead {
    head(RunState::Running, true)
}

/// A head as an executor writes it: the store keeps it as it is, whatever the entry says.
fn head(state: RunState, is_drivable: bool) -> RunHead {
    RunHead { state, is_drivable, outline: outline() }
}

/// Of [`new_run`] after its request.
fn outline() -> RunOutline {
    RunOutline {
        requested_by: person(),
        reason: "The region is gone.".to_owned(),
        context: json!({ "replication_point": 17 }),
        approval: ApprovalRule { required: 2, role: Role::Approver },
        decisions: Vec::new(),
        operational_at: None,
        ended_at: None,
        current_step: Some("Fence the primary".to_owned()),
        is_waiting_for_person: false,
    }
}

fn person() -> Actor {
    Actor { id: UserId(Uuid::from_u128(500)), name: "Olga Operator".to_owned(), role: Role::Operator }
}

fn new_run(id: u128, group: u128, kind: RunbookKind, at: Timestamp) -> (RunRecord, JournalEntry) {
    let step = |name: &str| StepDefinition {
        name: name.to_owned(),
        title: "Fence the primary".to_owned(),
        description: String::new(),
        planned_ms: DurationMs::from_secs(20),
        input: json!({ "pair": [1, 2, 3] }),
        marks_operational: false,
    };
    let request = RunRequest {
        group_id: GroupId(Uuid::from_u128(group)),
        actor: person(),
        reason: "The region is gone.".to_owned(),
        mode: RunMode::Forced,
        definition: RunDefinition {
            kind,
            version: 3,
            steps: vec![step("fence_primary"), step("release_held")],
            approval: ApprovalRule { required: 2, role: Role::Approver },
        },
        context: json!({ "replication_point": 17 }),
    };
    let run_id = RunId(Uuid::from_u128(id));
    let record = RunRecord {
        id: run_id,
        group_id: request.group_id,
        kind,
        mode: request.mode,
        head: head(RunState::PendingApproval, false),
        seq: 1,
        created_at: at,
        changed_at: at,
    };
    let first = JournalEntry { run_id, seq: 1, at, event: RunEvent::Requested(Box::new(request)) };
    debug_assert_eq!(Run::begin(&first).map(|run| run.record()), Ok(record.clone()));
    (record, first)
}

fn entry(record: &RunRecord, seq: i64, event: RunEvent) -> JournalEntry {
    JournalEntry { run_id: record.id, seq, at: record.changed_at, event }
}

fn log(record: &RunRecord, seq: i64) -> JournalEntry {
    entry(record, seq, RunEvent::StepLog { index: 0, message: format!("line {seq}") })
}

async fn put_run(store: &dyn RunStore, id: u128, at: Timestamp) -> Result<RunRecord, StoreError> {
    let (record, first) = new_run(id, id, RunbookKind::Failover, at);
    store.create_run(&record, &first).await?;
    Ok(record)
}

/// A run with two entries that an executor could drive.
async fn put_drivable_run(store: &dyn RunStore, id: u128, at: Timestamp) -> Result<RunRecord, StoreError> {
    let record = put_run(store, id, at).await?;
    store.append_entry(&log(&record, 2), running(), Guard::Person).await?;
    Ok(record)
}

async fn claim(store: &dyn RunStore, owner: u128, now: Timestamp) -> Result<Lease, StoreError> {
    store.claim_next_run(Uuid::from_u128(owner), now, LENGTH).await?.ok_or(StoreError::NotFound)
}
