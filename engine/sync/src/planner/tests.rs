use std::collections::{BTreeMap, BTreeSet};

use farshore_databricks::{ApiError, ErrorKind};
use farshore_model::{
    GroupId, PairId, PlanId, Timestamp,
    kind::ObjectKind,
    ledger::LedgerEntry,
    plan::{PlanCounts, SyncPlan},
    replication_settings::{Handling, OnDrift, ReplicationSettings},
    sync_run::OutcomeState,
};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    canonical::hash,
    entry::fresh,
    inventory::UnlistedFolders,
    policy::{Deletes, OnBothChanged, OnTargetChanged},
    references::reference,
    render_text,
};

#[derive(Debug, Default)]
struct World {
    entries: Entries,
    here: Objects,
    there: Objects,
    ambiguous: BTreeMap<ObjectKey, String>,
    own: BTreeSet<ObjectKey>,
    is_source_half_blind: bool,
    is_own_untold: bool,
    settings: ReplicationSettings,
    left_out: LeftOut,
    out_of_scope: BTreeMap<ObjectKind, String>,
    unlisted_here: UnlistedFolders,
    unlisted_there: UnlistedFolders,
    omitted_here: Omitted,
    omitted_there: Omitted,
}

fn key(kind: ObjectKind, name: &str) -> ObjectKey {
    let is_path = matches!(kind, ObjectKind::Folders | ObjectKind::Notebooks);
    ObjectKey { kind, key: if is_path { name.into() } else { format!("P:{name}").into() } }
}

/// The id of an object on a side; of paths, the path.
fn id(key: &ObjectKey, side: Side) -> String {
    match key.key.strip_prefix("P:") {
        Some(name) => format!("{name}-{side}"),
        None => key.key.to_string(),
    }
}

fn seen(key: &ObjectKey, side: Side, form: Value, activation: Option<Value>) -> Seen {
    let passive = activation.as_ref().map(|_| json!({"on": 0}));
    Seen {
        id: id(key, side).into(),
        name: key.key.trim_start_matches("P:").into(),
        fingerprint: Fingerprint::Known(hash(&form)),
        form: form.into(),
        text: None,
        activation,
        passive,
        problems: Vec::new(),
        is_untouched: false,
        left_to: None,
    }
}

#[test]
fn what_a_credential_that_does_not_see_everything_misses_on_the_source_is_not_deleted() {
    let forms = || (Some(json!({"n": 1})), Some(json!({"n": 1})));
    let mut world = World { is_source_half_blind: true, ..World::default() };
    for (kind, changed) in [(ObjectKind::Jobs, 1), (ObjectKind::Clusters, 2)] {
        world.put(kind, "a", States { base: forms().0, here: None, there: Some(json!({ "n": changed })) });
    }
    for policy in [SyncPolicy::forward(), SyncPolicy::carry_back(BTreeMap::new())] {
        let planned = world.plan(&policy);
        assert_eq!(planned.items.len(), 2, "{}", world.text(&policy));
        for item in &planned.items {
            assert_eq!(item.action, PlanAction::Skip, "{item:#?}");
            assert!(item.reason.as_ref().is_some_and(|why| why.contains("admins")), "{item:#?}");
        }
    }
    world.is_source_half_blind = false;
    let planned = world.plan(&SyncPolicy::forward());
    assert!(planned.items.iter().all(|item| item.action == PlanAction::Delete), "{planned:#?}");
}

#[test]
fn where_nobody_tells_who_we_are_no_principal_is_deleted() {
    let mut world = World { is_own_untold: true, ..World::default() };
    for kind in [ObjectKind::Users, ObjectKind::ServicePrincipals, ObjectKind::Groups, ObjectKind::Jobs] {
        let form = Some(json!({"n": 1}));
        world.put(kind, "a", States { base: form.clone(), here: None, there: form });
    }
    let planned = world.plan(&SyncPolicy::forward());
    assert_eq!(planned.items.len(), 4, "{planned:#?}");
    for item in &planned.items {
        let expected =
            if item.object.kind == ObjectKind::Jobs { PlanAction::Delete } else { PlanAction::Skip };
        assert_eq!(item.action, expected, "{item:#?}");
    }
}

fn agreed_entry(key: &ObjectKey, form: &Value, activation: Option<Value>) -> LedgerEntry {
    let mut entry = fresh(PairId(Uuid::nil()), key.clone(), &key.key);
    for side in [Side::Primary, Side::Secondary] {
        entry.set_id_on(side, Some(id(key, side).into()));
    }
    entry.base_hash = Some(hash(form));
    entry.last_outcome = Some(OutcomeState::Succeeded);
    entry.activation = activation;
    entry
}

/// The forms that an object had when both sides last agreed, and has now on either side.
struct States {
    base: Option<Value>,
    here: Option<Value>,
    there: Option<Value>,
}

