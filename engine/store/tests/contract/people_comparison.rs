use farshore_control::store::{PeopleComparisonStore, StoreError};
use farshore_model::{
    PairId, Timestamp,
    group::Side,
    kind::ObjectKind,
    people::{PeopleComparison, PeopleCount, PeopleDifference, PeopleFailure, PeopleFound, WhatDiffers},
    view::{PairDifference, PeopleFilter},
};

use crate::{
    database::TestDatabase,
    fixtures::{after, id, keep_paired, lease, lost_lease},
};

on_both_engines!(
    a_pair_that_nobody_compared_has_no_comparison,
    what_is_found_replaces_what_was_found_before,
    a_failure_leaves_what_was_found,
    a_request_stands_until_an_attempt_that_began_after_it,
    differences_are_filtered_and_paged,
    as_many_differences_as_there_are_come_back_in_order,
    a_lost_lease_writes_nothing,
);

fn only_on(kind: ObjectKind, name: &str, side: Side) -> PeopleDifference {
    PeopleDifference { kind, name: name.to_owned(), what: WhatDiffers::OnlyOn { side } }
}

fn field(name: &str, field: &str, primary: Option<&str>, secondary: Option<&str>) -> PeopleDifference {
    let what = WhatDiffers::Field {
        field: field.to_owned(),
        primary: primary.map(str::to_owned),
        secondary: secondary.map(str::to_owned),
    };
    PeopleDifference { kind: ObjectKind::Groups, name: name.to_owned(), what }
}

fn found(as_of: Timestamp) -> PeopleFound {
    let kinds = [ObjectKind::Users, ObjectKind::Groups].map(|kind| PeopleCount {
        kind,
        primary: 7,
        secondary: 8,
        only_primary: 1,
        only_secondary: 2,
        fields: 3,
    });
    PeopleFound { as_of, kinds: kinds.to_vec() }
}

fn failure(at: Timestamp) -> PeopleFailure {
    PeopleFailure { at, error: "it hangs „quite“".to_owned(), remedy: "Wait.".to_owned() }
}

fn of_pair(pair: PairId, differences: &[PeopleDifference]) -> Vec<PairDifference> {
    differences.iter().map(|one| PairDifference { pair_id: pair, difference: one.clone() }).collect()
}

async fn a_pair_that_nobody_compared_has_no_comparison(db: TestDatabase) {
    let paired = keep_paired(&db.store, 100, "Sales").await;
    assert_eq!(db.store.people_comparisons(None).await.unwrap(), []);
    let all = PeopleFilter::default();
    assert_eq!(db.store.people_differences(paired.group.id, &all, 10).await.unwrap(), (Vec::new(), 0));
}

async fn what_is_found_replaces_what_was_found_before(db: TestDatabase) {
    let paired = keep_paired(&db.store, 100, "Sales").await;
    let other = keep_paired(&db.store, 200, "Other").await;
    let (pair, group) = (paired.pair.id, paired.group.id);
    let lease = lease(&db.store, pair.0).await;
    let before = [only_on(ObjectKind::Users, "ada", Side::Primary), field("ops", "members", Some("x"), None)];
    db.store.put_people_found(&lease, pair, &found(after(1)), &before).await.unwrap();
    let all = PeopleFilter::default();
    let stored = db.store.people_differences(group, &all, 10).await.unwrap();
    assert_eq!(stored, (of_pair(pair, &before), 2));

    let now = [only_on(ObjectKind::Users, "bo", Side::Secondary)];
    db.store.put_people_found(&lease, pair, &found(after(5)), &now).await.unwrap();
    let stored = db.store.people_differences(group, &all, 10).await.unwrap();
    assert_eq!(stored, (of_pair(pair, &now), 1));
    let comparison = PeopleComparison {
        pair_id: pair,
        found: Some(found(after(5))),
        failure: None,
        tried_at: Some(after(5)),
        requested_at: None,
    };
    assert_eq!(db.store.people_comparisons(Some(group)).await.unwrap(), [comparison]);
    assert_eq!(db.store.people_comparisons(Some(other.group.id)).await.unwrap(), []);
    assert_eq!(db.store.people_differences(other.group.id, &all, 10).await.unwrap().1, 0);
}

async fn a_failure_leaves_what_was_found(db: TestDatabase) {
    let paired = keep_paired(&db.store, 100, "Sales").await;
    let (pair, group) = (paired.pair.id, paired.group.id);
    let lease = lease(&db.store, pair.0).await;
    db.store.put_people_failure(&lease, pair, after(1), &failure(after(2))).await.unwrap();
    let stored = db.store.people_comparisons(None).await.unwrap();
    let failed = PeopleComparison {
        pair_id: pair,
        found: None,
        failure: Some(failure(after(2))),
        tried_at: Some(after(1)),
        requested_at: None,
    };
    assert_eq!(stored, std::slice::from_ref(&failed));

    let differences = [only_on(ObjectKind::Users, "ada", Side::Primary)];
    db.store.put_people_found(&lease, pair, &found(after(10)), &differences).await.unwrap();
    assert_eq!(db.store.people_comparisons(None).await.unwrap()[0].failure, None);
    db.store.put_people_failure(&lease, pair, after(20), &failure(after(21))).await.unwrap();
    let failed_again = PeopleComparison {
        found: Some(found(after(10))),
        failure: Some(failure(after(21))),
        tried_at: Some(after(20)),
        ..failed
    };
    assert_eq!(db.store.people_comparisons(None).await.unwrap(), [failed_again]);
    let stored = db.store.people_differences(group, &PeopleFilter::default(), 10).await.unwrap();
    assert_eq!(stored, (of_pair(pair, &differences), 1));
}

