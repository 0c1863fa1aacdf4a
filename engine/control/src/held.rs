//! Plans that are not applied without a person: the deletion brake has stopped them. Applying one after having looked
//! at it is the confirmation.
//!
//! While one waits, the schedule of its pair makes no further plans. They would delete as much and wait just the same,
//! each in the place of the one before, and a person who has opened the plan would find another one in its stead. What
//! has changed meanwhile is not lost by that: a plan is made anew before it is applied, and one that was cancelled is
//! followed by the next one of the schedule.

use farshore_model::{
    GroupId, PairId, Problem,
    group::FailoverGroup,
    plan::SyncPlan,
    replication_settings::ReplicationSettings,
    run::RunState,
    sync_run::{SyncRun, SyncRunState},
    view::WaitingItem,
};
use farshore_runbook::RunFilter;

use crate::{
    Control,
    audit::not_found,
    problem::{from_store, not_now},
    store::StoreError,
};

/// The steps that ask for syncs.
const CARRYING: [&str; 3] = ["final_sync", "carry_back_changes", "carry_back_rest"];

/// Where the run stands that asked for a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    /// At the step that asked, which waits until the plan is decided about.
    Waits,
    /// At the step that asked, which is under way.
    IsAtIt,
    /// Somewhere else.
    HasGoneOn,
}

impl Control {
    /// Why the plan is not applied before a person has looked at it; None: it may be.
    pub(crate) async fn why_held(
        &self,
        pair: PairId,
        plan: &SyncPlan,
        settings: &ReplicationSettings,
    ) -> Result<Option<String>, StoreError> {
        let tallies = self.store.ledger_tallies(pair).await?;
        let known = tallies.iter().map(|tally| (tally.kind, tally.in_scope)).collect();
        Ok(farshore_sync::brake(plan, &known, settings).map(|why| {
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
        let pair =
            self.store.pair(run.pair_id).await.map_err(from_store)?.ok_or_else(|| not_found("pair"))?;
        let is_waited_for = self.asker_of(run).await? == Asker::Waits;
        let is_from_active = self.source_of(group, &pair).await? == Some(run.source);
        Ok((!is_waited_for || !is_from_active).then(|| {
            not_now(
                "The failover or failback that this plan was made for does not wait for it any more.",
                "Open that run to see where it stands; a step that needs a sync makes a new plan.",
            )
        }))
    }

    /// Where the run stands that asked for a sync of this group's.
    async fn asker_of(&self, sync: &SyncRun) -> Result<Asker, Problem> {
        let open = RunFilter { group_id: Some(sync.group_id), is_open_only: true, limit: None };
        let open = self.run_records(open).await?;
        // A group has one such run, beside which there may be drills.
        let Some(open) = open.iter().find(|run| run.kind.is_exclusive()) else { return Ok(Asker::HasGoneOn) };
        let run = self.known_run(open.id).await?;
        let step = run.current_step().and_then(|index| run.step(index));
        // What was asked for before the step began was asked for by another step, or by another run.
        let has_asked = step.is_some_and(|(definition, step)| {
            CARRYING.contains(&definition.name.as_str())
                && step.started_at.is_some_and(|began| began <= sync.created_at)
        });
        Ok(match run.state {
            _ if !has_asked => Asker::HasGoneOn,
            RunState::PausedByFailedStep => Asker::Waits,
            _ => Asker::IsAtIt,
        })
    }

    /// Ends the plans of a group that a step of a run waited for which has been left behind: it was skipped, or the
    /// run was given up. Nobody asks for them any more, and later they may be about the wrong direction.
    pub(crate) async fn drop_left_plans(&self, group: GroupId) -> Result<(), Problem> {
        for sync in self.store.held_sync_runs().await.map_err(from_store)? {
            let is_of_a_run = sync.group_id == group && sync.trigger.is_of_a_run();
            if !is_of_a_run || self.asker_of(&sync).await? != Asker::HasGoneOn {
                continue;
            }
            match self.store.decide_sync_run(sync.id, SyncRunState::Cancelled, self.clock.now()).await {
                Ok(()) => self.publish_sync(&sync),
                // It was decided about meanwhile.
                Err(StoreError::NotNow | StoreError::NotFound) => {}
                Err(error) => return Err(from_store(error)),
            }
        }
        Ok(())
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
