//! Two workspaces in memory, what a ledger knows of them, and syncs between them that call nobody.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use farshore_model::{
    PairId, Timestamp,
    group::Side,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
    plan::{PlanAction, PlanItem},
    replication_settings::{FilterBy, Handling, OnDrift, ReplicationSettings, ScopeFilter},
    sync_run::OutcomeState,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    canonical::{hash, into_map},
    entry,
    id_map::{Entries, Matched, match_with_others, own_key},
    inventory::{Inventory, UnlistedFolders, parent_of},
    kinds::{self, Listed, nothing},
    make_plan::noted,
    observe::see,
    planner::{Fingerprint, Inputs, LeftOut, Objects, Omitted, Planned, Unlisted, is_group, plan},
    policy::{OnBothChanged, OnTargetChanged, SyncPolicy},
    references::to_ids,
    scope::{self, Scope},
};

const PAIR: PairId = PairId(Uuid::nil());
/// Whoever syncs.
const OWN: &str = "farshore@x.example";
const KINDS: [ObjectKind; 7] = [
    ObjectKind::Folders,
    ObjectKind::Notebooks,
    ObjectKind::InstancePools,
    ObjectKind::ClusterPolicies,
    ObjectKind::Clusters,
    ObjectKind::Jobs,
    ObjectKind::Permissions,
];

/// What its listings show, with the content that they leave out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Workspace {
    pub(super) objects: BTreeMap<ObjectKind, Vec<Listed>>,
    made: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Pair {
    pub(super) primary: Workspace,
    pub(super) secondary: Workspace,
    pub(super) entries: Entries,
    pub(super) settings: ReplicationSettings,
    /// Of the primary and of the secondary.
    pub(super) unlisted: [UnlistedFolders; 2],
}

impl Workspace {
    pub(super) fn get(&self, kind: ObjectKind, id: &str) -> Option<&Listed> {
        self.objects[&kind].iter().find(|object| *object.id == *id)
    }

    /// What is not in both workspaces as it is in the other one.
    pub(super) fn changed(&self, other: &Self) -> BTreeSet<(ObjectKind, Arc<str>)> {
        let all = |workspace: &Self| -> Vec<(ObjectKind, Arc<str>)> {
            let of_kind = |(kind, objects): (&ObjectKind, &Vec<Listed>)| {
                objects.iter().map(|object| (*kind, object.id.clone())).collect::<Vec<_>>()
            };
            workspace.objects.iter().flat_map(of_kind).collect()
        };
        let differs = |(kind, id): &(ObjectKind, Arc<str>)| self.get(*kind, id) != other.get(*kind, id);
        all(self).into_iter().chain(all(other)).filter(differs).collect()
    }

    fn put(&mut self, kind: ObjectKind, id: &str, name: &str, raw: Value) {
        let objects = self.objects.entry(kind).or_default();
        objects.retain(|object| *object.id != *id);
        let part_of = id.strip_prefix("clusters/").filter(|_| kind == ObjectKind::Permissions);
        let part_of = part_of.map(|cluster| (ObjectKind::Clusters, cluster.into()));
        objects.push(Listed { part_of, ..Listed::new(id, name, None, raw) });
        if kind == ObjectKind::Clusters
            && !self
                .objects
                .entry(ObjectKind::Permissions)
                .or_default()
                .iter()
                .any(|list| *list.id == *format!("clusters/{id}"))
        {
            self.put(ObjectKind::Permissions, &format!("clusters/{id}"), name, list(9));
        }
    }

    fn remove(&mut self, kind: ObjectKind, id: &str) {
        self.objects.entry(kind).or_default().retain(|object| *object.id != *id);
        if kind == ObjectKind::Clusters {
            self.remove(ObjectKind::Permissions, &format!("clusters/{id}"));
        }
    }

    fn inventory(&self, spared: &BTreeSet<ObjectKind>, unlisted: &UnlistedFolders) -> Inventory {
        let mut objects = self.objects.clone();
        objects.retain(|kind, _| !spared.contains(kind));
        for (kind, objects) in &mut objects {
            objects.retain(|object| object.part_of.as_ref().is_none_or(|(kind, _)| !spared.contains(kind)));
            objects.retain(|object| !kinds::of(*kind).is_in_tree() || !unlisted.hide(&object.id));
        }
        Inventory { objects, unlisted: unlisted.clone(), ..Inventory::default() }
    }
}

