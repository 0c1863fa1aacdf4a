//! How a sync run ends, and what takes its place.

use farshore_model::{
    Lease,
    plan::SyncPlan,
    sync_run::{SyncRun, SyncRunState, SyncTrigger},
};
use farshore_sync::leaves_target_ahead;

use super::stop::Stop;
use crate::{Control, audit::not_found, store::StoreError};

impl Control {
    /// Ends a run whose plan was applied. Only a complete one moves the replication point.
    pub(super) async fn complete_sync(
        &self,
        run: &mut SyncRun,
        lease: &Lease,
        plan: &SyncPlan,
    ) -> Result<(), Stop> {
        if run.failed == 0 && plan.counts.conflict == 0 {
            // Something else is not on the other side yet.
            if plan.counts.left_out > 0 {
                let message = still_to_come(plan.counts.left_out);
                return self.end(run, lease, SyncRunState::Completed, Some(message)).await;
            }
            // What a failback keeps on the returned side is on the other one only after the next replication.
            if run.trigger != SyncTrigger::Failback || !leaves_target_ahead(plan) {
                self.store.set_replication_point(lease, run.pair_id, plan.listing_began_at).await?;
            }
            return self.end(run, lease, SyncRunState::Completed, None).await;
        }
        let objects =
            |count: u32| if count == 1 { "1 object".to_owned() } else { format!("{count} objects") };
        let waiting = |count: u32| if count == 1 { "waits for a choice" } else { "wait for a choice" };
        let what = match (run.failed, plan.counts.conflict) {
            (failed, 0) => format!("{} failed", objects(failed)),
            (0, conflicts) => format!("{} {}", objects(conflicts), waiting(conflicts)),
            (failed, conflicts) => {
                format!("{} failed and {conflicts} {}", objects(failed), waiting(conflicts))
            }
        };
        let message = format!("{what}; the replication point stays where it was.");
        self.end(run, lease, SyncRunState::CompletedWithFailures, Some(message)).await
    }

    pub(super) async fn end(
        &self,
        run: &mut SyncRun,
        lease: &Lease,
        state: SyncRunState,
        message: Option<String>,
    ) -> Result<(), Stop> {
        run.state = state;
        run.message = message;
        run.ended_at = Some(self.clock.now());
        self.store.update_sync_run(lease, run).await?;
        Ok(())
    }

    /// What the plan was made from has changed: a new one is made for the person to look at.
    pub(super) async fn supersede(&self, run: &mut SyncRun, lease: &Lease) -> Result<(), Stop> {
        let message = "One of the workspaces has changed since this plan was made, so nothing was applied.";
        self.end(run, lease, SyncRunState::Superseded, Some(message.to_owned())).await?;
        let pair = self.store.pair(run.pair_id).await?.ok_or_else(|| not_found("pair"))?;
        let mut next = self.new_sync_run(&pair, run.source, run.trigger);
        next.requested_by.clone_from(&run.requested_by);
        next.is_applied_at_once = false;
        next.only = run.only;
        next.choices.clone_from(&run.choices);
        let inserted = match run.only {
            None => self.store.insert_sync_run(&next).await,
            Some(_) => {
                let objects = self.store.sync_run_objects(run.id).await?;
                self.store.insert_partial_sync_run(&next, &objects).await
            }
        };
        match inserted {
            Ok(()) => self.publish_sync(&next),
            // One of the schedule came in between, and shows the same changes.
            Err(StoreError::NotNow) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// What a run about some objects alone says of all the others.
fn still_to_come(left_out: u32) -> String {
    let others = match left_out {
        1 => "1 other object differs and waits".to_owned(),
        count => format!("{count} other objects differ and wait"),
    };
    format!(
        "This sync was about some objects alone: {others} for the next whole sync, and the replication point \
         stays where it was."
    )
}
