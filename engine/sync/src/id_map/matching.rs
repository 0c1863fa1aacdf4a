//! Which object of one side is which object of the other one: by the ledger, by ids that are the same everywhere, and by
//! names that leave no doubt.

use std::collections::{BTreeMap, BTreeSet};

use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    region_map::RegionMap,
};

use super::{Entries, Matched, SideKeys, note_own};
use crate::{
    inventory::Inventory,
    kinds::{self, Listed, Naming},
};

/// Gives every object of both sides its key: by the ledger; else, for what is new on the source, by its own
/// id; else, for what is new on the target, by an id that is the same everywhere, or by a name that leaves no doubt.
pub(crate) fn match_sides(
    source: (&Inventory, Side, &str),
    target: (&Inventory, Side, &str),
    entries: &Entries,
) -> Matched {
    let is_of_others =
        |kind: ObjectKind, object: &Listed| kinds::of(kind).left_to(&object.id, &object.raw).is_some();
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
        Naming::UniqueName => Some(&*object.name),
        _ if is_of_others(object) && is_only_one(&object.name) => Some(&*object.name),
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

    let ids_there: BTreeSet<&str> = there.iter().map(|object| &*object.id).collect();
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
        *names.entry(&*object.name).or_default() += 1;
        names
    })
}

/// A part has the key of what it is a part of, which has been matched before.
fn match_parts(kind: ObjectKind, objects: &[Listed], keys: &mut SideKeys) {
    for object in objects {
        let owner = object.part_of.as_ref().and_then(|(owner, id)| keys.of(*owner, id));
        if let Some(key) = owner.map(ToString::to_string) {
            keys.insert(ObjectKey { kind, key: key.into() }, &object.id);
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