impl World {
    fn put(&mut self, kind: ObjectKind, name: &str, states: States) -> ObjectKey {
        let key = key(kind, name);
        let is_active = matches!(kind, ObjectKind::InstancePools | ObjectKind::Jobs);
        let on = |count: i64| is_active.then(|| json!({ "on": count }));
        if let Some(base) = states.base {
            self.entries.insert(key.clone(), agreed_entry(&key, &base, on(3)));
        }
        if let Some(form) = states.here {
            self.here.insert(key.clone(), seen(&key, Side::Primary, form, on(3)));
        }
        if let Some(form) = states.there {
            self.there.insert(key.clone(), seen(&key, Side::Secondary, form, on(0)));
        }
        key
    }

    fn plan(&self, policy: &SyncPolicy) -> Planned {
        plan(Inputs {
            source: Side::Primary,
            policy,
            scope: Scope::of(&self.settings),
            entries: &self.entries,
            here: &self.here,
            there: &self.there,
            left_out: &self.left_out,
            ambiguous: &self.ambiguous,
            own: &self.own,
            is_source_half_blind: self.is_source_half_blind,
            is_own_untold: self.is_own_untold,
            out_of_scope: &self.out_of_scope,
            unlisted: Unlisted { here: &self.unlisted_here, there: &self.unlisted_there },
            omitted_here: &self.omitted_here,
            omitted_there: &self.omitted_there,
        })
    }

    fn text(&self, policy: &SyncPolicy) -> String {
        let planned = self.plan(policy);
        let unchanged = u32::try_from(planned.agreed.len()).unwrap();
        render_text(&SyncPlan {
            id: PlanId(Uuid::nil()),
            group_id: GroupId(Uuid::nil()),
            pair_id: PairId(Uuid::nil()),
            source: Side::Primary,
            created_at: Timestamp(0),
            listing_began_at: Timestamp(0),
            counts: PlanCounts::of(&planned.items, unchanged),
            hash: String::new(),
            items: planned.items,
        })
    }
}

fn v(version: u8) -> Option<Value> {
    Some(json!({ "version": version }))
}

/// Every way in which the three states of an object can differ, by name.
fn every_state() -> World {
    let mut world = World::default();
    let cases = [
        ("a equal", v(1), v(1), v(1)),
        ("b new", None, v(1), None),
        ("c changed", v(1), v(2), v(1)),
        ("d drifted", v(1), v(1), v(9)),
        ("e both changed", v(1), v(2), v(9)),
        ("f deleted", v(1), None, v(1)),
        ("g deleted and drifted", v(1), None, v(9)),
        ("h gone there", v(1), v(1), None),
        ("i gone there and changed", v(1), v(2), None),
        ("j only there", None, None, v(1)),
        ("k there already", None, v(1), v(1)),
        ("l there already and differs", None, v(1), v(9)),
        ("m gone everywhere", v(1), None, None),
        ("n changed to the same", v(1), v(2), v(2)),
    ];
    for (name, base, here, there) in cases {
        world.put(ObjectKind::ClusterPolicies, name, States { base, here, there });
    }
    world
}

fn user(is_active: bool) -> Option<Value> {
    Some(json!({"userName": "a@x.example", "active": is_active}))
}

#[test]
fn whoever_is_deactivated_counts_as_deleted_and_not_as_a_stranger() {
    let planned = |base, here, there| {
        let mut world = World::default();
        world.put(ObjectKind::Users, "a", States { base, here, there });
        world.plan(&SyncPolicy::forward()).items.iter().map(|item| item.action).collect::<Vec<_>>()
    };
    assert_eq!(planned(user(true), None, user(true)), [PlanAction::Delete]);
    assert_eq!(planned(user(false), None, user(false)), []);
    assert_eq!(planned(user(true), None, user(false)), [], "somebody has done it already");
    assert_eq!(planned(user(false), user(false), None), [], "nobody is made anew only to be inactive");
    assert_eq!(planned(user(false), user(true), None), [PlanAction::Create]);
}

#[test]
fn the_principals_with_which_we_work_stay_and_stay_active() {
    for here in [None, user(false)] {
        let mut world = World::default();
        let key = world.put(ObjectKind::Users, "a", States { base: user(true), here, there: user(true) });
        world.own.insert(key);
        let items = world.plan(&SyncPolicy::forward()).items;
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].action, PlanAction::Skip);
        assert!(items[0].reason.as_ref().unwrap().contains("credential"), "{:?}", items[0].reason);
    }
}

#[test]
fn the_groups_of_every_workspace_are_never_deleted() {
    let mut world = World::default();
    let admins = || Some(json!({"displayName": "admins"}));
    world.put(ObjectKind::Groups, "g", States { base: admins(), here: None, there: admins() });
    let items = world.plan(&SyncPolicy::forward()).items;
    assert_eq!(items.iter().map(|item| item.action).collect::<Vec<_>>(), [PlanAction::Skip]);
}

