//! What of a group is replicated, as a person has decided it.

use std::collections::{BTreeMap, BTreeSet};

use farshore_model::{
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
    plan::SyncPlan,
    replication_settings::{Bundles, FilterBy, Handling, ReplicationSettings, ScopeFilter},
};

use crate::{
    id_map::{Entries, SideKeys},
    inventory::Inventory,
    kinds::{self, LeftTo, Listed, Naming},
    people::People,
    planner::Objects,
    references::referring_kinds,
    remark,
};

/// The settings of a group, asked about kinds and objects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    settings: &'a ReplicationSettings,
}

/// What both sides have that no sync looks at, because a filter leaves it out or its kind is excluded. It is known by
/// its key, so that what refers to it finds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LeftOut {
    pub(crate) here: Objects,
    pub(crate) there: Objects,
}

/// One side, as far as it is known before anything is read.
pub(crate) struct Side<'a> {
    pub(crate) inventory: &'a Inventory,
    pub(crate) keys: &'a SideKeys,
    pub(crate) objects: &'a mut Objects,
}

impl<'a> Scope<'a> {
    pub(crate) const fn of(settings: &'a ReplicationSettings) -> Self {
        Self { settings }
    }

    pub(crate) fn is_excluded(self, kind: ObjectKind) -> bool {
        self.settings.handling_of(kind) == Handling::Excluded
    }

    pub(crate) fn excluded(self) -> impl Iterator<Item = ObjectKind> {
        ObjectKind::ALL.into_iter().filter(move |kind| self.is_excluded(*kind))
    }

    /// The excluded kinds that nothing else refers to: there is no reason to list them.
    pub(crate) fn unlisted(self) -> BTreeSet<ObjectKind> {
        let is_needed = |kind: ObjectKind| referring_kinds(kind).iter().any(|by| !self.is_excluded(*by));
        self.excluded().filter(|kind| !is_needed(*kind)).collect()
    }

