//! What the steps of the [runbooks](crate::runbooks) do, one file a step. Each reads before it writes, so that
//! a step that was killed half-way, or is retried, changes only what is left to change. What a step writes to
//! the panel's own store it writes under the lease of its run.

mod carry;
mod carry_back_changes;
mod carry_back_rest;
mod declare_operational;
mod fence;
mod fence_primary;
mod fence_secondary;
mod final_sync;
mod release;
mod release_jobs;
mod release_pools;
mod run_smoke_job;
mod start_clusters;
mod suspend_sync;
mod verify;
mod verify_passive_region;
mod verify_primary_region;

use std::sync::Arc;

use async_trait::async_trait;
use farshore_databricks::ApiError;
use farshore_model::{
    Lease, PairId, Problem, WorkspaceId,
    group::{Side, WorkspacePair},
    region_map::RegionMap,
};
use farshore_runbook::{RegistryError, Step, StepContext, StepError, StepRegistry};
use farshore_sync::{SideContext, StepLog};

pub(crate) use fence::{FenceFailure, fence_workspace};

use crate::{
    Control,
    problem::{chain, from_store},
    runbooks::{RunScope, ScopedPair},
    store::StoreError,
    workspaces::Patience,
};

/// Every step that a runbook of this version can name.
pub(crate) fn registry(control: &Arc<Control>) -> Result<StepRegistry, RegistryError> {
    let control = || Arc::clone(control);
    let steps: [Arc<dyn Step>; 13] = [
        Arc::new(carry_back_changes::CarryBackChanges(control())),
        Arc::new(carry_back_rest::CarryBackRest(control())),
        Arc::new(declare_operational::DeclareOperational(control())),
        Arc::new(fence_primary::FencePrimary(control())),
        Arc::new(fence_secondary::FenceSecondary(control())),
        Arc::new(final_sync::FinalSync(control())),
        Arc::new(release_jobs::ReleaseJobs(control())),
        Arc::new(release_pools::ReleasePools(control())),
        Arc::new(run_smoke_job::RunSmokeJob(control())),
        Arc::new(start_clusters::StartClusters(control())),
        Arc::new(suspend_sync::SuspendSync(control())),
        Arc::new(verify_passive_region::VerifyPassiveRegion(control())),
        Arc::new(verify_primary_region::VerifyPrimaryRegion(control())),
    ];
    StepRegistry::new(steps)
}

/// What the run is about, as it was frozen when it was requested.
fn scope(ctx: &StepContext) -> Result<RunScope, StepError> {
    RunScope::from_value(&ctx.context).map_err(|error| {
        tracing::error!(run = %ctx.run_id, error = chain(&error), "the run has no readable scope");
        StepError::lasting(
            "The run was requested by another version of the panel, which wrote its scope differently. Nothing was \
             done.",
            "Start the version that the run was requested with and retry the step, or abandon the run and request \
             a new one.",
        )
    })
}

fn from_problem(problem: &Problem) -> StepError {
    StepError::passing(format!("{} {}", problem.what_happened, problem.not_lost), problem.what_to_do.as_str())
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn from_control(problem: Problem) -> StepError {
    from_problem(&problem)
}

fn from_control_store(error: StoreError) -> StepError {
    from_problem(&from_store(error))
}

fn from_api(workspace: &str, error: &ApiError) -> StepError {
    tracing::warn!(error = chain(error), endpoint = error.endpoint(), "a step's call failed");
    StepError::passing(format!("{workspace} did not do what was asked: {error}."), error.remedy())
}

/// Several names in a sentence: the first few, and how many more there are.
fn name_some(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Writes the lines of the sync engine into the journal of the step.
struct JournalLog<'a>(&'a StepContext);

#[async_trait]
impl StepLog for JournalLog<'_> {
    async fn line(&self, text: &str) {
        // A journal that cannot be written ends the step at its next own write.
        if let Err(error) = self.0.log(text).await {
            tracing::warn!(run = %self.0.run_id, error = chain(&error), "a line of a step was not written");
        }
    }
}

impl Control {
    /// The side of a pair that takes over, and nothing of the other one.
    async fn taking_over(&self, pair: &ScopedPair, lease: Lease) -> Result<SideContext, StepError> {
        self.side_context(pair, pair.to, lease, Patience::Full).await
    }

    /// The side of a pair that is left, and nothing of the other one.
    async fn being_left(
        &self,
        pair: &ScopedPair,
        lease: Lease,
        patience: Patience,
    ) -> Result<SideContext, StepError> {
        self.side_context(pair, pair.to.other(), lease, patience).await
    }

    async fn side_context(
        &self,
        pair: &ScopedPair,
        side: Side,
        lease: Lease,
        patience: Patience,
    ) -> Result<SideContext, StepError> {
        Ok(SideContext {
            pair_id: pair.pair_id,
            other_pairs: self
                .other_pairs(pair.pair_id, side, pair.workspace(side).id)
                .await
                .map_err(from_control_store)?,
            side,
            end: self.workspace_end(pair.workspace(side).id, patience).await.map_err(from_control)?,
            ledger: self.store.clone(),
            lease,
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            region_map: self.region_map_of(pair.pair_id).await.map_err(from_control_store)?,
        })
    }

    /// The region map of the group that the pair belongs to.
    pub(crate) async fn region_map_of(&self, pair: PairId) -> Result<RegionMap, StoreError> {
        let pairs = self.store.pairs(None).await?;
        match pairs.iter().find(|known| known.id == pair) {
            Some(pair) => Ok(self.store.settings(pair.group_id).await?.settings.region_map),
            None => Ok(RegionMap::default()),
        }
    }

    /// The pairs beside this one that have the workspace on the same side.
    pub(crate) async fn other_pairs(
        &self,
        pair: PairId,
        side: Side,
        workspace: WorkspaceId,
    ) -> Result<Vec<PairId>, StoreError> {
        let pairs = self.store.pairs(None).await?;
        let of_side = |pair: &WorkspacePair| match side {
            Side::Primary => pair.primary,
            Side::Secondary => pair.secondary,
        };
        let others = pairs.iter().filter(|other| other.id != pair && of_side(other) == workspace);
        Ok(others.map(|other| other.id).collect())
    }
}