#[test]
fn replication_of_every_state() {
    let world = every_state();
    insta::assert_snapshot!(world.text(&SyncPolicy::forward()));
    let planned = world.plan(&SyncPolicy::forward());
    assert_eq!(planned.forgotten, BTreeSet::from([key(ObjectKind::ClusterPolicies, "m gone everywhere")]));
    let agreed = &planned.agreed[&key(ObjectKind::ClusterPolicies, "n changed to the same")];
    assert_eq!(*agreed, Some(hash(&v(2).unwrap())));
}

#[test]
fn carrying_back_every_state() {
    insta::assert_snapshot!(every_state().text(&SyncPolicy::carry_back(BTreeMap::new())));
}

#[test]
fn carrying_back_what_a_person_chose() {
    for side in [Side::Primary, Side::Secondary] {
        let world = every_state();
        let choices = world.plan(&SyncPolicy::forward()).items.into_iter().map(|item| (item.object, side));
        let planned = world.plan(&SyncPolicy::carry_back(choices.collect()));
        let conflicts = planned.items.iter().filter(|item| item.action == PlanAction::Conflict);
        assert_eq!(conflicts.count(), 0, "{side}");
        let written = planned.items.iter().filter(|item| {
            let was_new =
                item.name.starts_with("b ") || item.name.starts_with("c ") || item.name.starts_with("k ");
            !was_new && !matches!(item.action, PlanAction::Skip)
        });
        assert_eq!(written.count() == 0, side == Side::Secondary, "{side}");
    }
}

#[test]
fn what_nobody_can_answer_is_never_asked() {
    let mut world = every_state();
    let unclear = world.put(ObjectKind::Jobs, "unclear", States { base: None, here: v(1), there: None });
    world.ambiguous.insert(unclear.clone(), "rename them".to_owned());
    let forward = world.plan(&SyncPolicy::forward());
    assert!(forward.items.iter().all(|item| item.action != PlanAction::Conflict));
    // Whatever a person chooses for it, a failback does not ask about it either.
    for choices in [BTreeMap::new(), BTreeMap::from([(unclear.clone(), Side::Primary)])] {
        let back = world.plan(&SyncPolicy::carry_back(choices));
        let item = back.items.iter().find(|item| item.object == unclear).unwrap();
        assert!(item.is_blocked() && item.reason.as_deref().unwrap().ends_with(": rename them"), "{item:?}");
    }
}

#[test]
fn deletions_can_be_kept() {
    let policy = SyncPolicy { deletes: Deletes::Keep, ..SyncPolicy::forward() };
    let planned = every_state().plan(&policy);
    assert!(planned.items.iter().all(|item| item.action != PlanAction::Delete));
}

#[test]
fn what_is_held_and_what_was_activated_by_hand() {
    let mut world = World::default();
    let both = || States { base: v(1), here: v(1), there: v(1) };
    let held = world.put(ObjectKind::Jobs, "paused here", both());
    world.here.get_mut(&held).unwrap().activation = Some(json!({"on": 7}));
    let woken = world.put(ObjectKind::Jobs, "woken there", both());
    world.there.get_mut(&woken).unwrap().activation = Some(json!({"on": 1}));
    world.put(ObjectKind::Jobs, "new", States { base: None, here: v(1), there: None });
    insta::assert_snapshot!(world.text(&SyncPolicy::forward()));
}

/// Three jobs that both sides agree on, all fenced on the source: one still is, one is at work again, and one
/// was put to rest by hand after it had been released.
fn fenced_and_partly_released() -> (World, [ObjectKey; 3]) {
    let mut world = World::default();
    let both = || States { base: v(1), here: v(1), there: v(1) };
    let keys = ["fenced", "live", "by hand"].map(|name| world.put(ObjectKind::Jobs, name, both()));
    for (key, on, awaits) in [(&keys[0], 0, true), (&keys[1], 5, true), (&keys[2], 0, false)] {
        world.here.get_mut(key).unwrap().activation = Some(json!({ "on": on }));
        world.entries.get_mut(key).unwrap().set_awaits_release_on(Side::Primary, awaits);
        world.entries.get_mut(key).unwrap().set_awaits_release_on(Side::Secondary, true);
    }
    (world, keys)
}

#[test]
fn what_awaits_its_release_is_never_recorded_as_its_own_wish() {
    let (world, [fenced, live, by_hand]) = fenced_and_partly_released();
    for policy in [SyncPolicy::forward(), SyncPolicy::carry_back(BTreeMap::new())] {
        let planned = world.plan(&policy);
        let held: BTreeMap<&ObjectKey, i64> = planned
            .items
            .iter()
            .filter(|item| item.action == PlanAction::Held)
            .map(|item| (&item.object, item.activation.as_ref().unwrap()["on"].as_i64().unwrap()))
            .collect();
        assert_eq!(held, BTreeMap::from([(&live, 5), (&by_hand, 0)]));
        assert!(planned.agreed.contains_key(&fenced));
        assert_eq!(planned.released, BTreeSet::from([live.clone()]));
    }
}

