//! What a sync says at a terminal.

use std::{
    collections::BTreeMap,
    io::{IsTerminal as _, Write as _},
    path::Path,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use farshore_model::{
    PairId,
    plan::SyncPlan,
    sync_run::{ItemOutcome, OutcomeState},
};
use farshore_store::SqlStore;
use farshore_sync::{LedgerStore as _, OutcomeSink, SinkError};
use serde_json::json;

use super::{Failed, pair_status::PairStatus, state::absolute};

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
pub(super) fn print_failures(failed: impl Iterator<Item = (String, String, String)>) {
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

/// What the state file knows of one pair of workspaces, or of each that is in it.
pub(super) async fn status(state: &Path, only: Option<PairId>, is_json: bool) -> Result<(), Failed> {
    if !state.exists() {
        return Err(format!("there is no state file {}; a first sync makes it", state.display()).into());
    }
    let store = SqlStore::open(&format!("sqlite://{}", absolute(state)?)).await?;
    let mut known = store.pairs_in_ledger().await?;
    known.retain(|pair| only.is_none_or(|only| only == *pair));
    if known.is_empty() {
        eprintln!("farshore: nothing is known of the copy in {}; a first sync changes that", state.display());
    }
    let mut pairs = Vec::new();
    for pair in known {
        let status = PairStatus::of(pair, store.load(pair).await?);
        if is_json {
            pairs.push(status.json());
        } else {
            status.print();
        }
    }
    if is_json {
        println!("{}", serde_json::to_string_pretty(&json!({ "pairs": pairs }))?);
    }
    store.close().await;
    Ok(())
}