    /// Why the objects of the kind are compared and never written, if so.
    pub(crate) fn why_left_alone(self, kind: ObjectKind) -> Option<&'static str> {
        match self.settings.handling_of(kind) {
            Handling::Sync | Handling::Excluded => None,
            Handling::CoDeploy => Some("it is deployed by CI/CD on both sides"),
            Handling::Manual => Some("it is kept equal by hand"),
        }
    }

    /// Whether a sync leaves alone what these bring to both sides.
    pub(crate) fn is_left_to(self, others: LeftTo) -> bool {
        others != LeftTo::Bundle || self.settings.bundles == Bundles::LeftToCiCd
    }

    /// Whether somebody else than a sync sees to the object, who knows it by its name and not by our ledger.
    pub(crate) fn is_of_others(self, kind: ObjectKind, object: &Listed) -> bool {
        kinds::of(kind).left_to(&object.id, &object.raw).is_some_and(|others| self.is_left_to(others))
            || self.settings.handling_of(kind) != Handling::Sync
            || self.is_filtered_out(kind, object)
    }

    /// Whether the first filter that fits the object leaves it out.
    fn is_filtered_out(self, kind: ObjectKind, object: &Listed) -> bool {
        let fitting = self.filters_for(kind).find(|filter| fits(&filter.by, kind, object));
        fitting.is_some_and(|filter| !filter.is_included)
    }

    /// Whether the filters leave out whatever may be in the folder.
    pub(crate) fn leaves_out_all_in(self, folder: &str) -> bool {
        let leaves_out = |kind: ObjectKind| {
            let is_certain = |filter: &&ScopeFilter| {
                filter.is_included || matches!(&filter.by, FilterBy::Path { path } if lies_in(folder, path))
            };
            self.filters_for(kind).find(is_certain).is_some_and(|filter| !filter.is_included)
        };
        let mut of_tree = ObjectKind::ALL.into_iter().filter(|kind| kinds::of(*kind).is_in_tree());
        of_tree.all(|kind| self.is_excluded(kind) || leaves_out(kind))
    }

    fn filters_for(self, kind: ObjectKind) -> impl Iterator<Item = &'a ScopeFilter> {
        self.settings.filters.iter().filter(move |filter| filter.kind.is_none_or(|of| of == kind))
    }

    /// The principals, and the members of an order, that a sync does not see to on both sides: those that a filter leaves out, those that are on the
    /// target alone and never came from the source, and those that others have not brought to the target yet.
    pub(crate) fn apart(
        self,
        (here, keys_here): (&Inventory, &SideKeys),
        (there, keys_there): (&Inventory, &SideKeys),
        entries: &Entries,
    ) -> BTreeSet<ObjectKey> {
        let mut apart = BTreeSet::new();
        for kind in ObjectKind::ALL.into_iter().filter(|kind| is_among_others(*kind)) {
            let (objects_here, objects_there) = (here.objects.get(&kind), there.objects.get(&kind));
            let is_left_to_others = self.is_excluded(kind) || self.why_left_alone(kind).is_some();
            let is_filtered_out =
                |object: &Listed| !self.is_excluded(kind) && self.is_filtered_out(kind, object);
            let mut on_target: BTreeMap<&ObjectKey, &Listed> = BTreeMap::new();
            on_target.extend(
                objects_there
                    .into_iter()
                    .flatten()
                    .filter_map(|object| Some((keys_there.of(kind, &object.id)?, object))),
            );
            for object in objects_here.into_iter().flatten() {
                let Some(key) = keys_here.of(kind, &object.id) else { continue };
                let is_missing = on_target.remove(key).is_none();
                if is_filtered_out(object) || (is_missing && is_left_to_others) {
                    apart.insert(key.clone());
                }
            }
            for (key, object) in on_target {
                let entry = entries.get(key);
                let was_out = self.filters_for(kind).next().is_some()
                    && !self.is_excluded(kind)
                    && entry.is_some_and(remark::is_out_of_scope);
                if entry.is_none() || was_out || is_filtered_out(object) {
                    apart.insert(key.clone());
                }
            }
        }
        apart
    }

    /// The same as far as the ledger knows them, for an application of the plan. Whoever it does not know is one of
    /// them as well.
    pub(crate) fn noted_apart(self, entries: &Entries, plan: &SyncPlan) -> BTreeSet<ObjectKey> {
        let planned: BTreeSet<&ObjectKey> = plan.items.iter().map(|item| &item.object).collect();
        let is_apart = |entry: &&LedgerEntry| {
            let kind = entry.object.kind;
            is_among_others(kind)
                && !self.is_excluded(kind)
                && remark::is_out_of_scope(entry)
                && !planned.contains(&entry.object)
        };
        entries.values().filter(is_apart).map(|entry| entry.object.clone()).collect()
    }

    /// Takes out of both sides what is out of the scope. The source's version of an object decides, and else the
    /// target's; of what has gone from the source, what was decided there last. A part follows what it is a part of.
    /// Folders that something in the scope needs are in the scope.
    pub(crate) fn set_aside(self, here: Side<'_>, there: Side<'_>, entries: &Entries) -> LeftOut {
        let mut left_out = LeftOut::default();
        if self.settings.filters.is_empty() && self.excluded().next().is_none() {
            return left_out;
        }
        let mut is_out: BTreeMap<&ObjectKey, bool> = BTreeMap::new();
        for (kind, object, key) in each(&here) {
            is_out.insert(key, self.is_excluded(kind) || self.is_filtered_out(kind, object));
        }
        for (kind, object, key) in each(&there) {
            let was_out = || {
                let entry = entries.get(key);
                self.filters_for(kind).next().is_some() && entry.is_some_and(remark::is_out_of_scope)
            };
            let decide = || self.is_excluded(kind) || self.is_filtered_out(kind, object) || was_out();
            is_out.entry(key).or_insert_with(decide);
        }
        let mut out: BTreeSet<ObjectKey> =
            is_out.iter().filter(|(_, is_out)| **is_out).map(|(key, _)| (*key).clone()).collect();
        let parts: Vec<ObjectKey> = here
            .objects
            .keys()
            .chain(there.objects.keys())
            .filter(|key| owner_of(key).is_some_and(|owner| out.contains(&owner)))
            .cloned()
            .collect();
        for key in is_out.into_iter().filter(|(_, is_out)| !is_out).map(|(key, _)| key) {
            if self.why_left_alone(key.kind).is_none() && here.objects.contains_key(key) {
                need_folders_of(key, &mut out);
            }
        }
        out.extend(parts);
        for (objects, aside) in [(here.objects, &mut left_out.here), (there.objects, &mut left_out.there)] {
            aside.extend(out.iter().filter_map(|key| objects.remove_entry(key)));
        }
        left_out
    }
}

