//! What a crash or a lost answer has left behind: creates of which nobody knows whether they happened.

use farshore_model::{group::Side, ledger::LedgerEntry};

use crate::{
    id_map::Entries,
    inventory::Inventory,
    kinds::{self, Listed},
};

/// Settles the intents of one side by a complete listing of it: what carries the mark is taken over, and what
/// is not there was never created. Answers the entries that changed.
pub(crate) fn settle_intents(entries: &mut Entries, side: Side, inventory: &Inventory) -> Vec<LedgerEntry> {
    let open =
        entries.values().filter(|entry| entry.intent.as_ref().is_some_and(|intent| intent.side == side));
    // What was not listed may be there.
    let open = open.filter(|entry| inventory.objects.contains_key(&entry.object.kind));
    let settled: Vec<LedgerEntry> = open
        .map(|entry| {
            let mut entry = entry.clone();
            let listed = inventory.objects.get(&entry.object.kind).map(Vec::as_slice).unwrap_or_default();
            if entry.id_on(side).is_none_or(|id| listed.iter().all(|object| object.id != id))
                && let Some(id) = created_by(&entry, listed, |id| is_taken(entries, &entry, side, id))
            {
                entry.set_id_on(side, Some(id));
            }
            entry.intent = None;
            entry
        })
        .collect();
    for entry in &settled {
        entries.insert(entry.object.clone(), entry.clone());
    }
    settled
}

/// The object that the entry's intent has created, if it has.
pub(crate) fn created_by(
    entry: &LedgerEntry,
    listed: &[Listed],
    is_taken: impl Fn(&str) -> bool,
) -> Option<String> {
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
        PairId, Timestamp,
        kind::{ObjectKey, ObjectKind},
        ledger::CreateIntent,
    };
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    fn intending(kind: ObjectKind) -> Entries {
        let object = ObjectKey { kind, key: "P:1".to_owned() };
        let mut entry = crate::entry::fresh(PairId(Uuid::nil()), object.clone(), "Nightly");
        entry.intent = Some(CreateIntent { side: Side::Secondary, mark: "m".to_owned(), at: Timestamp(0) });
        Entries::from([(object, entry)])
    }

    fn inventory(kind: ObjectKind, id: &str, mark: Option<&str>) -> Inventory {
        let listed = Listed::new(id.to_owned(), "Nightly".to_owned(), mark.map(str::to_owned), Value::Null);
        Inventory { objects: BTreeMap::from([(kind, vec![listed])]), ..Inventory::default() }
    }

    fn settled(kind: ObjectKind, mark: Option<&str>, side: Side) -> (Option<String>, bool) {
        let mut entries = intending(kind);
        settle_intents(&mut entries, side, &inventory(kind, "9", mark));
        let entry = entries.into_values().next().unwrap();
        (entry.secondary_id, entry.intent.is_some())
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
