//! Which object of one side is which object of the other one.

use std::collections::{BTreeMap, BTreeSet};

use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
    plan::SyncPlan,
    region_map::RegionMap,
};
use serde_json::Value;

use crate::{
    inventory::Inventory,
    kinds::{self, Canonical, Kind, Listed, Naming},
    references::KeyLookup,
    region,
};

/// The ledger, by key.
pub(crate) type Entries = BTreeMap<ObjectKey, LedgerEntry>;

/// The keys of everything that one side has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SideKeys {
    by_id: BTreeMap<(ObjectKind, String), ObjectKey>,
    /// The principals with which we work, on either side.
    own: BTreeSet<ObjectKey>,
    /// The principals whose membership in groups is the affair of each side; None: nobody's is.
    apart: Option<BTreeSet<ObjectKey>>,
    /// Set for the side that is written: what nobody has matched is still some object, and comparing must
    /// not depend on when it is looked at.
    org_id: Option<String>,
    /// What the two regions call differently, and which side this is.
    words: Option<(Side, RegionMap)>,
    /// One of the two workspaces does not tell what is installed on clusters.
    lacks_libraries: bool,
    /// One of the two workspaces does not have these at all.
    unoffered: BTreeSet<ObjectKind>,
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
    /// Nothing, in the words of a side.
    fn in_words(side: Side, map: &RegionMap) -> Self {
        let words = (!map.rules.is_empty()).then(|| (side, map.clone()));
        Self { words, ..Self::default() }
    }

    /// The ids that the ledger knows on the side that is written.
    pub(crate) fn of_target(entries: &Entries, side: Side, org_id: &str, map: &RegionMap) -> Self {
        Self { org_id: Some(org_id.to_owned()), ..Self::in_ledger(entries, side, map) }
    }

    /// The ids of the side that is read: those that the ledger knows, and those that the plan has found.
    pub(crate) fn of_source(entries: &Entries, plan: &SyncPlan, map: &RegionMap) -> Self {
        let mut keys = Self::in_ledger(entries, plan.source, map);
        for item in &plan.items {
            if let Some(id) = &item.source_id {
                keys.insert(item.object.clone(), id);
            }
        }
        keys
    }

    fn in_ledger(entries: &Entries, side: Side, map: &RegionMap) -> Self {
        let mut keys = Self::in_words(side, map);
        for entry in entries.values() {
            if let Some(id) = entry.id_on(side) {
                // The map may have changed since the ledger has noted it.
                let key = keys.translated(entry.object.kind, id);
                keys.insert(key.unwrap_or_else(|| entry.object.clone()), id);
            }
        }
        keys
    }

    /// The key of an object of which the map tells what the other side calls it.
    fn translated(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey> {
        let field = kinds::of(kind).name_field()?;
        let translate = |(side, map): &(Side, RegionMap)| region::to_key(id, field, *side, map);
        Some(ObjectKey { kind, key: self.words.as_ref().map_or_else(|| id.to_owned(), translate) })
    }

    /// The key of an object of this side that is seen for the first time.
    fn first_key(&self, kind: ObjectKind, org_id: &str, id: &str) -> ObjectKey {
        self.translated(kind, id).unwrap_or_else(|| own_key(kind, org_id, id))
    }

    /// Why nothing tells what the other side calls the object, if so.
    fn why_untold(&self, kind: ObjectKind, id: &str) -> Option<String> {
        let (side, map) = self.words.as_ref()?;
        region::why_untold(id, kinds::of(kind).name_field()?, *side, map)
    }

    /// The canonical form of an object of this side.
    pub(crate) fn canonical(&self, kind: &dyn Kind, raw: &Value) -> Canonical {
        let Canonical { form, problems } = kind.canonical(raw, self);
        Canonical { form: self.in_common_words(form), problems }
    }

    /// What an object of this side does.
    pub(crate) fn activation(&self, kind: &dyn Kind, raw: &Value) -> Option<Value> {
        kind.activation(raw, self).map(|activation| self.in_common_words(activation))
    }

    /// What an object of this side would do in its passive form.
    pub(crate) fn passive(&self, kind: &dyn Kind, raw: &Value) -> Option<Value> {
        kind.passive(raw, self).map(|passive| self.in_common_words(passive))
    }

    fn in_common_words(&self, mut form: Value) -> Value {
        if let Some((side, map)) = &self.words {
            region::to_canonical(&mut form, *side, map);
        }
        form
    }

    pub(crate) fn insert(&mut self, key: ObjectKey, id: &str) {
        for other_id in kinds::of(key.kind).other_ids(id) {
            self.by_id.insert((key.kind, other_id), key.clone());
        }
        self.by_id.insert((key.kind, id.to_owned()), key);
    }

    /// Forgets the ids of what the ledger knows and the workspace does not have any more: what still names one of
    /// them names nothing, and will go on doing so when the object is made anew.
    fn forget_what_is_gone(&mut self, kind: ObjectKind, there: &[Listed]) {
        let present: BTreeSet<ObjectKey> =
            there.iter().filter_map(|object| self.of(kind, &object.id)).cloned().collect();
        self.by_id.retain(|(of, _), key| *of != kind || present.contains(key));
    }

    /// Whatever still names the id names something else than what the ledger says.
    pub(crate) fn forget(&mut self, kind: ObjectKind, id: &str) {
        self.by_id.remove(&(kind, id.to_owned()));
    }

    /// Of an object that nobody has matched. By its other ids it goes on being unknown: what they stand for must not
    /// depend on whether it was listed.
    fn insert_unmatched(&mut self, kind: ObjectKind, org_id: &str, id: &str) {
        self.by_id.insert((kind, id.to_owned()), self.first_key(kind, org_id, id));
    }

    /// What is installed on clusters is not compared: one of the workspaces does not tell.
    pub(crate) const fn leave_out_libraries(&mut self) {
        self.lacks_libraries = true;
    }

    /// One of the workspaces does not have the kind at all.
    pub(crate) fn note_unoffered(&mut self, kind: ObjectKind) {
        self.unoffered.insert(kind);
    }

    /// The membership of these in groups is not compared, and neither is that of whoever is not known at all.
    pub(crate) fn set_apart(&mut self, apart: BTreeSet<ObjectKey>) {
        self.apart = Some(apart);
    }

    /// The principals with which we work, on either side.
    pub(crate) const fn own(&self) -> &BTreeSet<ObjectKey> {
        &self.own
    }

    pub(crate) fn of(&self, kind: ObjectKind, id: &str) -> Option<&ObjectKey> {
        self.by_id.get(&(kind, id.to_owned()))
    }
}