#[test]
fn what_was_never_released_says_so_where_the_source_is_in_force() {
    let (mut world, [fenced, ..]) = fenced_and_partly_released();
    let reason = |world: &World, policy: &SyncPolicy| {
        let planned = world.plan(policy);
        let item = planned.items.into_iter().find(|item| item.object == fenced);
        item.map(|item| (item.action, item.reason.unwrap_or_default()))
    };
    let why = "it was never released in primary; its recorded on 3 is kept".to_owned();
    assert_eq!(reason(&world, &SyncPolicy::forward()), Some((PlanAction::Skip, why.clone())));
    assert_eq!(reason(&world, &SyncPolicy::carry_back(BTreeMap::new())), None);
    let (_, [_, live, _]) = fenced_and_partly_released();
    world.here.insert(fenced.clone(), seen(&fenced, Side::Primary, v(2).unwrap(), Some(json!({"on": 0}))));
    world.here.remove(&live);
    assert_eq!(reason(&world, &SyncPolicy::forward()), Some((PlanAction::Update, why)));
}

#[test]
fn whatever_is_on_the_target_is_held_there() {
    let mut world = World::default();
    let both = || States { base: v(1), here: v(1), there: v(1) };
    let unknown = world.put(ObjectKind::Jobs, "unknown", both());
    let known = world.put(ObjectKind::Jobs, "known", both());
    world.entries.get_mut(&known).unwrap().set_awaits_release_on(Side::Secondary, true);
    world.put(ObjectKind::ClusterPolicies, "does nothing", both());
    assert_eq!(world.plan(&SyncPolicy::forward()).held, BTreeSet::from([unknown]));
}

#[test]
fn running_clusters_are_observed_without_an_item() {
    let mut world = World::default();
    let cluster = world.put(ObjectKind::Clusters, "etl", States { base: v(1), here: v(1), there: v(1) });
    let seen = world.here.get_mut(&cluster).unwrap();
    (seen.activation, seen.passive) = (Some(json!({"on": 1})), Some(json!({"on": 0})));
    let planned = world.plan(&SyncPolicy::forward());
    assert_eq!(planned.items, []);
    assert_eq!(planned.observed, BTreeMap::from([(cluster, json!({"on": 1}))]));
}

#[test]
fn references_decide_the_order_and_a_circle_is_left_out() {
    let mut world = World::default();
    let new = |form: Value| States { base: None, here: Some(form), there: None };
    let refer = |name: &str| reference(&key(ObjectKind::Jobs, name));
    world.put(ObjectKind::Jobs, "a starts b", new(json!({"job": refer("b starts c")})));
    world.put(ObjectKind::Jobs, "b starts c", new(json!({"job": refer("c")})));
    let on_pool = json!({"pool": reference(&key(ObjectKind::InstancePools, "pool"))});
    world.put(ObjectKind::Jobs, "c", new(on_pool.clone()));
    world.put(ObjectKind::ClusterPolicies, "policy", new(on_pool));
    world.put(ObjectKind::InstancePools, "pool", new(json!({})));
    world.put(ObjectKind::Jobs, "x", new(json!({"job": refer("y")})));
    world.put(ObjectKind::Jobs, "y", new(json!({"job": refer("x")})));
    world.put(ObjectKind::Jobs, "z starts x", new(json!({"job": refer("x")})));
    insta::assert_snapshot!(world.text(&SyncPolicy::forward()));
}

#[test]
fn what_cannot_be_mapped_is_an_item_with_its_reason() {
    let mut world = World::default();
    let broken = world.put(ObjectKind::Clusters, "broken", States { base: None, here: v(1), there: None });
    world.here.get_mut(&broken).unwrap().problems = vec!["it refers to nothing".to_owned()];
    let user = json!({"cluster": reference(&broken)});
    world.put(ObjectKind::Jobs, "its user", States { base: None, here: Some(user), there: None });
    let unclear = world.put(ObjectKind::Jobs, "unclear", States { base: None, here: v(1), there: None });
    world.ambiguous.insert(unclear, "two have this name".to_owned());
    insta::assert_snapshot!(world.text(&SyncPolicy::forward()));
}

#[test]
fn what_refers_to_something_that_waits_for_a_choice_waits_too() {
    let mut world = World::default();
    let asked = world.put(ObjectKind::Clusters, "asked", States { base: v(1), here: v(2), there: None });
    let new = |form: Value| States { base: None, here: Some(form), there: None };
    let user = world.put(ObjectKind::Jobs, "user", new(json!({"cluster": reference(&asked)})));
    world.put(ObjectKind::Jobs, "user of that", new(json!({"job": reference(&user)})));
    let planned = world.plan(&SyncPolicy::carry_back(BTreeMap::new()));
    let actions: Vec<_> = planned.items.iter().map(|item| item.action).collect();
    assert_eq!(actions, [PlanAction::Conflict, PlanAction::Skip, PlanAction::Skip], "{:#?}", planned.items);
}

