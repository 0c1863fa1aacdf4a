//! From inventories to what the planner compares.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use farshore_databricks::{ApiError, ErrorKind, WorkspaceClient};
use farshore_model::{group::Side, kind::ObjectKey, ledger::LedgerEntry, sync_run::OutcomeState};
use futures::{StreamExt as _, stream};
use serde_json::Value;

use crate::{
    canonical::hash,
    error::PlanError,
    id_map::{Entries, SideKeys},
    inventory::Inventory,
    kinds::{self, Kind, Listed, Naming},
    planner::{Fingerprint, Objects, Seen},
};

/// So many different forms of a kind are remembered to be shared.
const MOST_FORMS: usize = 8;
/// So many objects at which a workspace fails before it has shown a single one: then it is the workspace that fails.
const MOST_BROKEN: usize = 20;

/// The objects of a side in canonical form, their content not read yet.
pub(crate) fn see(inventory: &Inventory, keys: &SideKeys) -> Objects {
    let mut objects = Objects::new();
    for (kind, listed) in &inventory.objects {
        let mut forms = Forms::default();
        for object in listed {
            let Some((id, key)) = keys.of_with_id(*kind, &object.id) else { continue };
            objects.insert(key.clone(), see_one(kinds::of(*kind), (id, object), keys, &mut forms));
        }
    }
    objects
}

/// The same, and what was listed is forgotten on the way: of many objects, both would take twice the memory.
pub(crate) fn see_and_forget(inventory: &mut Inventory, keys: &SideKeys) -> Objects {
    let mut objects = Objects::new();
    for (kind, listed) in std::mem::take(&mut inventory.objects) {
        let mut forms = Forms::default();
        for object in listed {
            let Some((id, key)) = keys.of_with_id(kind, &object.id) else { continue };
            objects.insert(key.clone(), see_one(kinds::of(kind), (id, &object), keys, &mut forms));
        }
    }
    objects
}

/// Forms that many objects have alike, as all notebooks of a language before they are read. A tree takes 600 bytes.
#[derive(Default)]
struct Forms(VecDeque<Arc<Value>>);

impl Forms {
    fn shared(&mut self, form: Value) -> Arc<Value> {
        if let Some(known) = self.0.iter().find(|known| ***known == form) {
            return Arc::clone(known);
        }
        let form = Arc::new(form);
        self.0.truncate(MOST_FORMS - 1);
        self.0.push_front(Arc::clone(&form));
        form
    }
}

fn see_one(kind: &dyn Kind, (id, object): (&Arc<str>, &Listed), keys: &SideKeys, forms: &mut Forms) -> Seen {
    let canonical = keys.canonical(kind, &object.raw);
    let fingerprint =
        if kind.has_content() { Fingerprint::Unread } else { Fingerprint::Known(hash(&canonical.form)) };
    Seen {
        id: Arc::clone(id),
        name: Arc::clone(if object.name == *id { id } else { &object.name }),
        fingerprint,
        form: forms.shared(canonical.form),
        text: None,
        activation: keys.activation(kind, &object.raw),
        passive: keys.passive(kind, &object.raw),
        problems: canonical.problems,
        is_untouched: object.untouched.since_verified,
        left_to: kind.left_to(&object.id, &object.raw),
    }
}

/// What has to be loaded on each side before it can be compared.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ToLoad {
    pub(crate) here: BTreeSet<ObjectKey>,
    pub(crate) there: BTreeSet<ObjectKey>,
}

/// Decides what has to be loaded, and notes of the rest what is known without. Of `in_turn` each object is
/// loaded whatever its listing says.
pub(crate) fn choose_to_load(
    entries: &Entries,
    source: Side,
    here: &mut Objects,
    there: &mut Objects,
    in_turn: &BTreeSet<ObjectKey>,
) -> ToLoad {
    let mut to_load = ToLoad::default();
    let is_open = |(_, seen): &(&ObjectKey, &Seen)| seen.fingerprint == Fingerprint::Unread;
    let keys: BTreeSet<ObjectKey> =
        here.iter().chain(there.iter()).filter(is_open).map(|(key, _)| key.clone()).collect();
    for key in keys {
        let entry = entries.get(&key);
        let has_base = entry.is_some_and(|entry| entry.base_hash.is_some());
        let (is_here, is_there) = (here.contains_key(&key), there.contains_key(&key));
        // On one side alone, and never carried: it is created from whatever it is then, or left alone.
        let is_compared = has_base || (is_here && is_there);
        if !is_compared {
            continue;
        }
        let is_settled = !in_turn.contains(&key)
            && entry.is_some_and(|entry| is_clean(entry) && is_held_where_it_belongs(entry, source))
            && is_the_one_of_the_ledger(entry, source, here.get(&key))
            && is_the_one_of_the_ledger(entry, source.other(), there.get(&key))
            && has_unchanged_owner(entries, here, &key)
            && is_listed_alike(here.get(&key), there.get(&key))
            // Where one side has changed, both are read: a person is shown the difference.
            && [here.get(&key), there.get(&key)].into_iter().flatten().all(|seen| seen.is_untouched);
        for (objects, loads) in [(&mut *here, &mut to_load.here), (&mut *there, &mut to_load.there)] {
            match objects.get_mut(&key) {
                Some(seen) if is_settled => seen.fingerprint = Fingerprint::AsAgreed,
                Some(_) => {
                    loads.insert(key.clone());
                }
                None => {}
            }
        }
    }
    to_load
}

