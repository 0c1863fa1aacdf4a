use async_trait::async_trait;
use farshore_model::{
    GroupId, PlanId, SyncRunId, kind::ObjectKey, plan::PlanItem, sync_run::ItemOutcome, view::ObjectEvent,
};

use super::StoreError;

/// What syncs did to each object, as lists to look through. Reads alone.
#[async_trait]
pub trait HistoryStore: Send + Sync {
    /// One page of what syncs of a group did to an object, newest first, and how often that was. That it was
    /// skipped is none of it.
    async fn object_events(
        &self,
        group: GroupId,
        object: &ObjectKey,
        page: u32,
        per_page: u32,
    ) -> Result<(Vec<ObjectEvent>, u32), StoreError>;

    /// Up to `limit` items of a plan after the one with that index, in order, each with its outcome in `run`.
    async fn items_after(
        &self,
        plan: PlanId,
        run: SyncRunId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<(PlanItem, Option<ItemOutcome>)>, StoreError>;
}
