//! What is known of each object and what syncs did to it, as lists to look through.

mod comparison;
mod events;
mod items;
mod ledger_list;
mod ledger_tally;

use async_trait::async_trait;
use farshore_control::store::{HistoryStore, KindTally, StoreError};
use farshore_model::{
    GroupId, PairId, PlanId, SyncRunId,
    kind::ObjectKey,
    plan::PlanItem,
    sync_run::{ItemOutcome, SyncRun},
    view::{ComparisonRow, Difference, DifferenceCount, LedgerFilter, LedgerRow, ObjectEvent},
};

use crate::SqlStore;

#[async_trait]
impl HistoryStore for SqlStore {
    async fn ledger_rows(
        &self,
        group: GroupId,
        filter: &LedgerFilter,
        page: u32,
        per_page: u32,
    ) -> Result<(Vec<LedgerRow>, u32), StoreError> {
        Ok(self.page_of_ledger(group, filter, page, per_page).await?)
    }

    async fn ledger_rows_after(
        &self,
        group: GroupId,
        filter: &LedgerFilter,
        after: Option<&LedgerRow>,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        Ok(self.ledger_after(group, filter, after, limit).await?)
    }

    async fn ledger_rows_of(&self, group: GroupId, object: &ObjectKey) -> Result<Vec<LedgerRow>, StoreError> {
        Ok(self.ledger_of(group, object).await?)
    }

    async fn ledger_tallies(&self, pair: PairId) -> Result<Vec<KindTally>, StoreError> {
        Ok(self.tally_ledger(pair).await?)
    }

    async fn object_events(
        &self,
        group: GroupId,
        object: &ObjectKey,
        page: u32,
        per_page: u32,
    ) -> Result<(Vec<ObjectEvent>, u32), StoreError> {
        Ok(self.page_of_events(group, object, page, per_page).await?)
    }

    async fn items_after(
        &self,
        plan: PlanId,
        run: SyncRunId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<(PlanItem, Option<ItemOutcome>)>, StoreError> {
        Ok(self.items_with_outcomes(plan, run, after, limit).await?)
    }

    async fn comparable_syncs(
        &self,
        group: GroupId,
        pair: Option<PairId>,
        before: Option<&SyncRun>,
        limit: u32,
    ) -> Result<Vec<SyncRun>, StoreError> {
        Ok(self.syncs_that_applied(group, pair, before, limit).await?)
    }

    async fn difference_counts(
        &self,
        first: SyncRunId,
        second: SyncRunId,
    ) -> Result<Vec<DifferenceCount>, StoreError> {
        Ok(self.count_differences(first, second).await?)
    }

    async fn differences(
        &self,
        first: SyncRunId,
        second: SyncRunId,
        difference: Option<Difference>,
        page: u32,
        per_page: u32,
    ) -> Result<Vec<ComparisonRow>, StoreError> {
        Ok(self.page_of_differences(first, second, difference, page, per_page).await?)
    }
}