#[test]
fn what_is_left_alone_is_compared_and_linked_and_never_written() {
    let mut world = World::default();
    let cases = [
        ("a equal", v(1), v(1), v(1)),
        ("b equal and new", None, v(1), v(1)),
        ("c differs", v(1), v(2), v(1)),
        ("d differs and is new", None, v(1), v(2)),
        ("e only here", v(1), v(1), None),
        ("f only there", v(1), None, v(1)),
        ("g gone everywhere", v(1), None, None),
    ];
    for (name, base, here, there) in cases {
        let key = world.put(ObjectKind::Jobs, name, States { base, here, there });
        for seen in [world.here.get_mut(&key), world.there.get_mut(&key)].into_iter().flatten() {
            seen.left_to = Some(LeftTo::Bundle);
        }
    }
    let refer = |name: &str| json!({"job": reference(&key(ObjectKind::Jobs, name))});
    for (name, to) in [("starts d", "d differs and is new"), ("starts e", "e only here")] {
        world.put(ObjectKind::Jobs, name, States { base: None, here: Some(refer(to)), there: None });
    }
    let at_work = world.put(ObjectKind::Jobs, "h at work", States { base: v(1), here: v(1), there: v(1) });
    let seen = world.there.get_mut(&at_work).unwrap();
    (seen.left_to, seen.activation) = (Some(LeftTo::Bundle), Some(json!({"on": 2})));
    for policy in [SyncPolicy::forward(), SyncPolicy::carry_back(BTreeMap::new())] {
        let planned = world.plan(&policy);
        let linked: Vec<&str> = planned.linked.values().map(|link| &*link.name).collect();
        assert_eq!(linked, ["a equal", "b equal and new", "c differs", "d differs and is new", "h at work"]);
        assert_eq!(planned.held, BTreeSet::new(), "nothing of it was put to rest by a sync");
        assert_eq!(planned.forgotten, BTreeSet::from([key(ObjectKind::Jobs, "g gone everywhere")]));
    }
    insta::assert_snapshot!(world.text(&SyncPolicy::forward()));
}

#[test]
fn a_kind_that_others_see_to_is_compared_and_linked_and_never_written() {
    for handling in [Handling::CoDeploy, Handling::Manual] {
        let mut world = every_state();
        world.settings.handling.insert(ObjectKind::ClusterPolicies, handling);
        for policy in [SyncPolicy::forward(), SyncPolicy::carry_back(BTreeMap::new())] {
            let planned = world.plan(&policy);
            assert!(planned.items.iter().all(|item| item.action == PlanAction::Skip && item.is_left_alone));
            let reason = |name: &str| {
                let item = planned.items.iter().find(|item| *item.name == *name).unwrap();
                (item.reason.clone().unwrap(), item.changes.len())
            };
            let why = match handling {
                Handling::Manual => "it is kept equal by hand",
                _ => "it is deployed by CI/CD on both sides",
            };
            assert_eq!(reason("d drifted"), (format!("{why}; the two differ"), 1));
            assert_eq!(reason("b new"), (format!("{why}; it is missing in secondary"), 0));
            assert_eq!(reason("j only there"), (format!("{why}; it is missing in primary"), 0));
            assert_eq!(planned.linked.len(), 7, "all that are on both sides");
        }
    }
}

/// What each object of [`every_state`] would have happen to it, by the first letter of its name.
fn actions(on_drift: OnDrift) -> BTreeMap<String, PlanAction> {
    let world = every_state();
    let planned = world.plan(&SyncPolicy::forward().with_drift(on_drift));
    planned.items.into_iter().map(|item| (item.name[..1].to_owned(), item.action)).collect()
}

#[test]
fn drift_is_overwritten_kept_or_asked_about() {
    use PlanAction::{Conflict, Create, Delete, Skip, Update};
    let of = |on_drift: OnDrift| {
        let actions = actions(on_drift);
        ["c", "d", "e", "f", "g", "h", "i"].map(|name| actions[name])
    };
    // Changed here, drifted, both; deleted here, deleted and drifted; gone there, gone and changed here.
    assert_eq!(of(OnDrift::Overwrite), [Update, Update, Update, Delete, Delete, Create, Create]);
    assert_eq!(of(OnDrift::Keep), [Update, Skip, Conflict, Delete, Conflict, Skip, Conflict]);
    assert_eq!(of(OnDrift::Ask), [Update, Conflict, Conflict, Delete, Conflict, Conflict, Conflict]);
}

#[test]
fn what_a_failback_keeps_is_no_drift() {
    let back = SyncPolicy::carry_back(BTreeMap::new());
    for on_drift in [OnDrift::Overwrite, OnDrift::Keep, OnDrift::Ask] {
        assert_eq!(back.with_drift(on_drift), back);
    }
}

