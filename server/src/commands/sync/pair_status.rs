//! What a state file knows of one pair of workspaces.

use std::collections::BTreeMap;

use farshore_model::{
    Clock as _, PairId, Timestamp, kind::ObjectKind, ledger::LedgerEntry, sync_run::OutcomeState,
};
use farshore_sync::verified_since;
use serde_json::{Value, json};

use super::report::print_failures;
use crate::system::SystemClock;

pub(super) struct PairStatus {
    pair: PairId,
    kinds: BTreeMap<ObjectKind, Tally>,
    /// Of the kinds whose changes no listing tells.
    verified_since: BTreeMap<ObjectKind, Timestamp>,
    failed: Vec<LedgerEntry>,
}

#[derive(Default)]
struct Tally {
    objects: u32,
    failed: u32,
}

impl PairStatus {
    pub(super) fn of(pair: PairId, entries: Vec<LedgerEntry>) -> Self {
        let verified_since = verified_since(&entries);
        let mut kinds: BTreeMap<ObjectKind, Tally> = BTreeMap::new();
        for entry in &entries {
            let tally = kinds.entry(entry.object.kind).or_default();
            tally.objects += 1;
            tally.failed += u32::from(has_failed(entry));
        }
        let failed = entries.into_iter().filter(has_failed).collect();
        Self { pair, kinds, verified_since, failed }
    }

    pub(super) fn json(&self) -> Value {
        let kind = |(kind, tally): (&ObjectKind, &Tally)| {
            let since_ms = self.verified_since.get(kind).map(|since| since.as_ms());
            json!({ "kind": kind, "objects": tally.objects, "failed": tally.failed, "verified_since_ms": since_ms })
        };
        let failure = |entry: &LedgerEntry| json!({ "kind": entry.object.kind, "name": entry.name, "error": entry.last_error });
        json!({
            "pair": self.pair,
            "kinds": self.kinds.iter().map(kind).collect::<Vec<_>>(),
            "failed": self.failed.iter().map(failure).collect::<Vec<_>>(),
        })
    }

    pub(super) fn print(&self) {
        println!("pair {}", self.pair);
        for (kind, Tally { objects, failed }) in &self.kinds {
            let verified = self.verified_since.get(kind).map(|since| {
                let minutes = SystemClock.now().since(*since).as_secs() / 60;
                format!(", all verified within {} min", minutes + 1)
            });
            let verified = verified.unwrap_or_default();
            println!("  {:<24} {objects:>7} objects, {failed} failed last time{verified}", kind.plural());
        }
        print_failures(self.failed.iter().map(|entry| {
            let what = format!("{} {}", entry.object.kind.singular(), entry.name);
            (entry.last_error.clone().unwrap_or_default(), String::new(), what)
        }));
    }
}

fn has_failed(entry: &LedgerEntry) -> bool {
    entry.last_outcome == Some(OutcomeState::Failed)
}