/// Both sides were equal when the object was last dealt with. After a failure or a skip they may differ in
/// ways that are older than the watermark.
fn is_clean(entry: &LedgerEntry) -> bool {
    entry.base_hash.is_some() && entry.last_outcome == Some(OutcomeState::Succeeded)
}

/// What the object does is kept from it on the target, and on the target alone. After a failover it is the other
/// way round, and both have to be looked at.
fn is_held_where_it_belongs(entry: &LedgerEntry, source: Side) -> bool {
    entry.activation.is_none()
        || (entry.awaits_release_on(source.other()) && !entry.awaits_release_on(source))
}

/// The object was not made anew under its old key.
fn is_the_one_of_the_ledger(entry: Option<&LedgerEntry>, side: Side, seen: Option<&Seen>) -> bool {
    let known = entry.and_then(|entry| entry.id_on(side));
    seen.is_none_or(|seen| known == Some(&*seen.id))
}

/// What listings tell of an object, such as a size or a place, is the same on both sides. Of what has no listing of
/// its own they tell nothing.
fn is_listed_alike(here: Option<&Seen>, there: Option<&Seen>) -> bool {
    here.zip(there).is_none_or(|(here, there)| here.form == there.form)
}

/// What the object is a part of, if anything, is on the source as both sides last had it: what changed there may
/// have changed in its parts.
fn has_unchanged_owner(entries: &Entries, here: &Objects, key: &ObjectKey) -> bool {
    let kind = kinds::of(key.kind);
    let owner = kind.belongs_to(&key.key).filter(|_| kind.naming() == Naming::Part);
    let owner = owner.and_then(|owner| Some((here.get(&owner)?, entries.get(&owner))));
    owner.is_none_or(|(seen, entry)| match &seen.fingerprint {
        Fingerprint::AsAgreed => true,
        Fingerprint::Known(hash) => {
            entry.is_some_and(|entry| entry.base_hash.as_deref() == Some(entry.compared(hash)))
        }
        Fingerprint::Unread | Fingerprint::Unreadable(_) => false,
    })
}

/// Loads objects of one side.
pub(crate) async fn load(
    client: &WorkspaceClient,
    side: Side,
    objects: &mut Objects,
    wanted: BTreeSet<ObjectKey>,
    keys: &SideKeys,
    max_in_flight: usize,
) -> Result<(), PlanError> {
    let wanted: Vec<(ObjectKey, Arc<str>, Arc<Value>)> = wanted
        .into_iter()
        .filter_map(|key| objects.get(&key).map(|seen| (key, seen.id.clone(), Arc::clone(&seen.form))))
        .collect();
    let mut loading = stream::iter(wanted)
        .map(|(key, id, form)| async move {
            let loaded = kinds::of(key.kind).load_to_compare(client, &id, &form).await;
            (key, loaded)
        })
        .buffer_unordered(max_in_flight.max(1));
    let (mut answered, mut broken) = (0_usize, 0_usize);
    while let Some((key, loaded)) = loading.next().await {
        let Some(seen) = objects.get_mut(&key) else { continue };
        match &loaded {
            Ok(_) => answered += 1,
            Err(error) if error.kind() == ErrorKind::Server => broken += 1,
            Err(_) => {}
        }
        let is_broken_everywhere = answered == 0 && broken >= MOST_BROKEN;
        match loaded {
            Ok(loaded) => {
                let kind = kinds::of(key.kind);
                let canonical = keys.canonical(kind, &loaded.raw);
                seen.fingerprint = Fingerprint::Known(hash(&canonical.form));
                seen.form = canonical.form.into();
                seen.problems = canonical.problems;
                seen.activation = keys.activation(kind, &loaded.raw);
                seen.passive = keys.passive(kind, &loaded.raw);
                seen.text = loaded.body.shown_text().map(str::to_owned);
            }
            Err(error) if is_about_this_object(&error) && !is_broken_everywhere => {
                seen.fingerprint = Fingerprint::Unreadable(error.to_string());
            }
            Err(source) => {
                return Err(PlanError::Read {
                    side,
                    what: key.kind.singular(),
                    name: seen.name.to_string(),
                    source,
                });
            }
        }
    }
    Ok(())
}

/// The workspace works, for it was just listed, and refuses or fails at this one object: no reason to stop for all
/// others.
fn is_about_this_object(error: &ApiError) -> bool {
    use ErrorKind::{
        Conflict, FeatureDisabled, Forbidden, Invalid, NotFound, QuotaExceeded, Server, TooLarge,
    };
    matches!(
        error.kind(),
        Conflict | FeatureDisabled | Forbidden | Invalid | NotFound | QuotaExceeded | Server | TooLarge
    )
}
