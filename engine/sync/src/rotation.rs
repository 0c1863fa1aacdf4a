//! What no listing tells the changes of is loaded in turn: a share of it in every sync, the oldest first, so that
//! nothing stays unverified for longer than the time that is set.

use std::collections::BTreeSet;

use farshore_model::{Timestamp, kind::ObjectKey, ledger::LedgerEntry};

use crate::{context::SyncOptions, id_map::Entries, kinds};

/// Syncs over which one round is spread where nothing is overdue.
const SYNCS_A_ROUND: usize = 24;

/// The objects whose turn it is: all that were last verified too long ago, and the oldest of the others.
pub(crate) fn in_turn(entries: &Entries, now: Timestamp, options: &SyncOptions) -> BTreeSet<ObjectKey> {
    let mut rotated: Vec<&LedgerEntry> =
        entries.values().filter(|entry| kinds::of(entry.object.kind).is_rotated()).collect();
    rotated.sort_by_key(|entry| entry.agreed_at);
    let overdue_before = Timestamp(now.0 - options.rotation_ms.saturating_mul(1_000));
    let overdue = rotated.partition_point(|entry| entry.agreed_at < Some(overdue_before));
    let share = rotated.len().div_ceil(SYNCS_A_ROUND).min(options.most_in_turn);
    rotated.iter().take(overdue.max(share)).map(|entry| entry.object.clone()).collect()
}
