//! What no listing tells the changes of is loaded in turn: a share of it in every sync, the oldest first, so that
//! nothing stays unverified for longer than the time that is set.

use std::collections::{BTreeMap, BTreeSet};

use farshore_model::{
    Timestamp,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
};

use crate::{context::SyncOptions, id_map::Entries, kinds, remark};

/// Syncs over which one round is spread where nothing is overdue.
const SYNCS_A_ROUND: usize = 24;

/// Since when each kind is verified whose changes no listing tells: whatever of it was changed before that moment
/// is on both sides. What was never carried yet does not count; it is an outcome of its own.
pub fn verified_since<'a>(
    entries: impl IntoIterator<Item = &'a LedgerEntry>,
) -> BTreeMap<ObjectKind, Timestamp> {
    let mut since = BTreeMap::new();
    for entry in entries.into_iter().filter(|entry| is_rotated(entry)) {
        let Some(agreed_at) = entry.agreed_at else { continue };
        let oldest = since.entry(entry.object.kind).or_insert(agreed_at);
        *oldest = agreed_at.min(*oldest);
    }
    since
}

/// The objects whose turn it is: all that were last verified too long ago, and the oldest of the others. What was
/// verified within a share of the round is not looked at again already.
pub(crate) fn in_turn(entries: &Entries, now: Timestamp, options: &SyncOptions) -> BTreeSet<ObjectKey> {
    let is_in_sight = |entry: &&LedgerEntry| is_rotated(entry) && !remark::is_out_of_sight(entry);
    let mut rotated: Vec<&LedgerEntry> = entries.values().filter(is_in_sight).collect();
    rotated.sort_by_key(|entry| entry.agreed_at);
    let overdue_before = Timestamp(now.0 - options.rotation_ms.saturating_mul(1_000));
    let overdue = rotated.partition_point(|entry| entry.agreed_at < Some(overdue_before));
    let share = rotated.len().div_ceil(SYNCS_A_ROUND).min(options.most_in_turn);
    let rested_before = Timestamp(now.0 - options.rotation_ms.saturating_mul(1_000) / SYNCS_A_ROUND as i64);
    let rested = rotated.partition_point(|entry| entry.agreed_at < Some(rested_before));
    rotated.iter().take(overdue.max(share.min(rested))).map(|entry| entry.object.clone()).collect()
}

/// Every such object: what changed on a side that was active must be carried back before the other side takes over
/// again.
pub(crate) fn all(entries: &Entries) -> BTreeSet<ObjectKey> {
    entries.values().filter(|entry| is_rotated(entry)).map(|entry| entry.object.clone()).collect()
}

/// No listing tells when an object of this kind has changed: all of them are looked at in turn.
pub fn is_verified_in_turn(kind: ObjectKind) -> bool {
    kinds::of(kind).is_rotated()
}

fn is_rotated(entry: &LedgerEntry) -> bool {
    kinds::of(entry.object.kind).is_rotated() && !remark::is_out_of_scope(entry)
}

#[cfg(test)]
mod tests {
    use farshore_model::PairId;
    use uuid::Uuid;

    use super::*;

    fn entry(kind: ObjectKind, key: &str, agreed_at: Option<i64>) -> LedgerEntry {
        let object = ObjectKey { kind, key: key.into() };
        let mut entry = crate::entry::fresh(PairId(Uuid::nil()), object, key);
        entry.agreed_at = agreed_at.map(Timestamp);
        entry
    }

    #[test]
    fn a_kind_is_verified_since_its_oldest() {
        let entries = [
            entry(ObjectKind::Permissions, "jobs/1:1", Some(70)),
            entry(ObjectKind::Permissions, "jobs/1:2", Some(40)),
            entry(ObjectKind::Permissions, "jobs/1:3", None),
            entry(ObjectKind::Jobs, "1:1", Some(5)),
        ];
        let since = verified_since(&entries);
        assert_eq!(since, BTreeMap::from([(ObjectKind::Permissions, Timestamp(40))]));
        assert_eq!(verified_since(&[]), BTreeMap::new());
    }

    #[test]
    fn what_is_overdue_is_loaded_and_else_a_share_of_the_oldest() {
        let hour = 3_600_000_000;
        let list = |number: i64| {
            entry(ObjectKind::Permissions, &format!("jobs/1:{number:02}"), Some(number * hour / 10))
        };
        let entries: Entries = (0..48).map(list).map(|entry| (entry.object.clone(), entry)).collect();
        let options = SyncOptions { rotation_ms: 3_600_000, ..SyncOptions::default() };
        let turn = |now: i64, options: &SyncOptions| -> Vec<String> {
            in_turn(&entries, Timestamp(now), options)
                .into_iter()
                .map(|object| object.key.to_string())
                .collect()
        };
        assert_eq!(turn(hour, &options), ["jobs/1:00", "jobs/1:01"], "a share of one in 24");
        let overdue = turn(2 * hour, &options);
        assert_eq!(
            (overdue.len(), overdue.last().unwrap().as_str()),
            (10, "jobs/1:09"),
            "all that are overdue"
        );
        let few = SyncOptions { most_in_turn: 1, ..options };
        assert_eq!(turn(hour, &few).len(), 1);
        assert_eq!(turn(2 * hour, &few).len(), 10, "no limit keeps back what is overdue");
        assert_eq!(all(&entries).len(), 48);
    }
}
