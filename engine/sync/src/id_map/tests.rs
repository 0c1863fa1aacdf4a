use farshore_model::PairId;
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::*;
use crate::inventory::Inventory;

const KIND: ObjectKind = ObjectKind::Jobs;

fn inventory(kind: ObjectKind, objects: &[(&str, &str)]) -> Inventory {
    let listed =
        objects.iter().map(|(id, name)| Listed::new((*id).to_owned(), (*name).to_owned(), None, Value::Null));
    Inventory { objects: BTreeMap::from([(kind, listed.collect())]), ..Inventory::default() }
}

fn entry(
    kind: ObjectKind,
    key: &str,
    primary: Option<&str>,
    secondary: Option<&str>,
) -> (ObjectKey, LedgerEntry) {
    let object = ObjectKey { kind, key: key.into() };
    let mut entry = crate::entry::fresh(PairId(Uuid::nil()), object.clone(), key);
    entry.set_id_on(Side::Primary, primary.map(Arc::from));
    entry.set_id_on(Side::Secondary, secondary.map(Arc::from));
    (object, entry)
}

fn matched(kind: ObjectKind, here: &[(&str, &str)], there: &[(&str, &str)], entries: &Entries) -> Matched {
    let (here, there) = (inventory(kind, here), inventory(kind, there));
    match_sides((&here, Side::Primary, "P"), (&there, Side::Secondary, "S"), entries)
}

fn key(matched: &SideKeys, kind: ObjectKind, id: &str) -> String {
    matched.of(kind, id).unwrap().key.to_string()
}

#[test]
fn the_ledger_comes_first_whatever_the_names_are() {
    let entries = Entries::from([entry(KIND, "P:1", Some("1"), Some("8"))]);
    let matched = matched(KIND, &[("1", "renamed")], &[("8", "old name"), ("9", "renamed")], &entries);
    assert_eq!(key(&matched.source, KIND, "1"), "P:1");
    assert_eq!(key(&matched.target, KIND, "8"), "P:1");
    assert_eq!(key(&matched.target, KIND, "9"), "S:9");
    assert!(matched.ambiguous.is_empty());
}

#[test]
fn one_name_on_each_side_is_one_object() {
    let matched = matched(KIND, &[("1", "a")], &[("9", "a"), ("8", "b")], &Entries::new());
    assert_eq!(key(&matched.target, KIND, "9"), "P:1");
    assert_eq!(key(&matched.target, KIND, "8"), "S:8");
}

#[test]
fn a_name_that_leaves_doubt_is_not_guessed() {
    let matched = matched(KIND, &[("1", "a"), ("2", "a")], &[("9", "a")], &Entries::new());
    assert_eq!(matched.ambiguous.len(), 2);
    let why = matched.ambiguous.values().next().unwrap();
    assert!(why.contains("2 jobs in primary and 1 job in secondary"), "{why}");
    assert_eq!(key(&matched.target, KIND, "9"), "S:9");
}

#[test]
fn equal_names_on_the_source_alone_are_no_problem() {
    let matched = matched(KIND, &[("1", "a"), ("2", "a")], &[], &Entries::new());
    assert!(matched.ambiguous.is_empty());
}

#[test]
fn a_pool_that_was_made_anew_stays_the_pool_that_it_was_and_a_job_does_not() {
    for (kind, expected) in [(ObjectKind::InstancePools, "P:1"), (ObjectKind::Jobs, "P:2")] {
        let entries = Entries::from([entry(kind, "P:1", Some("1"), Some("8"))]);
        let matched = matched(kind, &[("2", "a")], &[("8", "a")], &entries);
        assert_eq!(key(&matched.source, kind, "2"), expected);
        assert_eq!(key(&matched.target, kind, "8"), "P:1");
    }
}

#[test]
fn what_others_make_anew_is_known_by_its_name_when_that_is_the_only_one() {
    let of_a_bundle = |objects: &[(&str, &str)]| {
        let mut inventory = inventory(KIND, objects);
        for object in inventory.objects.values_mut().flatten() {
            object.raw = serde_json::json!({"settings": {"deployment": {"kind": "BUNDLE"}}}).into();
        }
        inventory
    };
    let entries = Entries::from([entry(KIND, "P:1", Some("1"), Some("8"))]);
    let matched = |here: &[(&str, &str)], there: &[(&str, &str)]| {
        let (here, there) = (of_a_bundle(here), of_a_bundle(there));
        match_sides((&here, Side::Primary, "P"), (&there, Side::Secondary, "S"), &entries)
    };
    let again_there = matched(&[("1", "a")], &[("9", "a")]);
    assert_eq!(key(&again_there.target, KIND, "9"), "P:1");
    assert_eq!(again_there.target.of(KIND, "8"), None, "whatever names the old one names nothing");
    let again_here = matched(&[("2", "a")], &[("8", "a")]);
    assert_eq!(key(&again_here.source, KIND, "2"), "P:1");
    let unclear = matched(&[("2", "a"), ("3", "a")], &[("8", "a")]);
    assert_eq!(key(&unclear.source, KIND, "2"), "P:2");
}

/// Service principals by SCIM id, application id and name.
fn machines(objects: &[(&str, &str, &str)]) -> Inventory {
    let listed = objects.iter().map(|(id, application_id, name)| Listed {
        universal_id: Some((*application_id).to_owned()),
        ..Listed::new(format!("{id}/{application_id}"), (*name).to_owned(), None, Value::Null)
    });
    let objects = BTreeMap::from([(MACHINES, listed.collect())]);
    Inventory { objects, ..Inventory::default() }
}

