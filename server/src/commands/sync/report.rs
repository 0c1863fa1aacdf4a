//! What a sync says at a terminal.

use std::{
    collections::BTreeMap,
    io::{IsTerminal as _, Write as _},
    path::Path,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use farshore_model::{
    kind::ObjectKind,
    plan::SyncPlan,
    sync_run::{ItemOutcome, OutcomeState},
};
use farshore_store::SqlStore;
use farshore_sync::{LedgerStore as _, OutcomeSink, SinkError};
use serde_json::json;

use super::{Failed, state::absolute};

/// Names that are listed for each error.
const MOST_NAMES: usize = 3;

/// Collects outcomes, and shows progress where somebody watches.
pub(super) struct Outcomes {
    total: u32,
    is_json: bool,
    is_watched: bool,
    tally: Mutex<Tally>,
}

#[derive(Default)]
struct Tally {
    succeeded: u32,
    failed: u32,
    skipped: u32,
    /// What will be printed: everything as JSON, the failures as text.
    kept: BTreeMap<u32, ItemOutcome>,
}

#[async_trait]
impl OutcomeSink for Outcomes {
    async fn record(&self, outcome: &ItemOutcome) -> Result<(), SinkError> {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome.state {
            OutcomeState::Succeeded => tally.succeeded += 1,
            OutcomeState::Failed => tally.failed += 1,
            OutcomeState::Skipped => tally.skipped += 1,
        }
        if self.is_json || outcome.state == OutcomeState::Failed {
            tally.kept.insert(outcome.index, outcome.clone());
        }
        if self.is_watched {
            eprint!("\r{} of {}", tally.succeeded + tally.failed, self.total);
            // Progress that cannot be shown is no reason to stop.
            let _ = std::io::stderr().flush();
        }
        Ok(())
    }
}

impl Outcomes {
    pub(super) fn new(total: u32, is_json: bool) -> Self {
        Self { total, is_json, is_watched: std::io::stderr().is_terminal(), tally: Mutex::default() }
    }

    pub(super) fn print(&self, plan: &SyncPlan) -> Result<(), Failed> {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_watched && self.total > 0 {
            eprintln!();
        }
        if self.is_json {
            let outcomes: Vec<&ItemOutcome> = tally.kept.values().collect();
            println!(
                "{}",
                serde_json::to_string_pretty(&json!({ "plan": plan.hash, "outcomes": outcomes }))?
            );
            return Ok(());
        }
        println!(
            "{} done, {} failed, {} skipped, {} unchanged, {} conflicts",
            tally.succeeded, tally.failed, tally.skipped, plan.counts.unchanged, plan.counts.conflict,
        );
        let failed = tally.kept.values().map(|outcome| {
            let why = outcome.error.clone().unwrap_or_default();
            let what = format!("{} {}", outcome.object.kind.singular(), outcome.name);
            (why, outcome.remedy.clone().unwrap_or_default(), what)
        });
        print_failures(failed);
        Ok(())
    }
}

/// Groups failures by their error, biggest first.
fn print_failures(failed: impl Iterator<Item = (String, String, String)>) {
    let mut groups: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (error, remedy, object) in failed {
        groups.entry((error, remedy)).or_default().push(object);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, objects)| std::cmp::Reverse(objects.len()));
    for ((error, remedy), objects) in groups {
        println!("{} failed: {error}", objects.len());
        if !remedy.is_empty() {
            println!("    {remedy}");
        }
        for object in objects.iter().take(MOST_NAMES) {
            println!("    {object}");
        }
        if objects.len() > MOST_NAMES {
            println!("    and {} more", objects.len() - MOST_NAMES);
        }
    }
}

/// What the state file knows, for each pair of workspaces in it.
pub(super) async fn status(state: &Path, is_json: bool) -> Result<(), Failed> {
    if !state.exists() {
        return Err(format!("there is no state file {}; a first sync makes it", state.display()).into());
    }
    let store = SqlStore::open(&format!("sqlite://{}", absolute(state)?)).await?;
    let mut pairs = Vec::new();
    for pair in store.pairs_in_ledger().await? {
        let entries = store.load(pair).await?;
        let mut kinds: BTreeMap<ObjectKind, (u32, u32)> = BTreeMap::new();
        for entry in &entries {
            let (total, failed) = kinds.entry(entry.object.kind).or_default();
            *total += 1;
            *failed += u32::from(entry.last_outcome == Some(OutcomeState::Failed));
        }
        if is_json {
            let kinds: Vec<_> = kinds
                .iter()
                .map(|(kind, (total, failed))| json!({ "kind": kind, "objects": total, "failed": failed }))
                .collect();
            let failed: Vec<_> = entries
                .iter()
                .filter(|entry| entry.last_outcome == Some(OutcomeState::Failed))
                .map(|entry| json!({ "kind": entry.object.kind, "name": entry.name, "error": entry.last_error }))
                .collect();
            pairs.push(json!({ "pair": pair, "kinds": kinds, "failed": failed }));
            continue;
        }
        println!("pair {pair}");
        for (kind, (total, failed)) in &kinds {
            println!("  {:<24} {total:>7} objects, {failed} failed last time", kind.plural());
        }
        let failed = entries.iter().filter(|entry| entry.last_outcome == Some(OutcomeState::Failed));
        print_failures(failed.map(|entry| {
            let what = format!("{} {}", entry.object.kind.singular(), entry.name);
            (entry.last_error.clone().unwrap_or_default(), String::new(), what)
        }));
    }
    if is_json {
        println!("{}", serde_json::to_string_pretty(&json!({ "pairs": pairs }))?);
    }
    store.close().await;
    Ok(())
}