async fn a_request_stands_until_an_attempt_that_began_after_it(db: TestDatabase) {
    let paired = keep_paired(&db.store, 100, "Sales").await;
    let pair = paired.pair.id;
    let requested_at = async || db.store.people_comparisons(None).await.unwrap()[0].requested_at;
    db.store.request_people_comparison(pair, after(10)).await.unwrap();
    assert_eq!(requested_at().await, Some(after(10)));
    let lease = lease(&db.store, pair.0).await;
    db.store.put_people_found(&lease, pair, &found(after(9)), &[]).await.unwrap();
    assert_eq!(requested_at().await, Some(after(10)), "it began before");
    db.store.put_people_failure(&lease, pair, after(11), &failure(after(12))).await.unwrap();
    assert_eq!(requested_at().await, None);

    let unknown = db.store.request_people_comparison(PairId(id(9_999)), after(1)).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
}

async fn differences_are_filtered_and_paged(db: TestDatabase) {
    let paired = keep_paired(&db.store, 100, "Sales").await;
    let (pair, group) = (paired.pair.id, paired.group.id);
    let differences = [
        only_on(ObjectKind::Users, "Änne.Österreich@example.com", Side::Primary),
        only_on(ObjectKind::Users, "bo@example.com", Side::Secondary),
        field("100%_sure", "members", None, Some("user Bo")),
        field("nul\0", "displayName", Some("one"), Some("OTHER")),
    ];
    let lease = lease(&db.store, pair.0).await;
    db.store.put_people_found(&lease, pair, &found(after(1)), &differences).await.unwrap();
    let names = async |filter: PeopleFilter| {
        let (page, total) = db.store.people_differences(group, &filter, 2).await.unwrap();
        (page.into_iter().map(|one| one.difference.name).collect::<Vec<_>>(), total)
    };
    let [anne, bo, sure, nul] = differences.each_ref().map(|one| one.name.clone());
    let text = |text: &str| PeopleFilter { text: Some(text.to_owned()), ..PeopleFilter::default() };
    assert_eq!(names(text("ÖSTERREICH")).await, (vec![anne.clone()], 1));
    assert_eq!(names(text("bO")).await, (vec![bo.clone(), sure.clone()], 2));
    assert_eq!(names(text("0%_")).await, (vec![sure.clone()], 1));
    assert_eq!(names(text("other")).await, (vec![nul.clone()], 1));
    assert_eq!(names(text("displayname")).await, (vec![nul.clone()], 1));
    // The words in which a difference is stored are not what it is about.
    assert_eq!(names(text("only_on")).await, (Vec::new(), 0));
    let groups = PeopleFilter { kind: Some(ObjectKind::Groups), ..PeopleFilter::default() };
    assert_eq!(names(groups).await, (vec![sure.clone(), nul.clone()], 2));
    let page = |page: u32| PeopleFilter { page, pair: Some(pair), ..PeopleFilter::default() };
    assert_eq!(names(page(1)).await, (vec![anne, bo], 4));
    assert_eq!(names(page(2)).await, (vec![sure, nul], 4));
    let other = PeopleFilter { pair: Some(PairId(id(9_999))), ..PeopleFilter::default() };
    assert_eq!(names(other).await, (Vec::new(), 0));
}

async fn as_many_differences_as_there_are_come_back_in_order(db: TestDatabase) {
    let paired = keep_paired(&db.store, 100, "Sales").await;
    let (pair, group) = (paired.pair.id, paired.group.id);
    let differences: Vec<_> =
        (0..1_300).map(|number| only_on(ObjectKind::Users, &format!("u{number}"), Side::Primary)).collect();
    let lease = lease(&db.store, pair.0).await;
    db.store.put_people_found(&lease, pair, &found(after(1)), &differences).await.unwrap();
    let stored = db.store.people_differences(group, &PeopleFilter::default(), u32::MAX).await.unwrap();
    assert_eq!(stored, (of_pair(pair, &differences), 1_300));
}

async fn a_lost_lease_writes_nothing(db: TestDatabase) {
    let paired = keep_paired(&db.store, 100, "Sales").await;
    let pair = paired.pair.id;
    let lost = lost_lease(&db.store, pair.0).await;
    let differences = [only_on(ObjectKind::Users, "ada", Side::Primary)];
    let kept = db.store.put_people_found(&lost, pair, &found(after(1)), &differences).await;
    assert!(matches!(kept, Err(StoreError::LeaseLost)), "{kept:?}");
    let noted = db.store.put_people_failure(&lost, pair, after(1), &failure(after(1))).await;
    assert!(matches!(noted, Err(StoreError::LeaseLost)), "{noted:?}");
    assert_eq!(db.store.people_comparisons(None).await.unwrap(), []);
}
