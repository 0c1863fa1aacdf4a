use async_trait::async_trait;
use farshore_model::{
    Lease, PlanId, SyncRunId, Timestamp,
    plan::{KindCount, PlanCounts, PlanItem, SyncPlan},
    view::PlanFilter,
};

use super::StoreError;

/// A stored plan without its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanHead {
    pub id: PlanId,
    pub hash: String,
    pub created_at: Timestamp,
    pub listing_began_at: Timestamp,
    pub counts: PlanCounts,
    pub kinds: Vec<KindCount>,
}

/// The plans of sync runs.
#[async_trait]
pub trait PlanStore: Send + Sync {
    /// Keeps a plan with all its items; a plan is never changed. In one transaction.
    async fn insert_plan(&self, lease: &Lease, plan: &SyncPlan) -> Result<(), StoreError>;

    async fn plan(&self, id: PlanId) -> Result<Option<SyncPlan>, StoreError>;

    async fn plan_head(&self, id: PlanId) -> Result<Option<PlanHead>, StoreError>;

    /// One page of a plan's items, in order, and how many match. With `filter.is_failed_only` only items whose
    /// outcome in `run` is failed.
    async fn plan_items(
        &self,
        plan: PlanId,
        run: SyncRunId,
        filter: &PlanFilter,
        per_page: u32,
    ) -> Result<(Vec<PlanItem>, u32), StoreError>;
}