impl Pair {
    fn matched(&self) -> (Inventory, Inventory, Matched) {
        let scope = Scope::of(&self.settings);
        let (spared, [here, there]) = (scope.unlisted(), &self.unlisted);
        let (here, there) = (self.primary.inventory(&spared, here), self.secondary.inventory(&spared, there));
        let matched = match_with_others(
            (&here, Side::Primary, "P"),
            (&there, Side::Secondary, "S"),
            &self.entries,
            &self.settings.region_map,
            &|kind, object| scope.is_of_others(kind, object),
        );
        (here, there, matched)
    }

    /// Every content is read, and nothing is looked at in turn.
    fn seen(&self) -> (Objects, Objects, LeftOut, BTreeMap<ObjectKey, String>) {
        let (inventory_here, inventory_there, matched) = self.matched();
        let mut here = see(&inventory_here, &matched.source);
        let mut there = see(&inventory_there, &matched.target);
        for seen in here.values_mut().chain(there.values_mut()) {
            seen.fingerprint = Fingerprint::Known(hash(&seen.form));
        }
        let left_out = Scope::of(&self.settings).set_aside(
            scope::Side { inventory: &inventory_here, keys: &matched.source, objects: &mut here },
            scope::Side { inventory: &inventory_there, keys: &matched.target, objects: &mut there },
            &self.entries,
        );
        (here, there, left_out, matched.ambiguous)
    }

    pub(super) fn plan(&self, policy: &SyncPolicy) -> Planned {
        let (here, there, left_out, ambiguous) = self.seen();
        plan(Inputs {
            source: Side::Primary,
            policy: &policy.with_drift(self.settings.on_drift),
            scope: Scope::of(&self.settings),
            entries: &self.entries,
            here: &here,
            there: &there,
            left_out: &left_out,
            ambiguous: &ambiguous,
            own: &BTreeSet::new(),
            is_source_half_blind: false,
            is_own_untold: false,
            out_of_scope: &BTreeMap::new(),
            unlisted: Unlisted { here: &self.unlisted[0], there: &self.unlisted[1] },
            omitted_here: &Omitted::new(),
            omitted_there: &Omitted::new(),
        })
    }

    /// Plans, and does to the secondary what applying does to a workspace.
    pub(super) fn sync(&mut self, policy: &SyncPolicy) -> Planned {
        let planned = self.plan(policy);
        let learnt = noted((PAIR, Side::Primary), &self.entries, &planned, &|_| true, Timestamp(1));
        self.entries.extend(learnt.into_iter().map(|entry| (entry.object.clone(), entry)));
        self.entries.retain(|key, _| !planned.forgotten.contains(key));
        let found =
            planned.items.iter().filter_map(|item| Some((item.object.clone(), item.target_id.clone()?)));
        let found: BTreeMap<ObjectKey, Arc<str>> = found.collect();
        for item in planned.items.iter().filter(|item| !is_group(item)) {
            self.apply(item, &found);
        }
        planned
    }

