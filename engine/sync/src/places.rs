//! The order of what follows one another, such as global init scripts. A side may have some of which no sync sees to both
//! copies: what is compared, and kept in canonical forms, is the place among the others.

use std::{collections::BTreeSet, sync::Arc};

use farshore_model::kind::{ObjectKey, ObjectKind};
use serde_json::Value;

use crate::{
    id_map::SideKeys,
    kinds::{self, Listed},
    planner::Objects,
    references::KeyLookup as _,
};

const POSITION: &str = "position";

/// The objects of one kind on one side, the first one first.
pub(crate) struct Places {
    /// Id, and whether it counts.
    order: Vec<(Arc<str>, bool)>,
}

impl Places {
    pub(crate) fn of(kind: ObjectKind, listed: &[Listed], keys: &SideKeys) -> Self {
        let mut listed: Vec<&Listed> = listed.iter().collect();
        listed.sort_by_key(|object| (position(&object.raw), &object.id));
        let order = listed.into_iter().map(|object| (object.id.clone(), !keys.is_apart(kind, &object.id)));
        Self { order: order.collect() }
    }

    /// The place of the object among those that count, from 0.
    pub(crate) fn place_of(&self, id: &str) -> usize {
        let before = self.order.iter().take_while(|(other, _)| **other != *id);
        before.filter(|(_, counts)| *counts).count()
    }

    /// Where among all others the object has to be put for it to have this place among those that count: right after
    /// the one that it follows.
    pub(crate) fn position_for(&self, id: Option<&str>, place: usize) -> usize {
        let others = || self.order.iter().filter(|(other, _)| Some(&**other) != id);
        let counting: Vec<usize> =
            others().enumerate().filter(|(_, (_, counts))| *counts).map(|(position, _)| position).collect();
        let follows = place.checked_sub(1).and_then(|last| counting.get(last).or(counting.last()));
        match (place, follows) {
            (_, Some(position)) => position + 1,
            (0, None) => counting.first().copied().unwrap_or_default(),
            (_, None) => others().count(),
        }
    }
}

/// Puts the place among those that count into the forms of every ordered kind.
pub(crate) fn count_anew(objects: &mut Objects, keys: &SideKeys) {
    let kinds: BTreeSet<ObjectKind> =
        ObjectKind::ALL.into_iter().filter(|kind| kinds::of(*kind).is_ordered()).collect();
    for kind in kinds {
        let of_kind = |key: &&ObjectKey| key.kind == kind;
        let mut order: Vec<(u64, ObjectKey)> = objects
            .iter()
            .filter(|(key, _)| of_kind(key))
            .map(|(key, seen)| (position(&seen.form), key.clone()))
            .collect();
        order.sort();
        let mut place: u64 = 0;
        for (_, key) in order {
            let Some(seen) = objects.get_mut(&key) else { continue };
            put(Arc::make_mut(&mut seen.form), place);
            place += u64::from(!keys.is_apart(kind, &seen.id));
        }
    }
}

pub(crate) fn position(form: &Value) -> u64 {
    form.get(POSITION).and_then(Value::as_u64).unwrap_or_default()
}

/// Writes a place or a position into a form that has one.
pub(crate) fn put(form: &mut Value, position: u64) {
    if let Some(known) = form.get_mut(POSITION) {
        *known = Value::from(position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(order: &[(&str, bool)]) -> Places {
        Places { order: order.iter().map(|(id, counts)| ((*id).into(), *counts)).collect() }
    }

    #[test]
    fn places_are_counted_among_those_that_count() {
        let places = places(&[("x", false), ("a", true), ("y", false), ("b", true), ("z", false)]);
        assert_eq!([places.place_of("a"), places.place_of("y"), places.place_of("b")], [0, 1, 1]);
        let positions = [0, 1, 2, 9].map(|place| places.position_for(None, place));
        assert_eq!(positions, [1, 2, 4, 4], "before a, after a, after b, and no further");
        assert_eq!(places.position_for(Some("a"), 1), 3, "after b, without a itself");
        assert_eq!(places.position_for(Some("b"), 0), 1);
    }

    #[test]
    fn the_first_one_comes_before_those_of_the_other_side() {
        let strangers = places(&[("x", false), ("y", false)]);
        assert_eq!(strangers.position_for(None, 0), 0);
    }
}
