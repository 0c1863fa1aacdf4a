//! From here on nothing is synced until the failback, so that a region that returns never overwrites production.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use farshore_model::{
    GroupId,
    group::SyncSuspension,
    sync_run::{SyncRun, SyncRunState, SyncTrigger},
    view::Topic,
};
use farshore_runbook::{Step, StepContext, StepError, StepOutcome};

use super::{from_control, from_control_store, scope};
use crate::Control;

/// Whoever writes looks at its lease ten times in its length; this many tenths later it has stopped.
const TENTHS_TO_STOP: i64 = 2;
const LOOK_AGAIN: Duration = Duration::from_millis(100);

pub(super) struct SuspendSync(pub Arc<Control>);

#[async_trait]
impl Step for SuspendSync {
    fn name(&self) -> &'static str {
        "suspend_sync"
    }

    /// A suspension that stands does not say that the syncs before it have stopped.
    async fn is_done(&self, _: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        Ok(None)
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        let control = &self.0;
        let scope = scope(ctx)?;
        let group = control.known_group(ctx.group_id).await.map_err(from_control)?;
        let is_mine = |suspension: &SyncSuspension| suspension.run_id == Some(ctx.run_id);
        if !group.suspension.as_ref().is_some_and(is_mine) {
            let suspension = SyncSuspension {
                reason: format!(
                    "the failover from {} to {} has begun; syncs go on after the failback.",
                    scope.from_region, scope.to_region
                ),
                since: ctx.now(),
                run_id: Some(ctx.run_id),
            };
            control
                .store
                .set_group_activity(&ctx.lease, group.id, &group.active_region, Some(&suspension))
                .await
                .map_err(from_control_store)?;
            control.notices.publish(Topic::Group(group.id));
            ctx.log("Syncs of the group are suspended.").await?;
        }
        let stopped = control.stop_syncs(ctx).await?;
        if stopped > 0 {
            ctx.log(format!("Syncs under way that were stopped: {stopped}.")).await?;
            let tenths = control.options.lease_ms / 10 * TENTHS_TO_STOP;
            tokio::time::sleep(Duration::from_millis(u64::try_from(tenths).unwrap_or(2_000))).await;
        }
        Ok(StepOutcome::done())
    }
}

impl Control {
    /// Takes the syncs of the group away from whoever carries them out, and ends them. Returns how many there
    /// were.
    async fn stop_syncs(&self, ctx: &StepContext) -> Result<u32, StepError> {
        let mut stopped = 0;
        loop {
            let working = self.syncs_to_stop(ctx.group_id).await?;
            if working.is_empty() {
                return Ok(stopped);
            }
            for run in working {
                stopped += u32::from(self.stop_sync(ctx, run).await?);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn syncs_to_stop(&self, group: GroupId) -> Result<Vec<SyncRun>, StepError> {
        let mut working = self.store.working_sync_runs().await.map_err(from_control_store)?;
        working.retain(|run| run.group_id == group && run.trigger != SyncTrigger::Failback);
        Ok(working)
    }

    /// False when somebody was faster: its worker ended it, or took it up again to find the group suspended.
    async fn stop_sync(&self, ctx: &StepContext, run: SyncRun) -> Result<bool, StepError> {
        self.store.revoke_lease(run.id.0).await.map_err(from_control_store)?;
        let (now, lease_ms) = (ctx.now(), self.options.lease_ms);
        let lease = self
            .store
            .acquire_lease(run.id.0, self.owner, now, lease_ms)
            .await
            .map_err(from_control_store)?;
        let Some(lease) = lease else { return Ok(false) };
        let current = self.store.sync_run(run.id).await.map_err(from_control_store)?;
        if let Some(mut current) = current.filter(|run| run.state.is_working()) {
            current.state = SyncRunState::Suspended;
            current.message = Some("Stopped, because its group is being failed over.".to_owned());
            current.ended_at = Some(now);
            self.store.update_sync_run(&lease, &current).await.map_err(from_control_store)?;
            self.publish_sync(&current);
        }
        self.store.release_lease(&lease).await.map_err(from_control_store)?;
        Ok(true)
    }
}