    fn apply(&mut self, item: &PlanItem, found: &BTreeMap<ObjectKey, Arc<str>>) {
        let kind = item.object.kind;
        let known = self.entries.get(&item.object).cloned();
        let mut entry = known.unwrap_or_else(|| entry::fresh(PAIR, item.object.clone(), &item.name));
        if item.source_id.is_some() {
            entry.set_id_on(Side::Primary, item.source_id.clone());
        }
        if item.activation.is_some() {
            entry.set_awaits_release_on(Side::Secondary, true);
        }
        (entry.last_outcome, entry.last_error) = (Some(OutcomeState::Succeeded), None);
        match item.action {
            _ if item.is_blocked() => entry.last_outcome = Some(OutcomeState::Failed),
            PlanAction::Create | PlanAction::Update | PlanAction::Adopt => {
                let mut form = item.desired.clone().unwrap();
                entry.base_hash = Some(hash(&form));
                let id_of = |key: &ObjectKey| {
                    let known = self.entries.get(key).and_then(|entry| entry.id_on(Side::Secondary));
                    known.or_else(|| found.get(key).map(|id| &**id)).map(str::to_owned)
                };
                to_ids(&mut form, &id_of).expect("what is written finds what it refers to");
                let id = item.target_id.clone().unwrap_or_else(|| self.new_id(&item.object).into());
                self.secondary.put(kind, &id, &item.name, written(kind, &id, form));
                entry.set_id_on(Side::Secondary, Some(id));
                entry.activation.clone_from(&item.activation);
            }
            PlanAction::Delete => {
                self.secondary.remove(kind, item.target_id.as_ref().unwrap());
                self.entries.remove(&item.object);
                return;
            }
            PlanAction::Held => entry.activation.clone_from(&item.activation),
            PlanAction::Skip | PlanAction::Conflict => {
                entry.last_outcome = Some(OutcomeState::Skipped);
                entry.last_error.clone_from(&item.reason);
            }
        }
        self.entries.insert(item.object.clone(), entry);
    }

    fn new_id(&mut self, key: &ObjectKey) -> String {
        if let Some(owner) = scope::owner_of(key) {
            let id = self.entries[&owner].id_on(Side::Secondary).unwrap();
            return format!("{}/{id}", owner.kind);
        }
        if key.key.starts_with('/') {
            return key.key.to_string();
        }
        self.secondary.made += 1;
        (1_000 + self.secondary.made).to_string()
    }
}

/// A list of one entry.
fn list(version: u8) -> Value {
    let entry = json!({"user_name": format!("{version}@x.example"), "permission_level": "CAN_MANAGE"});
    json!({"type": "clusters", "access_control_list": [entry]})
}

/// What a workspace says of an object that was written in this form.
fn written(kind: ObjectKind, id: &str, form: Value) -> Value {
    let mut raw = into_map(form);
    match kind {
        ObjectKind::InstancePools => raw.insert("min_idle_instances".to_owned(), json!(0)),
        ObjectKind::ClusterPolicies => {
            let definition = raw["definition"].to_string();
            raw.insert("definition".to_owned(), json!(definition))
        }
        ObjectKind::Clusters => {
            raw.remove("is_pinned");
            raw.insert("state".to_owned(), json!("TERMINATED"))
        }
        ObjectKind::Jobs => {
            let job_id: i64 = id.parse().unwrap();
            return json!({"job_id": job_id, "creator_user_name": OWN, "settings": raw});
        }
        ObjectKind::Permissions => raw.insert("type".to_owned(), json!("clusters")),
        _ => return Value::Object(raw),
    };
    if matches!(kind, ObjectKind::ClusterPolicies | ObjectKind::Clusters) {
        raw.insert("creator_user_name".to_owned(), json!(OWN));
    }
    Value::Object(raw)
}

/// One object: what both sides last agreed on, and what each has now.
#[derive(Clone, Debug)]
struct Spec {
    kind: ObjectKind,
    name: &'static str,
    versions: [Option<u8>; 3],
    at_work: [i64; 2],
    refers_to: Option<usize>,
    is_tagged: bool,
    owner: &'static str,
    lists: [u8; 2],
    awaits: [bool; 2],
}

fn any_spec() -> impl Strategy<Value = Spec> {
    let version = || prop_oneof![Just(None), (1..3_u8).prop_map(Some), Just(Some(1))];
    let kind = prop::sample::select(&KINDS[..6]);
    let name = prop::sample::select(vec!["plain", "tmp", "tmp", "twin"]);
    let owner = prop::sample::select(vec!["ann@x.example", "bob@x.example"]);
    let at_work = prop_oneof![Just(0_i64), 0..3_i64];
    (
        (kind, name, [version(), version(), version()], [(0..3_i64).boxed(), at_work.boxed()]),
        (prop::option::of(0..12_usize), any::<bool>(), owner, [1..3_u8, 1..3_u8], any::<[bool; 2]>()),
    )
        .prop_map(|((kind, name, versions, at_work), (refers_to, is_tagged, owner, lists, awaits))| {
            Spec { kind, name, versions, at_work, refers_to, is_tagged, owner, lists, awaits }
        })
}