#[test]
fn a_choice_for_the_target_lasts_until_the_source_changes() {
    let policy = SyncPolicy::forward().with_drift(OnDrift::Ask);
    let mut world = World::default();
    let key = world.put(ObjectKind::ClusterPolicies, "p", States { base: v(1), here: v(1), there: v(9) });
    let asked = world.plan(&policy).items;
    assert_eq!(asked[0].action, PlanAction::Conflict);
    let choices = BTreeMap::from([(key.clone(), Side::Secondary)]);
    let chosen = world.plan(&SyncPolicy { choices, ..policy.clone() }).items;
    assert_eq!(chosen[0].action, PlanAction::Skip);
    // As applying a skip does.
    let entry = world.entries.get_mut(&key).unwrap();
    (entry.last_outcome, entry.last_error) = (Some(OutcomeState::Skipped), chosen[0].reason.clone());
    assert_eq!(world.plan(&policy).items[0].action, PlanAction::Skip);
    world.here.insert(key.clone(), seen(&key, Side::Primary, v(2).unwrap(), None));
    assert_eq!(world.plan(&policy).items[0].action, PlanAction::Conflict);
}

#[test]
fn what_is_kept_does_not_stay_at_work_and_what_it_is_to_do_is_noted() {
    let policy = SyncPolicy::forward().with_drift(OnDrift::Keep);
    let mut world = World::default();
    let drifted = || States { base: v(1), here: v(1), there: v(9) };
    let at_work = world.put(ObjectKind::Jobs, "at work", drifted());
    world.there.get_mut(&at_work).unwrap().activation = Some(json!({"on": 1}));
    let retuned = world.put(ObjectKind::Jobs, "retuned", drifted());
    world.here.get_mut(&retuned).unwrap().activation = Some(json!({"on": 7}));
    let items = world.plan(&policy).items;
    let actions: Vec<_> = items.iter().map(|item| (&*item.name, item.action)).collect();
    assert_eq!(actions, [("at work", PlanAction::Conflict), ("retuned", PlanAction::Held)]);
    assert_eq!(items[1].activation, Some(json!({"on": 7})));
}

/// Moves an object to what is left out, as a filter does.
fn leave_out(world: &mut World, key: &ObjectKey) {
    world.left_out.here.extend(world.here.remove_entry(key));
    world.left_out.there.extend(world.there.remove_entry(key));
}

#[test]
fn what_is_left_out_is_told_by_number_and_found_by_what_refers_to_it() {
    let mut world = World::default();
    let on = |key: &ObjectKey| json!({"cluster": reference(key)});
    let cases = [
        ("known", States { base: v(1), here: v(2), there: v(1) }),
        ("namesake", States { base: None, here: v(1), there: v(2) }),
        ("only here", States { base: None, here: v(1), there: None }),
        ("only there", States { base: v(1), here: None, there: v(1) }),
    ];
    let clusters: Vec<ObjectKey> =
        cases.into_iter().map(|(name, states)| world.put(ObjectKind::Clusters, name, states)).collect();
    for (cluster, name) in clusters.iter().zip(["on known", "on namesake", "on only here"]) {
        world.put(ObjectKind::Jobs, name, States { base: None, here: Some(on(cluster)), there: None });
    }
    let hidden = world.put(ObjectKind::Jobs, "hidden", States { base: None, here: v(1), there: None });
    let after = States { base: None, here: Some(json!({"job": reference(&hidden)})), there: None };
    world.put(ObjectKind::Jobs, "after hidden", after);
    for key in clusters.iter().chain([&hidden]) {
        leave_out(&mut world, key);
    }
    world.entries.get_mut(&clusters[0]).unwrap().set_awaits_release_on(Side::Primary, true);
    insta::assert_snapshot!(world.text(&SyncPolicy::forward()));
    let planned = world.plan(&SyncPolicy::forward());
    assert_eq!(planned.linked.keys().collect::<Vec<_>>(), [&clusters[0], &clusters[1]]);
    assert_eq!(planned.left_out, clusters.iter().filter(|key| **key != clusters[2]).cloned().collect());
    assert_eq!(planned.forgotten, BTreeSet::new());
}

#[test]
fn of_an_excluded_kind_the_ledger_keeps_everything() {
    let mut world = World::default();
    let listed = world.put(ObjectKind::Clusters, "listed", States { base: v(1), here: v(2), there: v(1) });
    let unlisted =
        world.put(ObjectKind::Clusters, "unlisted", States { base: v(1), here: None, there: None });
    leave_out(&mut world, &listed);
    world.settings.handling.insert(ObjectKind::Clusters, Handling::Excluded);
    let planned = world.plan(&SyncPolicy::forward());
    let told: Vec<_> = planned.items.iter().map(|item| (item.action, &*item.name)).collect();
    assert_eq!(told, [(PlanAction::Skip, "All clusters")]);
    assert_eq!(planned.forgotten, BTreeSet::new());
    assert_eq!(planned.left_out, BTreeSet::from([listed, unlisted]));
}

