use farshore_model::PairId;
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::*;

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
    let object = ObjectKey { kind, key: key.to_owned() };
    let mut entry = crate::entry::fresh(PairId(Uuid::nil()), object.clone(), key);
    entry.set_id_on(Side::Primary, primary.map(str::to_owned));
    entry.set_id_on(Side::Secondary, secondary.map(str::to_owned));
    (object, entry)
}

fn matched(kind: ObjectKind, here: &[(&str, &str)], there: &[(&str, &str)], entries: &Entries) -> Matched {
    let (here, there) = (inventory(kind, here), inventory(kind, there));
    match_sides((&here, Side::Primary, "P"), (&there, Side::Secondary, "S"), entries)
}

fn key(matched: &SideKeys, kind: ObjectKind, id: &str) -> String {
    matched.of(kind, id).unwrap().key.clone()
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
fn a_path_is_its_own_key_on_both_sides() {
    let folder = [("/Shared/a", "/Shared/a")];
    let matched = matched(ObjectKind::Folders, &folder, &folder, &Entries::new());
    assert_eq!(key(&matched.source, ObjectKind::Folders, "/Shared/a"), "/Shared/a");
    assert_eq!(key(&matched.target, ObjectKind::Folders, "/Shared/a"), "/Shared/a");
}

#[test]
fn what_the_target_refers_to_has_a_key_even_when_nobody_knows_it() {
    let keys = SideKeys::of_target(&Entries::new(), Side::Secondary, "S");
    assert_eq!(keys.key_of(KIND, "7").unwrap().key, "S:7");
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