const MACHINES: ObjectKind = ObjectKind::ServicePrincipals;

#[test]
fn a_service_principal_is_found_by_each_of_its_ids() {
    let entries = Entries::from([entry(MACHINES, "P:1/a", Some("1/a"), Some("8/b"))]);
    let matched = match_sides(
        (&machines(&[("1", "a", "x"), ("2", "c", "new")]), Side::Primary, "P"),
        (&machines(&[("8", "b", "x"), ("9", "d", "stranger")]), Side::Secondary, "S"),
        &entries,
    );
    for id in ["1/a", "1", "a"] {
        assert_eq!(key(&matched.source, MACHINES, id), "P:1/a", "{id}");
    }
    assert_eq!(key(&matched.source, MACHINES, "c"), "P:2/c");
    assert_eq!(key(&matched.target, MACHINES, "b"), "P:1/a");
    // What nobody has matched stands for itself, before an apply as when it was planned.
    let applied = SideKeys::of_target(&entries, Side::Secondary, "S", &RegionMap::default());
    for id in ["9", "d"] {
        assert_eq!(matched.target.key_of(MACHINES, id), applied.key_of(MACHINES, id), "{id}");
    }
}

#[test]
fn an_id_that_is_the_same_everywhere_comes_before_the_name() {
    let here = machines(&[("1", "a", "x"), ("2", "b", "y")]);
    let there = machines(&[("8", "a", "renamed"), ("9", "c", "y")]);
    let no_entries = Entries::new();
    let matched = match_sides((&here, Side::Primary, "P"), (&there, Side::Secondary, "S"), &no_entries);
    assert_eq!(key(&matched.target, MACHINES, "8/a"), "P:1/a");
    assert_eq!(key(&matched.target, MACHINES, "9/c"), "S:9/c", "one account would know y by one id");

    let elsewhere = machines(&[("9", "c", "y")]);
    let matched = match_sides((&here, Side::Primary, "P"), (&elsewhere, Side::Secondary, "S"), &no_entries);
    assert_eq!(key(&matched.target, MACHINES, "9/c"), "P:2/b", "of two accounts, the name tells");
}

#[test]
fn a_service_principal_that_was_added_again_is_the_one_that_it_was() {
    let entries = Entries::from([entry(MACHINES, "P:1/a", Some("1/a"), Some("8/a"))]);
    let (here, there) = (machines(&[("2", "a", "x")]), machines(&[("8", "a", "x")]));
    let matched = match_sides((&here, Side::Primary, "P"), (&there, Side::Secondary, "S"), &entries);
    assert_eq!(key(&matched.source, MACHINES, "2/a"), "P:1/a");
}

#[test]
fn both_sides_know_with_whom_we_work() {
    let own = |id: &str| Some(id.to_owned());
    let entries = Entries::from([entry(MACHINES, "P:1/a", Some("1/a"), Some("8/a"))]);
    let here = Inventory { own_id: own("1"), ..machines(&[("1", "a", "x")]) };
    let there = Inventory { own_id: own("9"), ..machines(&[("8", "a", "x"), ("9", "c", "y")]) };
    let matched = match_sides((&here, Side::Primary, "P"), (&there, Side::Secondary, "S"), &entries);
    for (keys, ids) in [(&matched.source, ["1", "a"]), (&matched.target, ["8", "9"])] {
        for id in ids {
            assert!(keys.is_own(&keys.key_of(MACHINES, id).unwrap()), "{id}");
        }
    }
}

#[test]
fn a_path_is_its_own_key_on_both_sides() {
    let folder = [("/Shared/a", "/Shared/a")];
    let matched = matched(ObjectKind::Folders, &folder, &folder, &Entries::new());
    assert_eq!(key(&matched.source, ObjectKind::Folders, "/Shared/a"), "/Shared/a");
    assert_eq!(key(&matched.target, ObjectKind::Folders, "/Shared/a"), "/Shared/a");
}

#[test]
fn what_the_target_refers_to_has_a_key_even_when_nobody_knows_it() {
    let keys = SideKeys::of_target(&Entries::new(), Side::Secondary, "S", &RegionMap::default());
    assert_eq!(&*keys.key_of(KIND, "7").unwrap().key, "S:7");
    assert_eq!(SideKeys::default().key_of(KIND, "7"), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_a_listing_does_not_matter(
        kind in prop::sample::select(vec![ObjectKind::InstancePools, ObjectKind::Jobs]),
        here in names(), there in names(), known in 0..4_usize, turn in 0..6_usize,
    ) {
        let listed = |names: &[usize]| names.iter().enumerate()
            .map(|(id, name)| (id.to_string(), format!("name {name}"))).collect::<Vec<_>>();
        let (mut here, mut there) = (listed(&here), listed(&there));
        let entries: Entries = (0..known)
            .map(|id| entry(kind, &format!("P:{id}"), Some(&id.to_string()), Some(&(id + 1).to_string())))
            .collect();
        let borrowed = |names: &[(String, String)]| names.iter()
            .map(|(id, name)| (id.clone().leak() as &str, name.clone().leak() as &str)).collect::<Vec<_>>();
        let before = matched(kind, &borrowed(&here), &borrowed(&there), &entries);
        for objects in [&mut here, &mut there] {
            let places = turn.min(objects.len());
            objects.rotate_left(places);
        }
        let after = matched(kind, &borrowed(&here), &borrowed(&there), &entries);
        prop_assert_eq!(before, after);
    }
}

fn names() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..3_usize, 0..6)
}
