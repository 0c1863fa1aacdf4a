//! Making and changing ledger entries.

use farshore_model::{PairId, kind::ObjectKey, ledger::LedgerEntry};

/// An entry that knows nothing yet.
pub(crate) fn fresh(pair_id: PairId, object: ObjectKey, name: &str) -> LedgerEntry {
    LedgerEntry {
        pair_id,
        object,
        name: name.into(),
        primary_id: None,
        secondary_id: None,
        base_hash: None,
        filled_in_hash: None,
        activation: None,
        awaits_release_on_primary: false,
        awaits_release_on_secondary: false,
        intent: None,
        last_outcome: None,
        last_error: None,
        agreed_at: None,
    }
}