impl Spec {
    fn name(&self, at: usize) -> String {
        match (self.kind, self.name) {
            (ObjectKind::Folders, _) => format!("/{at}"),
            (ObjectKind::Notebooks, name) => format!("/{}/{name} {at}", at / 3 * 3),
            (ObjectKind::Clusters | ObjectKind::Jobs, "twin") => "twin".to_owned(),
            (_, name) => format!("{name} {at}"),
        }
    }

    fn id(&self, at: usize, side: Side) -> String {
        match (self.kind, side) {
            (ObjectKind::Folders | ObjectKind::Notebooks, _) => self.name(at),
            (_, Side::Primary) => (100 + at).to_string(),
            (_, Side::Secondary) => (200 + at).to_string(),
        }
    }

    fn raw(&self, at: usize, side: Side, version: u8, specs: &[Self]) -> Value {
        let name = self.name(at);
        let on = self.at_work[usize::from(side == Side::Secondary)];
        let tags = if self.is_tagged { json!({"dr": "no"}) } else { json!({}) };
        let referred = self.refers_to.and_then(|to| Some((specs.get(to)?.kind, specs.get(to)?.id(to, side))));
        match self.kind {
            ObjectKind::Notebooks => json!({"language": "PYTHON", "source_sha256": version}),
            ObjectKind::InstancePools => json!({
                "instance_pool_name": name, "max_capacity": version, "min_idle_instances": on, "custom_tags": tags,
            }),
            ObjectKind::ClusterPolicies => {
                let definition = json!({"num_workers": {"type": "fixed", "value": version}}).to_string();
                json!({"name": name, "definition": definition, "creator_user_name": self.owner})
            }
            ObjectKind::Clusters => {
                let state = if on > 0 { "RUNNING" } else { "TERMINATED" };
                let mut raw = json!({
                    "cluster_name": name, "num_workers": version, "state": state, "custom_tags": tags,
                    "creator_user_name": self.owner,
                });
                if let Some((ObjectKind::InstancePools, id)) = referred {
                    raw["instance_pool_id"] = json!(id);
                }
                raw
            }
            ObjectKind::Jobs => {
                let task = match referred {
                    Some((ObjectKind::Clusters, id)) => json!({"task_key": "t", "existing_cluster_id": id}),
                    Some((ObjectKind::Jobs, id)) => {
                        json!({"task_key": "t", "run_job_task": {"job_id": id.parse::<i64>().unwrap()}})
                    }
                    _ => json!({"task_key": "t"}),
                };
                json!({
                    "job_id": self.id(at, side).parse::<i64>().unwrap(), "creator_user_name": self.owner,
                    "settings": {
                        "name": name, "timeout_seconds": version, "max_concurrent_runs": on, "tags": tags, "tasks": [task],
                    },
                })
            }
            _ => json!({}),
        }
    }
}

/// The workspaces, and the ledger of those that were equal once.
fn pair(specs: &[Spec], settings: ReplicationSettings) -> Pair {
    let mut pair = Pair { settings, ..Pair::default() };
    for kind in KINDS {
        pair.primary.objects.entry(kind).or_default();
        pair.secondary.objects.entry(kind).or_default();
    }
    for (at, spec) in specs.iter().enumerate() {
        let [_, here, there] = spec.versions;
        for (side, version, acl) in
            [(Side::Primary, here, spec.lists[0]), (Side::Secondary, there, spec.lists[1])]
        {
            let Some(version) = version else { continue };
            let workspace = if side == Side::Primary { &mut pair.primary } else { &mut pair.secondary };
            let (id, name) = (spec.id(at, side), spec.name(at));
            workspace.put(spec.kind, &id, &name, spec.raw(at, side, version, specs));
            if spec.kind == ObjectKind::Clusters {
                workspace.put(ObjectKind::Permissions, &format!("clusters/{id}"), &name, list(acl));
            }
            if spec.kind == ObjectKind::Notebooks {
                workspace.put(ObjectKind::Folders, parent_of(&id), parent_of(&id), json!({}));
            }
        }
        if spec.versions[0].is_some() {
            let entry = once_equal(spec, at);
            pair.entries.insert(entry.object.clone(), entry);
        }
    }
    note_what_was_equal(&mut pair, specs);
    pair
}

