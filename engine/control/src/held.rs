//! Plans that are not applied without a person: the deletion brake has stopped them. Applying one after having looked
//! at it is the confirmation.
//!
//! While one waits, the schedule of its pair makes no further plans. They would delete as much and wait just the same,
//! each in the place of the one before, and a person who has opened the plan would find another one in its stead. What
//! has changed meanwhile is not lost by that: a plan is made anew before it is applied, and one that was cancelled is
//! followed by the next one of the schedule.

use farshore_model::{
    PairId, Problem, group::FailoverGroup, plan::SyncPlan, replication_settings::ReplicationSettings,
    run::RunState, sync_run::SyncRun, view::WaitingItem,
};

use crate::{
    Control,
    audit::not_found,
    problem::{from_store, not_now},
    store::StoreError,
};

impl Control {
    /// Why the plan is not applied before a person has looked at it; None: it may be.
    pub(crate) async fn why_held(
        &self,
        pair: PairId,
        plan: &SyncPlan,
        settings: &ReplicationSettings,
    ) -> Result<Option<String>, StoreError> {
        let counts = self.store.ledger_counts(pair).await?;
        let known = counts.iter().map(|kind| kind.total).sum();
        Ok(farshore_sync::brake(plan, known, settings).map(|why| {
            format!("The deletion brake holds this plan: {why}. Nothing was written. Look at what it deletes, then apply it or cancel it.")
        }))
    }

    /// What keeps a person from applying the plan of this sync now; None: nothing does.
    pub(crate) async fn hindrance(
        &self,
        group: &FailoverGroup,
        run: &SyncRun,
    ) -> Result<Option<Problem>, Problem> {
        if !run.trigger.is_of_a_run() {
            return Ok(group.suspension.as_ref().map(|suspension| {
                not_now(
                    format!("Syncs of {} are suspended: {}", group.name, suspension.reason),
                    "Fail back first; the failback carries over what changed meanwhile.",
                )
            }));
        }
        // Its step has failed because of this plan, and waits to be retried. Anywhere else in a failover, or after
        // one, the plan may be about the wrong direction.
        let newest = self.run_summaries(Some(group.id), 1).await?;
        let is_waited_for = newest.first().is_some_and(|run| run.state == RunState::PausedByFailedStep);
        let pair =
            self.store.pair(run.pair_id).await.map_err(from_store)?.ok_or_else(|| not_found("pair"))?;
        let is_from_active = self.source_of(group, &pair).await? == Some(run.source);
        Ok((!is_waited_for || !is_from_active).then(|| {
            not_now(
                "The failover or failback that this plan was made for does not wait for it any more.",
                "Open that run to see where it stands; a step that needs a sync makes a new plan.",
            )
        }))
    }

    /// What waits for those who may apply plans.
    pub(crate) async fn held_plans(&self) -> Result<Vec<WaitingItem>, Problem> {
        let mut items = Vec::new();
        for run in self.store.held_sync_runs().await.map_err(from_store)? {
            let group = self.known_group(run.group_id).await?;
            if self.hindrance(&group, &run).await?.is_none() {
                items.push(WaitingItem {
                    title: format!("Apply or cancel a sync of {}", group.name),
                    detail: run.message.unwrap_or_default(),
                    path: format!("/syncs/{}", run.id),
                    since: run.created_at,
                });
            }
        }
        Ok(items)
    }
}
