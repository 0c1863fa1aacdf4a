//! Puts up the fences that are due. A fence that could not be put up when its failover asked for it is a row of
//! its own, tried until it holds, longer than any run: a region that comes back must not start processing.
//!
//! Trying it twice does no harm: fencing leaves alone what is passive already, and a group whose fence is open
//! is not failed back.

use std::{sync::Arc, time::Duration};

use farshore_databricks::{RunFilter, WorkspaceClient};
use farshore_model::{
    DurationMs, Lease, Timestamp,
    group::Side,
    obligation::{FenceObligation, FenceReport, StartedRun},
    view::Topic,
};
use farshore_sync::{SideContext, step_log::SilentLog};
use serde_json::Value;

use crate::{
    Control,
    problem::{chain, from_store},
    steps::{FenceFailure, fence_workspace},
    store::StoreError,
    workspaces::Patience,
};

/// A region that hangs again half-way gives the fence back this soon, for another try.
const PATIENCE: Duration = Duration::from_secs(30);
/// So often open pages hear of attempts that all fail alike.
const ATTEMPTS_A_NOTICE: u32 = 6;
/// How far the two clocks may have drifted apart since the fence was due. A run that is listed although it
/// started a moment earlier does no harm; one that is not listed does.
const CLOCK_MARGIN: DurationMs = DurationMs::from_secs(2);
/// The same for a workspace that does not tell its time.
const UNKNOWN_CLOCK_MARGIN: DurationMs = DurationMs::from_secs(3_600);

impl Control {
    /// One round: each open fence that nobody is at is tried, in a task of its own, so that a workspace that
    /// hangs does not keep another one waiting.
    pub async fn work_on_fences(self: Arc<Self>) {
        let fences = match self.store.fences(None, true).await {
            Ok(fences) => fences,
            Err(error) => {
                tracing::error!(error = chain(&error), "open fences could not be read");
                return;
            }
        };
        for fence in fences {
            let (now, lease_ms) = (self.clock.now(), self.options.lease_ms);
            match self.store.acquire_lease(fence.id.0, self.owner, now, lease_ms).await {
                Ok(Some(lease)) => {
                    tokio::spawn(Arc::clone(&self).work_on_fence(fence, lease));
                }
                Ok(None) => {}
                Err(error) => tracing::error!(error = chain(&error), "a fence could not be leased"),
            }
        }
    }

    async fn work_on_fence(self: Arc<Self>, fence: FenceObligation, lease: Lease) {
        tokio::select! {
            result = self.try_fence(&fence, &lease) => {
                if let Err(error) = result {
                    tracing::warn!(id = %fence.id, error = chain(&error), "a fence could not be recorded");
                }
            }
            () = self.keep_lease(&lease) => tracing::warn!(id = %fence.id, "the lease of a fence was lost"),
        }
        if let Err(error) = self.store.release_lease(&lease).await {
            tracing::warn!(error = chain(&error), "a lease could not be given back; it will expire");
        }
    }

    async fn try_fence(&self, fence: &FenceObligation, lease: &Lease) -> Result<(), StoreError> {
        let put_up = tokio::time::timeout(PATIENCE, self.put_up(fence, lease));
        match put_up.await.unwrap_or_else(|_| Err(not_in_time())) {
            Ok(report) => {
                self.store.close_fence(lease, fence.id, self.clock.now(), &report).await?;
                tracing::info!(id = %fence.id, workspace = %fence.workspace_id, "the fence holds");
                self.publish_fence(fence);
                if let Err(problem) = self.evaluate_readiness(fence.group_id).await {
                    tracing::error!(%problem, "readiness could not be evaluated");
                }
            }
            Err(failure) => {
                self.store.record_fence_attempt(lease, fence.id, self.clock.now(), &failure.what).await?;
                // One more failure like the last is hardly news, and each notice has all open pages read again.
                let is_new = fence.last_error.as_ref() != Some(&failure.what);
                if is_new || fence.attempts.is_multiple_of(ATTEMPTS_A_NOTICE) {
                    self.publish_fence(fence);
                }
            }
        }
        Ok(())
    }

    async fn put_up(&self, fence: &FenceObligation, lease: &Lease) -> Result<FenceReport, FenceFailure> {
        let probe = self
            .client(fence.workspace_id, Patience::Probe)
            .await
            .map_err(|problem| FenceFailure { what: problem.what_happened, remedy: problem.what_to_do })?;
        probe.me().await.map_err(|error| FenceFailure { what: error.to_string(), remedy: error.remedy() })?;
        let end = self
            .workspace_end(fence.workspace_id, Patience::Fence)
            .await
            .map_err(|problem| FenceFailure { what: problem.what_happened, remedy: problem.what_to_do })?;
        let others = self.other_pairs(fence.pair_id, Side::Primary, fence.workspace_id).await;
        let side = SideContext {
            pair_id: fence.pair_id,
            other_pairs: others.map_err(unread)?,
            // Only the primary side of a pair is fenced in the background.
            side: Side::Primary,
            end,
            ledger: self.store.clone(),
            lease: *lease,
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            region_map: self.region_map_of(fence.pair_id).await.map_err(unread)?,
        };
        let report = fence_workspace(&side, &SilentLog).await?;
        let client = &side.end.client;
        let skew = ClockSkew::between(self.clock.now(), client.workspace_time_ms());
        let started_runs = started_since(client, fence.opened_at, skew).await?;
        Ok(FenceReport { started_runs, ..report })
    }