fn once_equal(spec: &Spec, at: usize) -> LedgerEntry {
    let ids = [spec.id(at, Side::Primary), spec.id(at, Side::Secondary)];
    let mut entry = entry::fresh(PAIR, own_key(spec.kind, "P", &ids[0]), &spec.name(at));
    [entry.primary_id, entry.secondary_id] = ids.map(|id| Some(id.into()));
    entry.base_hash = Some("of a version that is gone".to_owned());
    entry.last_outcome = Some(OutcomeState::Succeeded);
    entry.activation = kinds::of(spec.kind).activation(&spec.raw(at, Side::Primary, 1, &[]), &nothing);
    if entry.activation.is_some() {
        [entry.awaits_release_on_primary, entry.awaits_release_on_secondary] = spec.awaits;
    }
    entry
}

/// What both sides last agreed on is what one of them has, where its version is that one.
fn note_what_was_equal(pair: &mut Pair, specs: &[Spec]) {
    let settings = std::mem::take(&mut pair.settings);
    let (here, there, ..) = pair.seen();
    pair.settings = settings;
    for (at, spec) in specs.iter().enumerate() {
        let key = own_key(spec.kind, "P", &spec.id(at, Side::Primary));
        let [base, on_primary, on_secondary] = spec.versions;
        let Some(entry) = pair.entries.get_mut(&key) else { continue };
        let seen = if base == on_primary {
            here.get(&key)
        } else {
            there.get(&key).filter(|_| base == on_secondary)
        };
        if let Some(seen) = seen {
            entry.base_hash = Some(hash(&seen.form));
        }
    }
}

fn any_filter() -> impl Strategy<Value = ScopeFilter> {
    let by = prop::sample::select(vec![
        FilterBy::Path { path: "/".to_owned() },
        FilterBy::Path { path: "/0".to_owned() },
        FilterBy::Path { path: "/3".to_owned() },
        FilterBy::Name { pattern: "tmp*".to_owned() },
        FilterBy::Name { pattern: "*".to_owned() },
        FilterBy::Tag { key: "dr".to_owned(), value: "*".to_owned() },
        FilterBy::Owner { pattern: "ann*".to_owned() },
    ]);
    let kind = prop::option::of(prop::sample::select(&KINDS[..6]));
    (kind, by, any::<bool>()).prop_map(|(kind, by, is_included)| ScopeFilter { kind, by, is_included })
}

fn any_settings() -> impl Strategy<Value = ReplicationSettings> {
    let handling = (prop::sample::select(&KINDS[..]), prop::sample::select(&Handling::ALL[..]));
    let on_drift = prop::sample::select(vec![OnDrift::Overwrite, OnDrift::Keep, OnDrift::Ask]);
    (prop::collection::vec(handling, 0..3), prop::collection::vec(any_filter(), 0..3), on_drift).prop_map(
        |(handling, filters, on_drift)| ReplicationSettings {
            handling: handling.into_iter().collect(),
            filters,
            on_drift,
            ..ReplicationSettings::default()
        },
    )
}

pub(super) fn any_pair() -> impl Strategy<Value = Pair> {
    (prop::collection::vec(any_spec(), 0..12), any_settings())
        .prop_map(|(specs, settings)| pair(&specs, settings))
}

pub(super) fn any_policy() -> impl Strategy<Value = SyncPolicy> {
    let forward = (any::<bool>(), any::<bool>()).prop_map(|(overwrites, asks)| SyncPolicy {
        on_target_changed: if overwrites { OnTargetChanged::Overwrite } else { OnTargetChanged::Keep },
        on_both_changed: if asks { OnBothChanged::Ask } else { OnBothChanged::SourceWins },
        ..SyncPolicy::forward()
    });
    prop_oneof![4 => forward, 1 => Just(SyncPolicy::carry_back(BTreeMap::new()))]
}