#[test]
fn a_folder_stays_with_what_is_left_out_in_it() {
    let mut world = World::default();
    let gone = || States { base: v(1), here: None, there: v(1) };
    world.put(ObjectKind::Folders, "/a", gone());
    let notebook = world.put(ObjectKind::Notebooks, "/a/n", gone());
    leave_out(&mut world, &notebook);
    let items = world.plan(&SyncPolicy::forward()).items;
    assert!(items.iter().all(|item| item.action == PlanAction::Skip), "{items:#?}");
}

#[test]
fn a_folder_is_deleted_with_what_the_source_had_and_not_with_more() {
    let mut world = World::default();
    let gone = || States { base: v(1), here: None, there: v(1) };
    world.put(ObjectKind::Folders, "/a", gone());
    world.put(ObjectKind::Folders, "/a/b", gone());
    world.put(ObjectKind::Notebooks, "/a/b/n", gone());
    world.put(ObjectKind::Folders, "/kept", gone());
    world.put(ObjectKind::Folders, "/kept/inner", gone());
    world.put(ObjectKind::Folders, "/kept/other", gone());
    world.put(ObjectKind::Folders, "/Users/ann@x.org", gone());
    world.omitted_there.insert("DASHBOARD".to_owned(), vec!["/kept/inner/orders.lvdash.json".to_owned()]);
    world.omitted_here.insert("DASHBOARD".to_owned(), (0..7).map(|n| format!("/f{n}")).collect());
    insta::assert_snapshot!(world.text(&SyncPolicy::forward()));
}

#[test]
fn what_lies_in_a_folder_that_could_not_be_listed_is_nobodys_business() {
    let mut world = World::default();
    let answer = |message: &str| ApiError::new(ErrorKind::Server, "workspace/list", message);
    world.unlisted_here.note("/a".to_owned(), answer("oops")).unwrap();
    world.unlisted_there.note("/b".to_owned(), answer("no")).unwrap();
    world.unlisted_there.note("/gone".to_owned(), answer("no")).unwrap();
    let both = || States { base: v(1), here: v(1), there: v(1) };
    world.put(ObjectKind::Folders, "/a", both());
    world.put(ObjectKind::Notebooks, "/a/kept", States { base: v(1), here: None, there: v(1) });
    world.put(ObjectKind::Notebooks, "/a/known", States { base: v(1), here: None, there: None });
    world.put(ObjectKind::Notebooks, "/ab", States { base: v(1), here: None, there: v(1) });
    world.put(ObjectKind::Folders, "/b", States { base: None, here: v(1), there: v(1) });
    world.put(ObjectKind::Folders, "/b/c", States { base: None, here: v(1), there: None });
    world.put(ObjectKind::Notebooks, "/b/c/new", States { base: None, here: v(1), there: None });
    world.put(ObjectKind::Folders, "/gone", States { base: v(1), here: None, there: v(1) });
    let planned = world.plan(&SyncPolicy::forward());
    assert_eq!(planned.forgotten, BTreeSet::new());
    let hidden: Vec<&str> = planned.out_of_sight.iter().map(|key| &*key.key).collect();
    assert_eq!(hidden, ["/b/c", "/a/kept", "/a/known", "/b/c/new"]);
    insta::assert_snapshot!(world.text(&SyncPolicy::forward()));
}

#[test]
fn a_notebook_shows_its_changed_lines() {
    let mut world = World::default();
    let notebook = world.put(ObjectKind::Notebooks, "/n", States { base: v(1), here: v(2), there: v(1) });
    world.here.get_mut(&notebook).unwrap().text = Some("a\nnew\n".to_owned());
    world.there.get_mut(&notebook).unwrap().text = Some("a\nold\n".to_owned());
    let planned = world.plan(&SyncPolicy::forward());
    assert_eq!(planned.items[0].changes[0].before.as_deref(), Some("old"));
    assert_eq!(planned.items[0].changes[0].after.as_deref(), Some("new"));
}

#[test]
fn notebooks_that_were_not_read_count_as_agreed_only_with_the_ledger() {
    let mut world = World::default();
    let both = |base| States { base, here: v(1), there: v(1) };
    let known = world.put(ObjectKind::Notebooks, "/known", both(v(1)));
    let unreadable = world.put(ObjectKind::Notebooks, "/unreadable", both(v(1)));
    world.here.get_mut(&known).unwrap().fingerprint = Fingerprint::AsAgreed;
    world.there.get_mut(&known).unwrap().fingerprint = Fingerprint::AsAgreed;
    world.here.get_mut(&unreadable).unwrap().fingerprint = Fingerprint::Unreadable("too large".to_owned());
    let planned = world.plan(&SyncPolicy::forward());
    assert_eq!(planned.agreed.keys().collect::<Vec<_>>(), [&known]);
    assert_eq!(planned.items.len(), 1);
    assert!(planned.items[0].reason.as_ref().unwrap().contains("too large"));
}