impl LeftOut {
    pub(crate) fn contains(&self, key: &ObjectKey) -> bool {
        self.here.contains_key(key) || self.there.contains_key(key)
    }
}

/// Every object of a side that stands by itself.
fn each<'a>(side: &Side<'a>) -> impl Iterator<Item = (ObjectKind, &'a Listed, &'a ObjectKey)> {
    let (inventory, keys) = (side.inventory, side.keys);
    let of_kind = move |(kind, listed): (&ObjectKind, &'a Vec<Listed>)| {
        let kind = *kind;
        listed.iter().filter_map(move |object| Some((kind, object, keys.of(kind, &object.id)?)))
    };
    let stands = |(kind, _): &(&ObjectKind, &Vec<Listed>)| kinds::of(**kind).naming() != Naming::Part;
    inventory.objects.iter().filter(stands).flat_map(of_kind)
}

fn need_folders_of(key: &ObjectKey, out: &mut BTreeSet<ObjectKey>) {
    let mut folder = kinds::of(key.kind).belongs_to(&key.key);
    while let Some(key) = folder.filter(|key| key.kind == ObjectKind::Folders) {
        out.remove(&key);
        folder = kinds::of(key.kind).belongs_to(&key.key);
    }
}

/// Whether it matters to other objects on a side that an object is there: groups have members, and an order has places.
fn is_among_others(kind: ObjectKind) -> bool {
    People::KINDS.contains(&kind) || kinds::of(kind).is_ordered()
}

/// What the object is a part of, if it is one.
pub(crate) fn owner_of(key: &ObjectKey) -> Option<ObjectKey> {
    let rules = kinds::of(key.kind);
    (rules.naming() == Naming::Part).then(|| rules.belongs_to(&key.key)).flatten()
}

fn fits(by: &FilterBy, kind: ObjectKind, object: &Listed) -> bool {
    let rules = kinds::of(kind);
    let has_path = rules.naming() == Naming::Path;
    match by {
        FilterBy::Path { path } => has_path && lies_in(&object.id, path),
        FilterBy::Name { pattern } if has_path => {
            fits_pattern(pattern, object.id.rsplit('/').next().unwrap_or(&object.id))
        }
        FilterBy::Name { pattern } => fits_pattern(pattern, &object.name),
        FilterBy::Tag { key, value } => {
            let tag = rules.tags(&object.raw).and_then(|tags| tags.get(key)?.as_str());
            tag.is_some_and(|tag| fits_pattern(value, tag))
        }
        FilterBy::Owner { pattern } => {
            rules.owner(&object.raw).is_some_and(|owner| fits_pattern(pattern, owner))
        }
    }
}

/// Whether the path is that one, or below it. Files of DBFS are called `dbfs:/…`.
fn lies_in(path: &str, folder: &str) -> bool {
    let path = path.strip_prefix("dbfs:").unwrap_or(path);
    let below = path.strip_prefix(folder.strip_suffix('/').unwrap_or(folder));
    below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// Whether the text is the pattern, in which `*` stands for any text.
fn fits_pattern(pattern: &str, text: &str) -> bool {
    let Some((beginning, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(beginning) else { return false };
    let mut pieces = rest.split('*');
    let end = pieces.next_back().unwrap_or_default();
    for piece in pieces {
        let Some((_, after)) = text.split_once(piece) else { return false };
        text = after;
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests;
