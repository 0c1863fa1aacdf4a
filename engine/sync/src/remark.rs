//! What the ledger remembers of an object that a sync has passed over, by the words that it shows for it.

use farshore_model::{group::Side, ledger::LedgerEntry, sync_run::OutcomeState};

/// The `last_error` of an entry whose object no sync looks at; its `agreed_at` says nothing any more.
pub const OUT_OF_SCOPE: &str = "it is out of the scope of the replication";

/// Notes that no sync looks at the object. Whatever happens to it until it is back in the scope, nobody sees: it has
/// to be read again then, and does not count as verified. Where it has gone from the source in the meantime, its copy
/// stays.
pub(crate) fn note_out_of_scope(entry: &mut LedgerEntry) {
    entry.last_outcome = Some(OutcomeState::Skipped);
    entry.last_error = Some(OUT_OF_SCOPE.to_owned());
}

pub(crate) fn is_out_of_scope(entry: &LedgerEntry) -> bool {
    is_skipped_for(entry, OUT_OF_SCOPE)
}

/// The `last_error` of an entry whose object lies in a folder that could not be listed.
pub(crate) const OUT_OF_SIGHT: &str = "the folder in which it lies could not be listed";

/// Notes that nobody could look whether the two are still equal: they are read when the folder is listed again. Whatever
/// is known besides of one about which there is still something to do, is kept.
pub(crate) fn note_out_of_sight(entry: &mut LedgerEntry) {
    if entry.last_outcome == Some(OutcomeState::Succeeded) {
        note_passed_over(entry, Some(OUT_OF_SIGHT));
    }
}

pub(crate) fn is_out_of_sight(entry: &LedgerEntry) -> bool {
    is_skipped_for(entry, OUT_OF_SIGHT)
}

/// Why an object is passed over for which a person has chosen the version of that side.
pub(crate) fn chosen(side: Side) -> String {
    format!("the version in {side} was chosen")
}

/// Whether an object is passed over because the version of that side was chosen, whatever became of the other one.
pub(crate) fn is_choice(why: &str, side: Side) -> bool {
    why.starts_with(&chosen(side))
}

/// Notes that a sync has nothing to write for the object, although the two may differ.
pub(crate) fn note_passed_over(entry: &mut LedgerEntry, why: Option<&str>) {
    entry.last_outcome = Some(OutcomeState::Skipped);
    entry.last_error = why.map(str::to_owned);
}

/// Whether that was the last choice about it, and nothing of it was written since.
pub(crate) fn is_chosen(entry: &LedgerEntry, side: Side) -> bool {
    is_skipped_for(entry, &chosen(side))
}

/// Why an object stays on that side which is not on the other one any more. What it is like there and whether it is
/// there at all are two questions: the answer to one is none to the other.
pub(crate) fn chosen_over_deletion(side: Side) -> String {
    format!("the version in {side} was chosen; in {} it was deleted", side.other())
}

/// Whether that was the last choice about it, and nothing of it was written since.
pub(crate) fn is_chosen_over_deletion(entry: &LedgerEntry, side: Side) -> bool {
    is_skipped_for(entry, &chosen_over_deletion(side))
}

/// Whether its two ids are all that is known of the object: it was never carried, and nobody can tell what the two
/// sides once agreed on.
pub(crate) fn is_only_linked(entry: &LedgerEntry) -> bool {
    entry.base_hash.is_none() && entry.last_outcome == Some(OutcomeState::Skipped)
}

/// Notes that two objects belong together which were not brought there by a sync.
pub(crate) fn note_linked(entry: &mut LedgerEntry) {
    if entry.base_hash.is_none() && entry.last_outcome.is_none() {
        entry.last_outcome = Some(OutcomeState::Skipped);
    }
}

fn is_skipped_for(entry: &LedgerEntry, why: &str) -> bool {
    entry.last_outcome == Some(OutcomeState::Skipped) && entry.last_error.as_deref() == Some(why)
}
