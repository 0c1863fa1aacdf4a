use farshore_control::store::{
    ComparisonStore, HistoryStore, KindTally, LedgerViewStore, OutcomeStore, PlanStore, SyncRunStore,
};
use farshore_model::{
    GroupId, Lease, PairId, SyncRunId,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
    plan::{PlanAction, PlanItem},
    sync_run::{ItemOutcome, OutcomeState, SyncRun, SyncRunState},
    view::{Difference, DifferenceCount, LedgerFilter, LedgerRow, LedgerState},
};
use farshore_store::SqlStore;
use farshore_sync::{LedgerStore, OUT_OF_SCOPE};

use crate::{
    database::TestDatabase,
    fixtures::{Paired, after, id, keep_paired, lease, plan, plan_item, sync_run},
};

on_both_engines!(
    the_ledger_is_listed_by_pair_kind_and_name,
    the_ledger_is_filtered,
    what_was_skipped_is_a_conflict_if_it_was_one_last,
    the_ledger_is_walked_through_without_pages,
    the_ledger_is_counted_by_kind,
    the_history_of_an_object_is_its_outcomes,
    items_come_with_their_outcomes,
    two_syncs_are_compared,
    a_failure_that_was_not_tried_again_is_none_that_is_over,
    syncs_that_did_something_are_found_behind_many_that_did_not,
);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures; run it with --ignored --nocapture"]
async fn the_lists_of_fifty_thousand_objects_in_sqlite() {
    list_fifty_thousand_objects(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures; run it with --ignored --nocapture"]
async fn the_lists_of_fifty_thousand_objects_in_postgres() {
    if let Some(database) = TestDatabase::postgres().await {
        let url = database.url.clone();
        list_fifty_thousand_objects(database).await;
        crate::cluster::remove_database(&url).await;
    }
}

const JOBS: ObjectKind = ObjectKind::Jobs;
const NOTEBOOKS: ObjectKind = ObjectKind::Notebooks;

fn entry(pair: PairId, kind: ObjectKind, key: &str, name: &str) -> LedgerEntry {
    LedgerEntry {
        pair_id: pair,
        object: ObjectKey { kind, key: key.into() },
        name: name.into(),
        primary_id: Some(format!("p{key}").into()),
        secondary_id: None,
        base_hash: None,
        filled_in_hash: None,
        activation: None,
        awaits_release_on_primary: false,
        awaits_release_on_secondary: false,
        intent: None,
        last_outcome: Some(OutcomeState::Succeeded),
        last_error: None,
        agreed_at: None,
    }
}

fn names(rows: &[LedgerRow]) -> Vec<&str> {
    rows.iter().map(|row| row.name.as_str()).collect()
}

async fn listed(store: &SqlStore, group: GroupId, filter: &LedgerFilter) -> Vec<String> {
    let (rows, total) = store.ledger_rows(group, filter, 1, 50).await.unwrap();
    assert_eq!(rows.len(), total as usize);
    rows.into_iter().map(|row| row.name).collect()
}

/// A run with a plan of these items, applied under the lease that comes with it.
async fn applied(db: &TestDatabase, number: u128, paired: &Paired, items: Vec<PlanItem>) -> (SyncRun, Lease) {
    let mut run = sync_run(number, paired, SyncRunState::Planning);
    db.store.insert_sync_run(&run).await.unwrap();
    let lease = lease(&db.store, run.id.0).await;
    let plan = plan(number, paired, items);
    db.store.insert_plan(&lease, &plan).await.unwrap();
    run.plan_id = Some(plan.id);
    run.state = SyncRunState::Completed;
    db.store.update_sync_run(&lease, &run).await.unwrap();
    (run, lease)
}

async fn record(
    db: &TestDatabase,
    run: &(SyncRun, Lease),
    item: &PlanItem,
    state: OutcomeState,
    at_ms: i64,
) -> ItemOutcome {
    let outcome = ItemOutcome {
        index: item.index,
        object: item.object.clone(),
        name: item.name.to_string(),
        action: item.action,
        state,
        error: (state == OutcomeState::Failed).then(|| "refused".to_owned()),
        remedy: (state == OutcomeState::Failed).then(|| "look at it".to_owned()),
        at: after(at_ms),
    };
    db.store.record_outcome(&run.1, run.0.id, &outcome).await.unwrap();
    outcome
}

async fn the_ledger_is_listed_by_pair_kind_and_name(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let other = keep_paired(&db.store, 200, "Other").await;
    let lease = lease(&db.store, id(1)).await;
    let mut failed = entry(sales.pair.id, JOBS, "1:1", "b");
    failed.last_outcome = Some(OutcomeState::Failed);
    failed.last_error = Some("refused".to_owned());
    failed.secondary_id = Some("s1".into());
    failed.agreed_at = Some(after(7));
    failed.awaits_release_on_secondary = true;
    let mut entries =
        vec![failed, entry(sales.pair.id, JOBS, "1:2", "a"), entry(other.pair.id, JOBS, "1:3", "x")];
    entries.push(entry(sales.pair.id, NOTEBOOKS, "/n", "/n"));
    entries.push(entry(sales.pair.id, JOBS, "1:0", "b"));
    db.store.put(&lease, &entries).await.unwrap();

    let all = LedgerFilter::default();
    let (rows, total) = db.store.ledger_rows(sales.group.id, &all, 1, 3).await.unwrap();
    assert_eq!((names(&rows), total), (vec!["a", "b", "b"], 4));
    let expected = LedgerRow {
        pair_id: sales.pair.id,
        object: ObjectKey { kind: JOBS, key: "1:1".into() },
        name: "b".to_owned(),
        primary_id: Some("p1:1".to_owned()),
        secondary_id: Some("s1".into()),
        state: LedgerState::Failed,
        error: Some("refused".to_owned()),
        agreed_at: Some(after(7)),
        is_held_on_primary: false,
        is_held_on_secondary: true,
    };
    assert_eq!(rows[2], expected);
    let (rows, total) = db.store.ledger_rows(sales.group.id, &all, 2, 3).await.unwrap();
    assert_eq!((names(&rows), total), (vec!["/n"], 4));
    let rows = db.store.ledger_rows_of(sales.group.id, &expected.object).await.unwrap();
    assert_eq!(rows, std::slice::from_ref(&expected));
    assert_eq!(db.store.ledger_rows_of(other.group.id, &expected.object).await.unwrap(), []);
}

async fn the_ledger_is_filtered(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let pair = sales.pair.id;
    let lease = lease(&db.store, id(1)).await;
    let mut held = entry(pair, JOBS, "1:1", "held");
    held.awaits_release_on_primary = true;
    let mut fresh = entry(pair, JOBS, "1:2", "100%_new");
    fresh.last_outcome = None;
    let mut failed = entry(pair, NOTEBOOKS, "/a", "/a/Quarterly");
    failed.last_outcome = Some(OutcomeState::Failed);
    failed.secondary_id = Some("4711".into());
    let mut skipped = entry(pair, NOTEBOOKS, "/b", "/b/100 new");
    skipped.last_outcome = Some(OutcomeState::Skipped);
    db.store.put(&lease, &[held, fresh, failed, skipped]).await.unwrap();

    let none = LedgerFilter::default();
    let of = async |filter: LedgerFilter| listed(&db.store, sales.group.id, &filter).await;
    let state = |state| LedgerFilter { state: Some(state), ..LedgerFilter::default() };
    assert_eq!(of(LedgerFilter { kind: Some(JOBS), ..none.clone() }).await, ["100%_new", "held"]);
    assert_eq!(of(LedgerFilter { is_held_only: true, ..none.clone() }).await, ["held"]);
    assert_eq!(of(LedgerFilter { pair: Some(PairId(id(9))), ..none.clone() }).await, [""; 0]);
    assert_eq!(of(LedgerFilter { pair: Some(pair), ..none.clone() }).await.len(), 4);
    assert_eq!(of(state(LedgerState::InOrder)).await, ["held"]);
    assert_eq!(of(state(LedgerState::NotCarried)).await, ["100%_new"]);
    assert_eq!(of(state(LedgerState::Failed)).await, ["/a/Quarterly"]);
    assert_eq!(of(state(LedgerState::LeftAlone)).await, ["/b/100 new"]);
    assert_eq!(of(state(LedgerState::Conflict)).await, [""; 0]);
    let text = |text: &str| LedgerFilter { text: Some(text.to_owned()), ..LedgerFilter::default() };
    assert_eq!(of(text("quarter")).await, ["/a/Quarterly"]);
    assert_eq!(of(text("100%_")).await, ["100%_new"], "wildcards are letters");
    assert_eq!(of(text("4711")).await, ["/a/Quarterly"], "an id, as a whole");
    assert_eq!(of(text("471")).await, [""; 0]);
}

async fn what_was_skipped_is_a_conflict_if_it_was_one_last(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let writing = lease(&db.store, id(77)).await;
    let mut entries = Vec::new();
    for key in ["1:0", "1:1"] {
        let mut skipped = entry(sales.pair.id, JOBS, key, key);
        skipped.last_outcome = Some(OutcomeState::Skipped);
        entries.push(skipped);
    }
    db.store.put(&writing, &entries).await.unwrap();
    let states = async || {
        let (rows, _) = db.store.ledger_rows(sales.group.id, &LedgerFilter::default(), 1, 9).await.unwrap();
        rows.iter().map(|row| row.state).collect::<Vec<_>>()
    };
    let conflict = plan_item(0, JOBS, PlanAction::Conflict, "1:0");
    let skip = plan_item(1, JOBS, PlanAction::Skip, "1:1");
    let run = applied(&db, 1, &sales, vec![conflict.clone(), skip.clone()]).await;
    record(&db, &run, &conflict, OutcomeState::Skipped, 10).await;
    record(&db, &run, &skip, OutcomeState::Skipped, 11).await;
    assert_eq!(states().await, [LedgerState::Conflict, LedgerState::LeftAlone]);
    let (conflict, skip) = (
        PlanItem { action: PlanAction::Skip, ..conflict },
        PlanItem { action: PlanAction::Conflict, ..skip },
    );
    let run = applied(&db, 2, &sales, vec![conflict.clone(), skip.clone()]).await;
    record(&db, &run, &conflict, OutcomeState::Skipped, 20).await;
    record(&db, &run, &skip, OutcomeState::Skipped, 21).await;
    assert_eq!(states().await, [LedgerState::LeftAlone, LedgerState::Conflict]);
    // It is out of the scope by now: no sync dealt with it, and nobody is asked about it any more.
    let mut excluded = entries[1].clone();
    excluded.last_error = Some(OUT_OF_SCOPE.to_owned());
    db.store.put(&writing, &[excluded]).await.unwrap();
    assert_eq!(states().await, [LedgerState::LeftAlone; 2]);
    db.store.put(&writing, &entries).await.unwrap();
    // The same object of another pair says nothing about this one.
    let other = keep_paired(&db.store, 200, "Other").await;
    let run = applied(&db, 3, &other, vec![skip.clone()]).await;
    let skip = PlanItem { action: PlanAction::Skip, ..skip };
    record(&db, &run, &skip, OutcomeState::Skipped, 30).await;
    assert_eq!(states().await, [LedgerState::LeftAlone, LedgerState::Conflict]);
}

async fn the_ledger_is_walked_through_without_pages(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let lease = lease(&db.store, id(1)).await;
    let of_kind = |kind: ObjectKind, number: u32| {
        entry(sales.pair.id, kind, &format!("1:{number}"), &format!("object {}", number / 3))
    };
    let entries: Vec<LedgerEntry> =
        (0..40).map(|number| of_kind(if number % 2 == 0 { JOBS } else { NOTEBOOKS }, number)).collect();
    db.store.put(&lease, &entries).await.unwrap();
    let filter = LedgerFilter { text: Some("object".to_owned()), ..LedgerFilter::default() };
    let (expected, _) = db.store.ledger_rows(sales.group.id, &filter, 1, 100).await.unwrap();
    let mut walked: Vec<LedgerRow> = Vec::new();
    loop {
        let rows = db.store.ledger_rows_after(sales.group.id, &filter, walked.last(), 7).await.unwrap();
        if rows.is_empty() {
            break;
        }
        walked.extend(rows);
    }
    assert_eq!((walked.len(), walked), (40, expected));
}

async fn the_ledger_is_counted_by_kind(db: TestDatabase) {
    let lease = lease(&db.store, id(1)).await;
    let pair = PairId(id(10));
    let with = |key: &str, outcome: OutcomeState, agreed_ms: Option<i64>| LedgerEntry {
        last_outcome: Some(outcome),
        agreed_at: agreed_ms.map(after),
        ..entry(pair, ObjectKind::Permissions, key, key)
    };
    let mut out_of_scope = with("1", OutcomeState::Skipped, Some(1));
    out_of_scope.last_error = Some(OUT_OF_SCOPE.to_owned());
    let mut chosen = with("3", OutcomeState::Skipped, None);
    chosen.last_error = Some("the version in primary was chosen".to_owned());
    let mut held = with("4", OutcomeState::Succeeded, Some(9));
    held.awaits_release_on_secondary = true;
    let entries = [
        out_of_scope,
        with("2", OutcomeState::Failed, Some(5)),
        chosen,
        held,
        entry(pair, JOBS, "1:1", "job"),
    ];
    db.store.put(&lease, &entries).await.unwrap();
    let tally = |kind, objects, in_scope, [failed, passed_over, held]: [u32; 3], agreed_ms: Option<i64>| {
        KindTally { kind, objects, in_scope, failed, passed_over, held, agreed_since: agreed_ms.map(after) }
    };
    let expected = [tally(JOBS, 1, 1, [0; 3], None), tally(ObjectKind::Permissions, 4, 3, [1; 3], Some(5))];
    assert_eq!(db.store.ledger_tallies(pair).await.unwrap(), expected);
    assert_eq!(db.store.ledger_tallies(PairId(id(11))).await.unwrap(), []);
}

async fn the_history_of_an_object_is_its_outcomes(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let other = keep_paired(&db.store, 200, "Other").await;
    let item = |action| plan_item(0, JOBS, action, "nightly");
    let mut expected = Vec::new();
    for (number, action, state, at_ms) in [
        (1, PlanAction::Create, OutcomeState::Failed, 10),
        (2, PlanAction::Skip, OutcomeState::Skipped, 20),
        (3, PlanAction::Update, OutcomeState::Succeeded, 30),
    ] {
        let item = item(action);
        let run = applied(&db, number, &sales, vec![item.clone()]).await;
        let outcome = record(&db, &run, &item, state, at_ms).await;
        if action != PlanAction::Skip {
            expected.insert(0, (run.0.id, outcome, item));
        }
    }
    let elsewhere = applied(&db, 4, &other, vec![item(PlanAction::Create)]).await;
    record(&db, &elsewhere, &item(PlanAction::Create), OutcomeState::Succeeded, 40).await;

    let object = item(PlanAction::Create).object;
    let (events, total) = db.store.object_events(sales.group.id, &object, 1, 20).await.unwrap();
    assert_eq!((events.len(), total), (2, 2));
    for (event, (run, outcome, item)) in events.iter().zip(&expected) {
        assert_eq!((event.sync_run_id, event.pair_id, event.at), (*run, sales.pair.id, outcome.at));
        assert_eq!((event.action, event.state), (outcome.action, outcome.state));
        assert_eq!(
            (&*event.name, &event.changes, &event.error),
            (&*item.name, &item.changes, &outcome.error)
        );
        assert_eq!(event.requested_by.as_deref(), Some("Olga Operator"));
    }
    let (second, total) = db.store.object_events(sales.group.id, &object, 2, 1).await.unwrap();
    assert_eq!((&second[..], total), (&events[1..], 2));
    let unknown = ObjectKey { kind: NOTEBOOKS, ..object };
    assert_eq!(db.store.object_events(sales.group.id, &unknown, 1, 9).await.unwrap(), (Vec::new(), 0));
}

async fn items_come_with_their_outcomes(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let items: Vec<PlanItem> =
        (0..5).map(|index| plan_item(index, JOBS, PlanAction::Create, &format!("job {index}"))).collect();
    let run = applied(&db, 1, &sales, items.clone()).await;
    let outcome = record(&db, &run, &items[3], OutcomeState::Failed, 10).await;
    let plan = run.0.plan_id.unwrap();
    let first = db.store.items_after(plan, run.0.id, None, 2).await.unwrap();
    assert_eq!(first, [(items[0].clone(), None), (items[1].clone(), None)]);
    let rest = db.store.items_after(plan, run.0.id, Some(1), 9).await.unwrap();
    let expected = [(items[2].clone(), None), (items[3].clone(), Some(outcome)), (items[4].clone(), None)];
    assert_eq!(rest, expected);
    assert_eq!(db.store.items_after(plan, run.0.id, Some(4), 9).await.unwrap(), []);
}

async fn two_syncs_are_compared(db: TestDatabase) {
    use Difference::{ChangedByBoth, FailedInBoth, NewFailure, NoLongerFailing, OnlyFirst, OnlySecond};
    use OutcomeState::{Failed, Skipped, Succeeded};
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let cases = [
        (Some(Succeeded), Some(Succeeded), Some(ChangedByBoth)),
        (Some(Succeeded), None, Some(OnlyFirst)),
        (None, Some(Succeeded), Some(OnlySecond)),
        (Some(Succeeded), Some(Skipped), Some(OnlyFirst)),
        (Some(Succeeded), Some(Failed), Some(NewFailure)),
        (None, Some(Failed), Some(NewFailure)),
        (Some(Failed), Some(Succeeded), Some(NoLongerFailing)),
        (Some(Failed), None, Some(NoLongerFailing)),
        (Some(Failed), Some(Failed), Some(FailedInBoth)),
        (Some(Failed), Some(Skipped), Some(OnlyFirst)),
        (Some(Skipped), None, None),
    ];
    let item = |index| plan_item(index, JOBS, PlanAction::Update, &format!("job {index}"));
    let items: Vec<PlanItem> = (0..).take(cases.len()).map(item).collect();
    let first = applied(&db, 1, &sales, items.clone()).await;
    let second = applied(&db, 2, &sales, items.clone()).await;
    for (item, (in_first, in_second, _)) in items.iter().zip(&cases) {
        for (run, state) in [(&first, in_first), (&second, in_second)] {
            if let Some(state) = state {
                record(&db, run, item, *state, 10).await;
            }
        }
    }
    let (first, second) = (first.0.id, second.0.id);
    let rows = db.store.differences(first, second, None, 1, 50).await.unwrap();
    let found: Vec<_> = rows
        .iter()
        .map(|row| {
            let state = |outcome: &Option<farshore_model::view::ComparedOutcome>| {
                outcome.as_ref().map(|outcome| outcome.state).filter(|state| *state != Skipped)
            };
            (state(&row.first), state(&row.second), Some(row.difference))
        })
        .collect();
    let without_skips = |(first, second, difference): (Option<OutcomeState>, _, Option<Difference>)| {
        let kept = |state: Option<OutcomeState>| state.filter(|state| *state != Skipped);
        difference.map(|_| (kept(first), kept(second), difference))
    };
    let mut expected: Vec<_> = cases.into_iter().filter_map(without_skips).collect();
    expected.sort_by_key(|(_, _, difference)| *difference);
    assert_eq!(found, expected);
    let second_of_first = rows[0].second.as_ref().expect("it is a new failure");
    assert_eq!(second_of_first.error.as_deref(), Some("refused"));
    assert_eq!(second_of_first.remedy.as_deref(), Some("look at it"));

    let count = |difference, objects| DifferenceCount { difference, objects };
    let expected = [
        count(NewFailure, 2),
        count(NoLongerFailing, 2),
        count(FailedInBoth, 1),
        count(OnlySecond, 1),
        count(OnlyFirst, 3),
        count(ChangedByBoth, 1),
    ];
    assert_eq!(db.store.difference_counts(first, second).await.unwrap(), expected);
    let page = db.store.differences(first, second, Some(OnlyFirst), 2, 1).await.unwrap();
    assert_eq!(page.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["job 3"]);
    assert_eq!(db.store.difference_counts(SyncRunId(id(8)), SyncRunId(id(9))).await.unwrap(), []);
}

/// A sync of everything that has nothing to do for an object has found it equal; no other one has.
async fn a_failure_that_was_not_tried_again_is_none_that_is_over(db: TestDatabase) {
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let item = plan_item(0, JOBS, PlanAction::Update, "job");
    let first = applied(&db, 1, &sales, vec![item.clone()]).await;
    record(&db, &first, &item, OutcomeState::Failed, 10).await;
    let cases = [
        (SyncRunState::Completed, None, Difference::NoLongerFailing),
        (SyncRunState::CompletedWithFailures, None, Difference::NoLongerFailing),
        (SyncRunState::Failed, None, Difference::OnlyFirst),
        (SyncRunState::Completed, Some(1), Difference::OnlyFirst),
    ];
    for (number, (state, only, expected)) in (2..).zip(cases) {
        let second = SyncRun { only, ..sync_run(number, &sales, state) };
        db.store.insert_sync_run(&second).await.unwrap();
        let rows = db.store.differences(first.0.id, second.id, None, 1, 9).await.unwrap();
        let found: Vec<Difference> = rows.iter().map(|row| row.difference).collect();
        assert_eq!(found, [expected], "{state} {only:?}");
    }
}

async fn syncs_that_did_something_are_found_behind_many_that_did_not(db: TestDatabase) {
    let (sales, other) =
        (keep_paired(&db.store, 100, "Sales").await, keep_paired(&db.store, 200, "Other").await);
    let keep = async |number: u128, paired: &Paired, total: u32| {
        let run = SyncRun {
            group_id: sales.group.id,
            total,
            apply_began_at: (total > 0).then(|| after(1)),
            ..sync_run(number, paired, SyncRunState::Completed)
        };
        db.store.insert_sync_run(&run).await.unwrap();
        run
    };
    let (early, late) = (keep(1, &sales, 1).await, keep(2, &sales, 2).await);
    let of_other = keep(3, &other, 3).await;
    for number in 10..520 {
        keep(number, &sales, 0).await;
    }
    let found = async |pair, before, limit| {
        let runs = db.store.comparable_syncs(sales.group.id, pair, before, limit).await.unwrap();
        runs.into_iter().map(|run| run.total).collect::<Vec<_>>()
    };
    assert_eq!(found(None, None, 9).await, [3, 2, 1]);
    assert_eq!(found(None, None, 2).await, [3, 2]);
    assert_eq!(found(Some(sales.pair.id), None, 9).await, [2, 1]);
    assert_eq!(found(Some(sales.pair.id), Some(&late), 9).await, [1]);
    assert_eq!(found(None, Some(&of_other), 1).await, [2]);
    assert_eq!(found(Some(sales.pair.id), Some(&early), 9).await, [0; 0]);
}

/// Prints how long each list takes.
async fn list_fifty_thousand_objects(db: TestDatabase) {
    const OBJECTS: usize = 50_000;
    let sales = keep_paired(&db.store, 100, "Sales").await;
    let lease = lease(&db.store, id(1)).await;
    let entries: Vec<LedgerEntry> = (0..OBJECTS)
        .map(|number| {
            let kind = ObjectKind::ALL[number % ObjectKind::ALL.len()];
            let key = format!("/Shared/team {}/object {number}", number % 97);
            let mut entry = entry(sales.pair.id, kind, &key, &key);
            entry.base_hash = Some("ab".repeat(32));
            entry.activation = Some(serde_json::json!({ "padding": "x".repeat(300) }));
            entry.last_outcome =
                Some(if number % 100 == 0 { OutcomeState::Failed } else { OutcomeState::Succeeded });
            entry
        })
        .collect();
    for entries in entries.chunks(5_000) {
        db.store.put(&lease, entries).await.unwrap();
    }
    let none = LedgerFilter::default();
    let failed = LedgerFilter { state: Some(LedgerState::Failed), ..none.clone() };
    let kind = LedgerFilter { kind: Some(ObjectKind::Jobs), ..none.clone() };
    let text = LedgerFilter { text: Some("object 4999".to_owned()), ..none.clone() };
    for (what, filter, page) in [
        ("first page", &none, 1),
        ("last page", &none, 1_000),
        ("failed", &failed, 2),
        ("one kind", &kind, 3),
        ("part of a name", &text, 1),
    ] {
        let began = tokio::time::Instant::now();
        let (rows, total) = db.store.ledger_rows(sales.group.id, filter, page, 50).await.unwrap();
        println!("{what}: {} of {total} in {:?}", rows.len(), began.elapsed());
        assert!(!rows.is_empty(), "{what}");
    }
    let began = tokio::time::Instant::now();
    assert_eq!(db.store.ledger_tallies(sales.pair.id).await.unwrap().len(), ObjectKind::ALL.len());
    println!("counted by kind in {:?}", began.elapsed());
    let began = tokio::time::Instant::now();
    let middle = db.store.ledger_rows(sales.group.id, &none, 25_000, 1).await.unwrap().0;
    let rows = db.store.ledger_rows_after(sales.group.id, &none, middle.first(), 1_000).await.unwrap();
    println!("a thousand from the middle in {:?}", began.elapsed());
    assert_eq!(rows.len(), 1_000);
}
