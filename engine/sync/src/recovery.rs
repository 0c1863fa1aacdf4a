//! What a crash or a lost answer has left behind: creates of which nobody knows whether they happened.

use std::sync::Arc;

use farshore_model::{
    Timestamp,
    group::Side,
    ledger::{CreateIntent, LedgerEntry},
};

use crate::{
    id_map::Entries,
    inventory::Inventory,
    kinds::{self, Listed},
};

/// How long a listing may leave out what was created. Within that time, that an object is not listed does not mean
/// that it was never created.
const LISTED_AFTER_US: i64 = 5 * 1_000_000;

/// Settles the intents of one side by a complete listing of it, which began then: what carries the mark is taken over,
/// and what is not there was never created, unless it would be too new to be listed. Answers the entries that changed.
pub(crate) fn settle_intents(
    entries: &mut Entries,
    side: Side,
    inventory: &Inventory,
    listed_at: Timestamp,
) -> Vec<LedgerEntry> {
    let open =
        entries.values().filter(|entry| entry.intent.as_ref().is_some_and(|intent| intent.side == side));
    // What was not listed may be there.
    let open = open.filter(|entry| inventory.objects.contains_key(&entry.object.kind));
    let settled: Vec<LedgerEntry> = open
        .map(|entry| {
            let mut entry = entry.clone();
            let listed = inventory.objects.get(&entry.object.kind).map(Vec::as_slice).unwrap_or_default();
            let mut is_there =
                entry.id_on(side).is_some_and(|id| listed.iter().any(|object| *object.id == *id));
            if !is_there
                && let Some(id) = created_by(&entry, listed, |id| is_taken(entries, &entry, side, id))
            {
                entry.set_id_on(side, Some(id));
                is_there = true;
            }
            let may_be_unlisted = |intent: &CreateIntent| unlisted_for_us(intent, listed_at) > 0;
            if is_there || !entry.intent.as_ref().is_some_and(may_be_unlisted) {
                entry.intent = None;
            }
            entry
        })
        .filter(|entry| entry.intent.is_none())
        .collect();
    for entry in &settled {
        entries.insert(entry.object.clone(), entry.clone());
    }
    settled
}

/// For how many microseconds from then on what was created may still be missing in a listing.
pub(crate) fn unlisted_for_us(intent: &CreateIntent, now: Timestamp) -> u64 {
    let age_us = now.0.saturating_sub(intent.at.0).max(0);
    u64::try_from(LISTED_AFTER_US.saturating_sub(age_us)).unwrap_or(0)
}

/// The object that the entry's intent has created, if it has.
pub(crate) fn created_by(
    entry: &LedgerEntry,
    listed: &[Listed],
    is_taken: impl Fn(&str) -> bool,
) -> Option<Arc<str>> {
    let mark = entry.intent.as_ref()?.mark.as_str();
    let marked = listed.iter().filter(|object| object.mark.as_deref() == Some(mark));
    // Always the same one, should there ever be two.
    if let Some(object) = marked.min_by(|left, right| left.id.cmp(&right.id)) {
        return Some(object.id.clone());
    }
    // Where there is no place for a mark, the name is one. Had anything had that name when the create was planned, it
    // would have been taken over, or nothing would have been created.
    if !kinds::of(entry.object.kind).has_marks() {
        let named = listed.iter().find(|object| object.name == entry.name && !is_taken(&object.id));
        return named.map(|object| object.id.clone());
    }
    None
}

/// Whether another entry owns the id.
pub(crate) fn is_taken(entries: &Entries, own: &LedgerEntry, side: Side, id: &str) -> bool {
    entries.values().any(|entry| {
        entry.object.kind == own.object.kind && entry.object != own.object && entry.id_on(side) == Some(id)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use farshore_model::{
        PairId,
        kind::{ObjectKey, ObjectKind},
    };
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    fn intending(kind: ObjectKind) -> Entries {
        let object = ObjectKey { kind, key: "P:1".into() };
        let mut entry = crate::entry::fresh(PairId(Uuid::nil()), object.clone(), "Nightly");
        entry.intent = Some(CreateIntent { side: Side::Secondary, mark: "m".to_owned(), at: Timestamp(0) });
        Entries::from([(object, entry)])
    }

    fn inventory(kind: ObjectKind, id: &str, mark: Option<&str>) -> Inventory {
        let listed = Listed::new(id.to_owned(), "Nightly".to_owned(), mark.map(str::to_owned), Value::Null);
        Inventory { objects: BTreeMap::from([(kind, vec![listed])]), ..Inventory::default() }
    }

    fn settled(kind: ObjectKind, mark: Option<&str>, side: Side) -> (Option<String>, bool) {
        settled_at(LISTED_AFTER_US, kind, mark, side)
    }

    fn settled_at(now_us: i64, kind: ObjectKind, mark: Option<&str>, side: Side) -> (Option<String>, bool) {
        let mut entries = intending(kind);
        settle_intents(&mut entries, side, &inventory(kind, "9", mark), Timestamp(now_us));
        let entry = entries.into_values().next().unwrap();
        (entry.secondary_id.map(|id| id.to_string()), entry.intent.is_some())
    }

    #[test]
    fn the_marked_object_is_taken_over() {
        assert_eq!(settled(ObjectKind::Jobs, Some("m"), Side::Secondary), (Some("9".to_owned()), false));
    }

    #[test]
    fn an_object_of_that_name_without_the_mark_is_somebody_elses() {
        assert_eq!(settled(ObjectKind::Jobs, None, Side::Secondary), (None, false));
        assert_eq!(settled(ObjectKind::Clusters, Some("other"), Side::Secondary), (None, false));
    }

    #[test]
    fn what_may_be_too_new_to_be_listed_is_not_given_up() {
        let settled = |now_us, mark| settled_at(now_us, ObjectKind::Jobs, mark, Side::Secondary);
        assert_eq!(settled(LISTED_AFTER_US - 1, None), (None, true));
        assert_eq!(settled(1, Some("m")), (Some("9".to_owned()), false));
    }

    #[test]
    fn the_unique_name_of_a_policy_is_its_mark() {
        assert_eq!(
            settled(ObjectKind::ClusterPolicies, None, Side::Secondary),
            (Some("9".to_owned()), false)
        );
    }

    #[test]
    fn a_listing_of_the_other_side_settles_nothing() {
        assert_eq!(settled(ObjectKind::Jobs, Some("m"), Side::Primary), (None, true));
    }
}