impl KeyLookup for SideKeys {
    fn key_of(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey> {
        let unmatched = || self.org_id.as_ref().map(|org_id| self.first_key(kind, org_id, id));
        self.of(kind, id).cloned().or_else(unmatched)
    }

    fn known_key_of(&self, kind: ObjectKind, id: &str) -> Option<ObjectKey> {
        self.of(kind, id).cloned()
    }

    fn is_apart(&self, kind: ObjectKind, id: &str) -> bool {
        let Some(apart) = &self.apart else { return false };
        match self.of(kind, id) {
            Some(key) => apart.contains(key),
            // On the side that is written it is somebody whom no sync has brought there.
            None => self.org_id.is_some(),
        }
    }

    fn is_own(&self, key: &ObjectKey) -> bool {
        self.own.contains(key)
    }

    fn is_told(&self, field: &[&str], value: &str) -> bool {
        self.words.as_ref().is_some_and(|(side, map)| region::is_told(value, field, *side, map))
    }

    fn is_offered(&self, kind: ObjectKind) -> bool {
        !self.unoffered.contains(&kind)
    }

    fn compares_libraries(&self) -> bool {
        !self.lacks_libraries
    }
}

/// Tells both sides which principals we work with: on each side one, which may be known on the other one as well.
/// Its kind cannot be told from its id.
pub(crate) fn note_own(source: (&mut SideKeys, Option<&str>), target: (&mut SideKeys, Option<&str>)) {
    let mut own = BTreeSet::new();
    for (keys, id) in [(&*source.0, source.1), (&*target.0, target.1)] {
        for kind in [ObjectKind::Users, ObjectKind::ServicePrincipals] {
            own.extend(id.and_then(|id| keys.key_of(kind, id)));
        }
    }
    source.0.own.clone_from(&own);
    target.0.own = own;
}

/// The key of an object that is seen for the first time, if both sides call it the same.
pub(crate) fn own_key(kind: ObjectKind, org_id: &str, id: &str) -> ObjectKey {
    let key = match kinds::of(kind).naming() {
        Naming::Path => id.to_owned(),
        Naming::UniqueName | Naming::AnyName | Naming::Part => format!("{org_id}:{id}"),
    };
    ObjectKey { kind, key }
}

/// Gives every object of both sides its key: by the ledger; else, for what is new on the source, by its own
/// id; else, for what is new on the target, by an id that is the same everywhere, or by a name that leaves no doubt.
pub(crate) fn match_sides(
    source: (&Inventory, Side, &str),
    target: (&Inventory, Side, &str),
    entries: &Entries,
) -> Matched {
    let is_of_others =
        |kind: ObjectKind, object: &Listed| kinds::of(kind).left_alone(&object.id, &object.raw).is_some();
    match_with_others(source, target, entries, &RegionMap::default(), &is_of_others)
}

/// As [`match_sides`], knowing what the two regions call differently and what others than a sync see to.
pub(crate) fn match_with_others(
    source: (&Inventory, Side, &str),
    target: (&Inventory, Side, &str),
    entries: &Entries,
    map: &RegionMap,
    is_of_others: &dyn Fn(ObjectKind, &Listed) -> bool,
) -> Matched {
    let known = (SideKeys::in_ledger(entries, source.1, map), SideKeys::in_ledger(entries, target.1, map));
    let mut matched = Matched {
        source: SideKeys::in_words(source.1, map),
        target: SideKeys::of_target(entries, target.1, target.2, map),
        ambiguous: BTreeMap::new(),
    };
    for kind in ObjectKind::ALL {
        match_kind(kind, source, target, (entries, &known), is_of_others, &mut matched);
    }
    note_own(
        (&mut matched.source, source.0.own_id.as_deref()),
        (&mut matched.target, target.0.own_id.as_deref()),
    );
    matched
}

fn match_kind<'a>(
    kind: ObjectKind,
    (source, source_side, source_org): (&'a Inventory, Side, &str),
    (target, target_side, target_org): (&'a Inventory, Side, &str),
    (entries, (source_known, target_known)): (&Entries, &(SideKeys, SideKeys)),
    is_of_others: &dyn Fn(ObjectKind, &Listed) -> bool,
    matched: &mut Matched,
) {
    let here = source.objects.get(&kind).map(Vec::as_slice).unwrap_or_default();
    let there = target.objects.get(&kind).map(Vec::as_slice).unwrap_or_default();

    let naming = kinds::of(kind).naming();
    if naming == Naming::Part {
        for (objects, keys) in [(here, &mut matched.source), (there, &mut matched.target)] {
            match_parts(kind, objects, keys);
        }
        return;
    }
    if naming != Naming::Path && target.objects.contains_key(&kind) {
        matched.target.forget_what_is_gone(kind, there);
    }
    let alive: BTreeSet<&ObjectKey> =
        here.iter().filter_map(|object| source_known.of(kind, &object.id)).collect();
    // Where names are unique, an object that was made anew under its old name is the old one: beside its copy
    // there is no room for a second, and whatever refers to the copy goes on doing so. The same is true of ids that
    // are unique everywhere, and of what others make on both sides: they know it by its name.
    // A path is known by itself.
    let is_of_others = |object: &Listed| naming != Naming::Path && is_of_others(kind, object);
    let (names_here, names_there) = (count_names(here), count_names(there));
    let is_only_one = |name: &str| names_here.get(name) == Some(&1) && names_there.get(name) == Some(&1);
    let unique_name = |object: &'a Listed| match naming {
        Naming::UniqueName => Some(object.name.as_str()),
        _ if is_of_others(object) && is_only_one(&object.name) => Some(object.name.as_str()),
        _ => object.universal_id.as_deref(),
    };
    let bereft = there.iter().filter_map(|object| {
        let known = target_known.of(kind, &object.id).filter(|key| !alive.contains(key))?;
        Some((unique_name(object)?, known))
    });
    let bereft: BTreeMap<&str, &ObjectKey> = bereft.collect();
    let key_here = |object: &'a Listed| {
        let known = source_known.of(kind, &object.id);
        let known = known.or_else(|| bereft.get(unique_name(object)?).copied()).cloned();
        known.unwrap_or_else(|| source_known.first_key(kind, source_org, &object.id))
    };
    for object in here {
        matched.source.insert(key_here(object), &object.id);
        if let Some(why) = source_known.why_untold(kind, &object.id) {
            matched.ambiguous.insert(key_here(object), why);
        }
    }

