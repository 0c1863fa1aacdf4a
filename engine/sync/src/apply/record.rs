//! What an application writes down: outcomes for people, and entries of the ledger.

use farshore_model::{
    Timestamp,
    ledger::LedgerEntry,
    plan::PlanItem,
    sync_run::{ItemOutcome, OutcomeState},
};
use serde_json::Value;

use super::{Failure, Run};
use crate::{entry, error::ApplyError, ledger::LedgerError, planner::is_group, remark};

impl Run<'_> {
    pub(super) async fn record(
        &self,
        item: &PlanItem,
        state: OutcomeState,
        why: Option<(String, String)>,
    ) -> Result<(), ApplyError> {
        let (error, remedy) = why.unzip();
        let outcome = ItemOutcome {
            index: item.index,
            object: item.object.clone(),
            name: item.name.to_string(),
            action: item.action,
            state,
            error,
            remedy: remedy.filter(|remedy| !remedy.is_empty()),
            at: self.ctx.clock.now(),
        };
        self.sink.record(&outcome).await?;
        let report = &mut self.state().report;
        match state {
            OutcomeState::Succeeded => report.succeeded += 1,
            OutcomeState::Failed => report.failed += 1,
            OutcomeState::Skipped => report.skipped += 1,
        }
        Ok(())
    }

    /// Writes into the ledger that the object was not made equal.
    pub(super) async fn note(
        &self,
        item: &PlanItem,
        state: OutcomeState,
        why: Option<&str>,
    ) -> Result<(), LedgerError> {
        if is_group(item) {
            return Ok(());
        }
        let mut entry = self.entry(item);
        entry.last_outcome = Some(state);
        entry.last_error = why.map(str::to_owned);
        if remark::is_chosen(&entry, self.target()) {
            self.decide_against_source(item, &mut entry);
        }
        self.save(entry).await
    }

    /// Whoever chose the target's version has seen what the source has, and need not be asked about that again. From
    /// here on it is what the two are compared with: a question is what the source makes of it later.
    fn decide_against_source(&self, item: &PlanItem, entry: &mut LedgerEntry) {
        if item.source_hash.is_some() {
            entry.agree_on(item.source_hash.clone());
        }
        if item.target_id.is_some() {
            entry.set_id_on(self.target(), item.target_id.clone());
        }
    }

    /// The ledger's entry of the item's object, or a new one that knows its id on the source.
    pub(super) fn entry(&self, item: &PlanItem) -> LedgerEntry {
        let known = self.state().entries.get(&item.object).cloned();
        let mut entry =
            known.unwrap_or_else(|| entry::fresh(self.ctx.pair_id, item.object.clone(), &item.name));
        if item.source_id.is_some() {
            entry.set_id_on(self.source, item.source_id.clone());
        }
        // Whatever is written on the target rests there. Noted with the intent, hence before it is there.
        if item.activation.is_some() {
            entry.set_awaits_release_on(self.target(), true);
        }
        entry.name.clone_from(&item.name);
        entry
    }

    pub(super) async fn save(&self, entry: LedgerEntry) -> Result<(), LedgerError> {
        self.ctx.ledger.put(&self.ctx.lease, std::slice::from_ref(&entry)).await?;
        let mut state = self.state();
        if let Some(id) = entry.id_on(self.target()) {
            state.keys.insert(entry.object.clone(), id);
        }
        state.entries.insert(entry.object.clone(), entry);
        Ok(())
    }

    /// Both sides are equal now, or only what is held had to be noted.
    pub(super) async fn save_done(
        &self,
        entry: LedgerEntry,
        activation: Option<Value>,
    ) -> Result<(), Failure> {
        self.save_done_at(self.ctx.clock.now(), entry, activation).await
    }

    /// The same, as far as the source was looked at.
    pub(super) async fn save_done_at(
        &self,
        looked_at: Timestamp,
        mut entry: LedgerEntry,
        activation: Option<Value>,
    ) -> Result<(), Failure> {
        entry.last_outcome = Some(OutcomeState::Succeeded);
        entry.last_error = None;
        entry.agreed_at = Some(looked_at);
        entry.activation = activation;
        Ok(self.save(entry).await?)
    }
}
