use super::*;
use crate::kinds::{is_passive, nothing};

fn entry(principal: &str, name: &str, level: &str) -> Value {
    json!({ principal: name, LEVEL: level })
}

fn list(word: &str, entries: &[Value]) -> Value {
    json!({ TYPE: word, ENTRIES: entries })
}

#[test]
fn the_order_of_entries_does_not_matter() {
    let (alice, users) = (entry("user_name", "alice", "CAN_EDIT"), entry("group_name", "users", "CAN_READ"));
    let there = list("notebooks", &[users.clone(), alice.clone()]);
    let here = Permissions.canonical(&list("notebooks", &[alice, users]), &nothing);
    assert_eq!(here, Permissions.canonical(&there, &nothing));
    assert_eq!(here.form[ENTRIES].as_array().unwrap().len(), 2);
    assert_eq!(Permissions.activation(&there, &nothing), None);
    assert!(is_passive(&Permissions, &there), "it is in force on both sides");
}

#[test]
fn the_list_of_a_job_is_held_but_for_its_owner() {
    let owner = entry("user_name", "alice", OWNER);
    let whole = list("jobs", &[owner.clone(), entry("group_name", "users", "CAN_VIEW")]);
    assert_eq!(Permissions.canonical(&whole, &nothing).form, json!({}));
    assert_eq!(Permissions.passive(&whole, &nothing), Some(json!({ ENTRIES: [owner] })));
    assert!(!is_passive(&Permissions, &whole));
    assert!(is_passive(&Permissions, &list("jobs", &[entry("user_name", "whoever", OWNER)])));
}

#[test]
fn what_was_not_read_is_neither_empty_nor_passive() {
    let unread = json!({ TYPE: "jobs" });
    assert_eq!(Permissions.activation(&unread, &nothing), None);
    assert_eq!(Permissions.passive(&unread, &nothing), None);
}

#[test]
fn a_list_belongs_to_what_its_key_says() {
    let path = Permissions.belongs_to("notebooks//Production/load").unwrap();
    assert_eq!((path.kind, &*path.key), (ObjectKind::Notebooks, "/Production/load"));
    let job = Permissions.belongs_to("jobs/123:7").unwrap();
    assert_eq!((job.kind, &*job.key), (ObjectKind::Jobs, "123:7"));
    assert_eq!(Permissions.belongs_to("dashboards/7"), None);
}

#[test]
fn an_object_of_the_tree_is_known_by_its_number() {
    let notebook = |object_id| Listed { object_id, ..Listed::new("/load", "/load", None, json!({})) };
    let raw = json!("notebooks").into();
    let known = listed(ObjectKind::Notebooks, "notebooks", &notebook(Some(7)), &raw).unwrap();
    assert_eq!((&*known.id, &*known.name), ("notebooks/7", "/load"));
    assert_eq!(known.part_of, Some((ObjectKind::Notebooks, "/load".into())));
    let untold = listed(ObjectKind::Notebooks, "notebooks", &notebook(None), &raw);
    assert_eq!(untold, None, "nothing else is left out");
}
