//! Which object of one side is which object of the other one.

mod matching;

pub(crate) use matching::{match_sides, match_with_others};

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
    plan::SyncPlan,
    region_map::RegionMap,
};
use serde_json::Value;

use crate::{
    kinds::{self, Canonical, Kind, Listed, Naming},
    references::KeyLookup,
    region,
};

/// The ledger, by key.
pub(crate) type Entries = BTreeMap<ObjectKey, LedgerEntry>;

/// The keys of everything that one side has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SideKeys {
    by_id: BTreeMap<ObjectKind, BTreeMap<Arc<str>, ObjectKey>>,
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
        let key = self.words.as_ref().map_or_else(|| id.to_owned(), translate);
        Some(ObjectKey { kind, key: key.into() })
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
        let by_id = self.by_id.entry(key.kind).or_default();
        for other_id in kinds::of(key.kind).other_ids(id) {
            by_id.insert(other_id.into(), key.clone());
        }
        by_id.insert(shared(&key, id), key);
    }

    /// Forgets the ids of what the ledger knows and the workspace does not have any more: what still names one of
    /// them names nothing, and will go on doing so when the object is made anew.
    fn forget_what_is_gone(&mut self, kind: ObjectKind, there: &[Listed]) {
        let present: BTreeSet<ObjectKey> =
            there.iter().filter_map(|object| self.of(kind, &object.id)).cloned().collect();
        if let Some(by_id) = self.by_id.get_mut(&kind) {
            by_id.retain(|_, key| present.contains(key));
        }
    }

    /// Whatever still names the id names something else than what the ledger says.
    pub(crate) fn forget(&mut self, kind: ObjectKind, id: &str) {
        if let Some(by_id) = self.by_id.get_mut(&kind) {
            by_id.remove(id);
        }
    }

    /// Of an object that nobody has matched. By its other ids it goes on being unknown: what they stand for must not
    /// depend on whether it was listed.
    fn insert_unmatched(&mut self, kind: ObjectKind, org_id: &str, id: &str) {
        let key = self.first_key(kind, org_id, id);
        self.by_id.entry(kind).or_default().insert(shared(&key, id), key);
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
        self.by_id.get(&kind)?.get(id)
    }

    /// The same, with the id as it is kept here: whoever keeps it as well shares it.
    pub(crate) fn of_with_id(&self, kind: ObjectKind, id: &str) -> Option<(&Arc<str>, &ObjectKey)> {
        self.by_id.get(&kind)?.get_key_value(id)
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
        Naming::Path => id.into(),
        Naming::UniqueName | Naming::AnyName | Naming::Part => format!("{org_id}:{id}").into(),
    };
    ObjectKey { kind, key }
}

/// The id of an object, which for many kinds is its key.
fn shared(key: &ObjectKey, id: &str) -> Arc<str> {
    if *key.key == *id { Arc::clone(&key.key) } else { id.into() }
}

#[cfg(test)]
mod tests;
