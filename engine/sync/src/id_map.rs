//! Which object of one side is which object of the other one.

use std::collections::{BTreeMap, BTreeSet};

use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
    plan::SyncPlan,
};

use crate::{
    inventory::Inventory,
    kinds::{self, Listed, Naming},
    references::KeyLookup,
};

/// The ledger, by key.
pub(crate) type Entries = BTreeMap<ObjectKey, LedgerEntry>;

/// The keys of everything that one side has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SideKeys {
    by_id: BTreeMap<(ObjectKind, String), ObjectKey>,
    /// Set for the side that is written: what nobody has matched is still some object, and comparing must
    /// not depend on when it is looked at.
    org_id: Option<String>,
}

/// The two sides, matched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Matched {
    pub(crate) source: SideKeys,
    pub(crate) target: SideKeys,
    /// Objects of the source that may be the same as one on the target, with why that cannot be told.
    pub(crate) ambiguous: BTreeMap<ObjectKey, String>,
}

impl SideKeys {
    /// The ids that the ledger knows on the side that is written.
    pub(crate) fn of_target(entries: &Entries, side: Side, org_id: &str) -> Self {
        Self { by_id: ids_in_ledger(entries, side), org_id: Some(org_id.to_owned()) }
    }

    /// The ids of the side that is read: those that the ledger knows, and those that the plan has found.
    pub(crate) fn of_source(entries: &Entries, plan: &SyncPlan) -> Self {
        let mut keys = Self { by_id: ids_in_ledger(entries, plan.source), org_id: None };
        for item in &plan.items {
            if let Some(id) = &item.source_id {
                keys.insert(item.object.clone(), id);
            }
        }
        keys
    }

    pub(crate) fn insert(&mut self, key: ObjectKey, id: &str) {
        self.by_id.insert((key.kind, id.to_owned()), key);
    }

    pub(crate) fn of(&self, kind: ObjectKind, id: &str) -> Option<&ObjectKey> {
        self.by_id.get(&(kind, id.to_owned()))
    }
}

impl KeyLookup for SideKeys {
    fn key_of(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey> {
        let unmatched = || self.org_id.as_ref().map(|org_id| own_key(kind, org_id, id));
        self.of(kind, id).cloned().or_else(unmatched)
    }
}

/// The key of an object that is seen for the first time.
pub(crate) fn own_key(kind: ObjectKind, org_id: &str, id: &str) -> ObjectKey {
    let key = match kinds::of(kind).naming() {
        Naming::Path => id.to_owned(),
        Naming::UniqueName | Naming::AnyName | Naming::Part => format!("{org_id}:{id}"),
    };
    ObjectKey { kind, key }
}

fn ids_in_ledger(entries: &Entries, side: Side) -> BTreeMap<(ObjectKind, String), ObjectKey> {
    let ids = entries.values().filter_map(|entry| {
        let id = entry.id_on(side)?;
        Some(((entry.object.kind, id.to_owned()), entry.object.clone()))
    });
    ids.collect()
}

/// Gives every object of both sides its key: by the ledger; else, for what is new on the source, by its own
/// id; else, for what is new on the target, by a name that leaves no doubt.
pub(crate) fn match_sides(
    source: (&Inventory, Side, &str),
    target: (&Inventory, Side, &str),
    entries: &Entries,
) -> Matched {
    let mut matched =
        Matched { target: SideKeys::of_target(entries, target.1, target.2), ..Matched::default() };
    for kind in ObjectKind::ALL {
        match_kind(kind, source, target, entries, &mut matched);
    }
    matched
}

fn match_kind(
    kind: ObjectKind,
    (source, source_side, source_org): (&Inventory, Side, &str),
    (target, target_side, target_org): (&Inventory, Side, &str),
    entries: &Entries,
    matched: &mut Matched,
) {
    let source_known = ids_in_ledger(entries, source_side);
    let target_known = ids_in_ledger(entries, target_side);
    let here = source.objects.get(&kind).map(Vec::as_slice).unwrap_or_default();
    let there = target.objects.get(&kind).map(Vec::as_slice).unwrap_or_default();

    let naming = kinds::of(kind).naming();
    if naming == Naming::Part {
        for (objects, keys) in [(here, &mut matched.source), (there, &mut matched.target)] {
            match_parts(kind, objects, keys);
        }
        return;
    }
    let alive: BTreeSet<&ObjectKey> =
        here.iter().filter_map(|object| source_known.get(&(kind, object.id.clone()))).collect();
    // Where names are unique, an object that was made anew under its old name is the old one: beside its copy
    // there is no room for a second, and whatever refers to the copy goes on doing so.
    let mut bereft: BTreeMap<&str, &ObjectKey> = BTreeMap::new();
    if naming == Naming::UniqueName {
        for object in there {
            let known = target_known.get(&(kind, object.id.clone())).filter(|key| !alive.contains(key));
            bereft.extend(known.map(|key| (object.name.as_str(), key)));
        }
    }
    let key_here = |object: &Listed| {
        let known = source_known.get(&(kind, object.id.clone()));
        let known = known.or_else(|| bereft.get(object.name.as_str()).copied()).cloned();
        known.unwrap_or_else(|| own_key(kind, source_org, &object.id))
    };
    for object in here {
        matched.source.insert(key_here(object), &object.id);
    }

    let mut unmatched: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
    for object in there {
        let known = target_known.get(&(kind, object.id.clone())).cloned();
        if naming != Naming::Path && known.is_none() {
            unmatched.entry(&object.name).or_default().push(object);
        }
        let key = known.unwrap_or_else(|| own_key(kind, target_org, &object.id));
        matched.target.insert(key, &object.id);
    }

    let mut waiting: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
    for object in here {
        let has_copy = entries.get(&key_here(object)).is_some_and(|entry| entry.id_on(target_side).is_some());
        if naming != Naming::Path && !has_copy {
            waiting.entry(&object.name).or_default().push(object);
        }
    }
    for (name, candidates) in waiting {
        match (candidates.as_slice(), unmatched.get(name).map(Vec::as_slice)) {
            (_, None | Some([])) => {}
            ([object], Some([copy])) => matched.target.insert(key_here(object), &copy.id),
            (objects, Some(copies)) => {
                for object in objects {
                    let why =
                        ambiguity(kind, name, (objects.len(), source_side), (copies.len(), target_side));
                    matched.ambiguous.insert(key_here(object), why);
                }
            }
        }
    }
}

/// A part has the key of what it is a part of, which has been matched before.
fn match_parts(kind: ObjectKind, objects: &[Listed], keys: &mut SideKeys) {
    for object in objects {
        let owner = object.part_of.as_ref().and_then(|(owner, id)| keys.of(*owner, id));
        if let Some(key) = owner.map(ToString::to_string) {
            keys.insert(ObjectKey { kind, key }, &object.id);
        }
    }
}

fn ambiguity(kind: ObjectKind, name: &str, here: (usize, Side), there: (usize, Side)) -> String {
    let count = |(count, side): (usize, Side)| {
        let one = kind.singular();
        if count == 1 { format!("1 {one} in {side}") } else { format!("{count} {one}s in {side}") }
    };
    format!(
        "the name \"{name}\" belongs to {} and {}, so that nothing tells which is which; rename them or delete \
         the superfluous ones",
        count(here),
        count(there)
    )
}

#[cfg(test)]
mod tests;