/// Does to a model of the target what applying does to a workspace.
fn apply(world: &mut World, items: &[PlanItem]) {
    for item in items {
        match item.action {
            PlanAction::Create | PlanAction::Update | PlanAction::Adopt => {
                let form = item.desired.clone().unwrap();
                let activation = item.activation.as_ref().map(|_| json!({"on": 0}));
                let mut entry = agreed_entry(&item.object, &form, item.activation.clone());
                if let Some(known) = world.entries.get(&item.object) {
                    entry.awaits_release_on_primary = known.awaits_release_on_primary;
                }
                world
                    .there
                    .insert(item.object.clone(), seen(&item.object, Side::Secondary, form, activation));
                world.entries.insert(item.object.clone(), entry);
            }
            PlanAction::Delete => {
                world.there.remove(&item.object);
                world.entries.remove(&item.object);
            }
            PlanAction::Held => {
                world.entries.get_mut(&item.object).unwrap().activation.clone_from(&item.activation);
            }
            PlanAction::Skip | PlanAction::Conflict => {}
        }
    }
}

fn any_world() -> impl Strategy<Value = World> {
    let version = || proptest::option::of(1..4_u8);
    let object = (version(), version(), version(), 0..4_i64, 0..3_i64, any::<bool>());
    let kinds = prop::sample::select(vec![
        ObjectKind::Folders,
        ObjectKind::Notebooks,
        ObjectKind::ClusterPolicies,
        ObjectKind::InstancePools,
        ObjectKind::Jobs,
    ]);
    prop::collection::vec((kinds, object), 0..30).prop_map(|objects| {
        let mut world = World::default();
        for (number, (kind, (base, here, there, on_here, on_there, awaits))) in
            objects.into_iter().enumerate()
        {
            let version = |version: Option<u8>| {
                version.and_then(|n| v(if kind == ObjectKind::Folders { 1 } else { n }))
            };
            let name =
                if number % 3 == 0 { format!("/{number}") } else { format!("/{}/{number}", number / 3 * 3) };
            let states = States { base: version(base), here: version(here), there: version(there) };
            let key = world.put(kind, &name, states);
            if let Some(entry) = world.entries.get_mut(&key) {
                entry.set_awaits_release_on(Side::Primary, awaits);
            }
            for (objects, on) in [(&mut world.here, on_here), (&mut world.there, on_there)] {
                if let Some(activation) = objects.get_mut(&key).and_then(|seen| seen.activation.as_mut()) {
                    *activation = json!({ "on": on });
                }
            }
        }
        world
    })
}

fn any_policy() -> impl Strategy<Value = SyncPolicy> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(overwrites, asks, tells)| SyncPolicy {
        on_target_changed: if overwrites { OnTargetChanged::Overwrite } else { OnTargetChanged::Keep },
        on_both_changed: if asks { OnBothChanged::Ask } else { OnBothChanged::SourceWins },
        is_source_in_force: tells,
        ..SyncPolicy::forward()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn applying_a_plan_leaves_nothing_to_do(mut world in any_world(), policy in any_policy()) {
        let planned = world.plan(&policy);
        apply(&mut world, &planned.items);
        for forgotten in &planned.forgotten {
            world.entries.remove(forgotten);
        }
        let again = world.plan(&policy);
        let left = PlanCounts::of(&again.items, 0);
        prop_assert_eq!(left.to_apply(), 0, "{:#?}", again.items);
    }

    #[test]
    fn nothing_is_deleted_that_was_never_carried(world in any_world(), policy in any_policy()) {
        for item in world.plan(&policy).items.iter().filter(|item| item.action == PlanAction::Delete) {
            let entry = world.entries.get(&item.object);
            prop_assert!(entry.is_some_and(|entry| entry.base_hash.is_some()));
            prop_assert!(!world.here.contains_key(&item.object));
        }
    }

    #[test]
    fn nothing_is_recorded_of_what_awaits_its_release(world in any_world(), policy in any_policy()) {
        for item in world.plan(&policy).items.iter().filter(|item| item.activation.is_some()) {
            let Some(entry) = world.entries.get(&item.object) else { continue };
            let is_passive = world.here.get(&item.object).is_some_and(Seen::is_passive);
            if entry.awaits_release_on(Side::Primary) && is_passive {
                prop_assert_eq!(&item.activation, &entry.activation);
            }
        }
    }

    #[test]
    fn every_item_knows_its_place(world in any_world()) {
        let items = world.plan(&SyncPolicy::forward()).items;
        let stages = order::stages(items.iter());
        prop_assert!(stages.windows(2).all(|pair| pair[0] <= pair[1]));
        prop_assert!(items.iter().zip(0..).all(|(item, index)| item.index == index));
    }
}