    fn publish_fence(&self, fence: &FenceObligation) {
        self.notices.publish(Topic::Run(fence.run_id));
        self.notices.publish(Topic::Group(fence.group_id));
        self.notices.publish(Topic::Overview);
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn unread(error: StoreError) -> FenceFailure {
    let problem = from_store(error);
    FenceFailure { what: problem.what_happened, remedy: problem.what_to_do }
}

fn not_in_time() -> FenceFailure {
    FenceFailure {
        what: format!(
            "the fence was not up within {} seconds; what was stopped stays stopped, and the rest is tried again",
            PATIENCE.as_secs()
        ),
        remedy: "Look into the state of its region.".to_owned(),
    }
}

/// How far the workspace's clock is ahead of the panel's, as exactly as its answers tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ClockSkew {
    /// Negative when it is behind.
    ahead: DurationMs,
    margin: DurationMs,
}

impl ClockSkew {
    /// From both clocks at the same moment; the workspace's is known to whole seconds, and never too late.
    fn between(panel: Timestamp, workspace_ms: Option<i64>) -> Self {
        match workspace_ms {
            Some(ms) => Self { ahead: DurationMs(ms - panel.as_ms()), margin: CLOCK_MARGIN },
            None => Self { ahead: DurationMs(0), margin: UNKNOWN_CLOCK_MARGIN },
        }
    }

    /// The earliest time that the workspace's clock can have shown at that moment.
    fn earliest_there(self, panel: Timestamp) -> Timestamp {
        panel + self.ahead - self.margin
    }

    /// What the panel's clock showed when the workspace's showed this.
    fn here(self, workspace: Timestamp) -> Timestamp {
        workspace - self.ahead
    }
}

/// Job runs that the workspace started although its fence was due. Asked once the fence holds, so that none can
/// follow. The workspace dates them by its own clock; they are reported by the panel's.
async fn started_since(
    client: &WorkspaceClient,
    opened_at: Timestamp,
    skew: ClockSkew,
) -> Result<Vec<StartedRun>, FenceFailure> {
    let from = skew.earliest_there(opened_at);
    let filter = RunFilter { started_from_ms: Some(from.as_ms()), ..RunFilter::default() };
    let runs = client.list_runs(filter).await.map_err(|error| FenceFailure {
        what: format!("the runs that it started could not be listed: {error}"),
        remedy: error.remedy(),
    })?;
    let mut started: Vec<StartedRun> =
        runs.iter().filter_map(started_run).filter(|run| run.started_at >= from).collect();
    for run in &mut started {
        run.started_at = skew.here(run.started_at);
    }
    started.sort_by_key(|run| run.started_at);
    Ok(started)
}

/// None for what has no job or has not started.
fn started_run(run: &Value) -> Option<StartedRun> {
    let number = |field: &str| run.get(field).and_then(Value::as_i64);
    Some(StartedRun {
        run_id: number("run_id")?,
        job_id: number("job_id")?,
        job_name: run.get("run_name").and_then(Value::as_str).unwrap_or("unnamed").to_owned(),
        started_at: Timestamp::from_ms(number("start_time").filter(|&ms| ms > 0)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_ms(1_800_000_000_000);

    #[test]
    fn a_workspace_that_is_behind_hides_nothing() {
        let opened_at = NOW - DurationMs::from_secs(60);
        for hours in [-5, 0, 5] {
            let there = NOW.as_ms() + hours * 3_600_000;
            let skew = ClockSkew::between(NOW, Some(there));
            let when_it_opened = Timestamp::from_ms(there - 60_000);
            let from = skew.earliest_there(opened_at);
            assert!(from < when_it_opened && when_it_opened.since(from).0 < 10_000, "{hours}: {from:?}");
            assert_eq!(skew.here(when_it_opened), opened_at);
        }
    }

    #[test]
    fn an_unknown_clock_is_given_room() {
        let skew = ClockSkew::between(NOW, None);
        assert_eq!(NOW.since(skew.earliest_there(NOW)), UNKNOWN_CLOCK_MARGIN);
        assert_eq!(skew.here(NOW), NOW);
    }
}