    let by_universal_id: BTreeMap<&str, &Listed> =
        there.iter().filter_map(|object| Some((object.universal_id.as_deref()?, object))).collect();
    let same_everywhere = |object: &Listed| by_universal_id.get(object.universal_id.as_deref()?).copied();
    // Then both sides take such ids from one place, and what has another id is another object, whatever its name.
    let share_ids = here.iter().any(|object| same_everywhere(object).is_some());

    let mut unmatched: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
    for object in there {
        if let Some(key) = target_known.of(kind, &object.id) {
            matched.target.insert(key.clone(), &object.id);
            continue;
        }
        matched.target.insert_unmatched(kind, target_org, &object.id);
        if naming != Naming::Path && !(share_ids && object.universal_id.is_some()) {
            unmatched.entry(&object.name).or_default().push(object);
        }
    }

    let ids_there: BTreeSet<&str> = there.iter().map(|object| object.id.as_str()).collect();
    let mut waiting: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
    for object in here {
        let key = key_here(object);
        let copy = entries.get(&key).and_then(|entry| entry.id_on(target_side));
        // Others do not tell when they make the counterpart anew.
        let is_replaced = copy.is_some_and(|id| is_of_others(object) && !ids_there.contains(id));
        if let Some(id) = copy.filter(|_| is_replaced) {
            matched.target.forget(kind, id);
        }
        if naming == Naming::Path || (copy.is_some() && !is_replaced) {
            continue;
        }
        match same_everywhere(object).filter(|copy| target_known.of(kind, &copy.id).is_none()) {
            Some(copy) => matched.target.insert(key, &copy.id),
            None => waiting.entry(&object.name).or_default().push(object),
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

/// How many objects have each name.
fn count_names(objects: &[Listed]) -> BTreeMap<&str, usize> {
    objects.iter().fold(BTreeMap::new(), |mut names, object| {
        *names.entry(object.name.as_str()).or_default() += 1;
        names
    })
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
