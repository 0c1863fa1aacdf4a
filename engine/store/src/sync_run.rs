//! Sync runs. Their plans are in `plan.rs`, the outcomes of their items in `outcome.rs`.

mod row;

use std::collections::BTreeSet;

use async_trait::async_trait;
use farshore_control::store::{PlanHead, StoreError, SyncRunStore};
use farshore_model::{
    GroupId, Lease, PairId, PlanId, SyncRunId, Timestamp,
    group::SmokeJob,
    plan::{PlanItem, SyncPlan},
    sync_run::{ItemOutcome, SyncRun, SyncRunState},
    view::{FailureGroup, PlanFilter},
};

use self::row::Row;
pub(crate) use self::row::{insert, is_there};
use crate::{
    SqlStore,
    column::Word,
    db::{execute, fetch_all, fetch_optional, scalar},
    failure::Failure,
};

#[async_trait]
impl SyncRunStore for SqlStore {
    async fn insert_sync_run(&self, run: &SyncRun) -> Result<(), StoreError> {
        let mut writing = self.write("keep the sync run").await?;
        if is_there(&mut writing, run.id).await? {
            return Ok(());
        }
        if !run.state.is_final() {
            execute!(
                writing,
                "UPDATE sync_runs SET state = 'superseded', ended_at = $2, message = $3
                 WHERE pair_id = $1 AND state = 'planned'",
                run.pair_id.0,
                run.created_at.0,
                "A newer sync of the same pair has taken its place.",
            )?;
        }
        // The index on open runs decides, also between two that arrive at once.
        if insert(&mut writing, run).await? == 0 && !is_there(&mut writing, run.id).await? {
            return Err(StoreError::NotNow);
        }
        Ok(writing.commit().await?)
    }

    async fn sync_run(&self, id: SyncRunId) -> Result<Option<SyncRun>, StoreError> {
        let mut reading = self.read("read the sync run").await?;
        let row = fetch_optional!(reading, Row, "SELECT * FROM sync_runs WHERE id = $1", id.0)?;
        Ok(row.map(SyncRun::from))
    }

    async fn sync_runs(&self, group: GroupId, limit: u32) -> Result<Vec<SyncRun>, StoreError> {
        let mut reading = self.read("list the sync runs").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT * FROM sync_runs WHERE group_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
            group.0,
            i64::from(limit),
        )?;
        Ok(rows.into_iter().map(SyncRun::from).collect())
    }

    async fn has_applied_sync(&self, pair: PairId) -> Result<bool, StoreError> {
        let mut reading = self.read("look for an applied sync").await?;
        Ok(scalar!(
            reading,
            bool,
            "SELECT EXISTS (SELECT 1 FROM sync_runs WHERE pair_id = $1 AND apply_began_at IS NOT NULL)",
            pair.0,
        )?)
    }

    async fn newest_sync_run(&self, pair: PairId) -> Result<Option<SyncRun>, StoreError> {
        let mut reading = self.read("read the newest sync run").await?;
        let row = fetch_optional!(
            reading,
            Row,
            "SELECT * FROM sync_runs WHERE pair_id = $1 AND only_objects IS NULL
             ORDER BY created_at DESC, id DESC LIMIT 1",
            pair.0,
        )?;
        Ok(row.map(SyncRun::from))
    }

    async fn repeat_suspended(&self, seen: &SyncRun, at: Timestamp) -> Result<(), StoreError> {
        let mut writing = self.write("note a suspended sync").await?;
        let noted = execute!(
            writing,
            "UPDATE sync_runs SET occurrences = occurrences + 1, ended_at = $3
             WHERE id = $1 AND state = 'suspended' AND occurrences = $2",
            seen.id.0,
            i64::from(seen.occurrences),
            at.0,
        )?;
        if noted == 0 {
            let is_there = is_there(&mut writing, seen.id).await?;
            return Err(if is_there { StoreError::NotNow } else { StoreError::NotFound });
        }
        Ok(writing.commit().await?)
    }

    async fn working_sync_runs(&self) -> Result<Vec<SyncRun>, StoreError> {
        let mut reading = self.read("list the sync runs under way").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT * FROM sync_runs WHERE state IN ('planning', 'applying') ORDER BY created_at, id",
        )?;
        Ok(rows.into_iter().map(SyncRun::from).collect())
    }

    async fn held_sync_runs(&self) -> Result<Vec<SyncRun>, StoreError> {
        let mut reading = self.read("list the syncs that wait for a person").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT * FROM sync_runs WHERE state = 'planned' AND message IS NOT NULL ORDER BY created_at, id",
        )?;
        Ok(rows.into_iter().map(SyncRun::from).collect())
    }

    /// When the application began is left open: the worker looks once more whether the plan still holds before
    /// it begins.
    async fn decide_sync_run(
        &self,
        id: SyncRunId,
        state: SyncRunState,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writing = self.write("move the sync run on").await?;
        let moved = execute!(
            writing,
            "UPDATE sync_runs SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'planned'",
            id.0,
            Word(state),
            state.is_final().then_some(at.0),
        )?;
        if moved == 0 {
            let is_there = is_there(&mut writing, id).await?;
            return Err(if is_there { StoreError::NotNow } else { StoreError::NotFound });
        }
        Ok(writing.commit().await?)
    }

    async fn update_sync_run(&self, lease: &Lease, run: &SyncRun) -> Result<(), StoreError> {
        if lease.holder != run.id.0 {
            return Err(StoreError::LeaseLost);
        }
        let mut writing = self.write("change the sync run").await?;
        writing.hold(lease).await?;
        let changed = execute!(
            writing,
            "UPDATE sync_runs SET state = $2, plan_id = $3, total = $4, message = $5, apply_began_at = $6,
                 ended_at = $7
             WHERE id = $1",
            run.id.0,
            Word(run.state),
            run.plan_id.map(|id| id.0),
            i64::from(run.total),
            &run.message,
            run.apply_began_at.map(|at| at.0),
            run.ended_at.map(|at| at.0),
        )
        .map_err(pair_is_busy)?;
        if changed == 0 {
            return Err(StoreError::NotFound);
        }
        Ok(writing.commit().await?)
    }

    async fn insert_plan(&self, lease: &Lease, plan: &SyncPlan) -> Result<(), StoreError> {
        self.keep_plan(lease, plan).await
    }

    async fn plan(&self, id: PlanId) -> Result<Option<SyncPlan>, StoreError> {
        self.read_plan(id).await
    }

    async fn plan_head(&self, id: PlanId) -> Result<Option<PlanHead>, StoreError> {
        self.read_plan_head(id).await
    }

    async fn plan_items(
        &self,
        plan: PlanId,
        run: SyncRunId,
        filter: &PlanFilter,
        per_page: u32,
    ) -> Result<(Vec<PlanItem>, u32), StoreError> {
        self.page_of_plan(plan, run, filter, per_page).await
    }

    async fn record_outcome(
        &self,
        lease: &Lease,
        run: SyncRunId,
        outcome: &ItemOutcome,
    ) -> Result<(), StoreError> {
        self.keep_outcome(lease, run, outcome).await
    }

    async fn recorded_items(&self, run: SyncRunId) -> Result<BTreeSet<u32>, StoreError> {
        self.indexes_with_outcome(run).await
    }

    async fn outcomes(&self, run: SyncRunId, from: u32, to: u32) -> Result<Vec<ItemOutcome>, StoreError> {
        self.outcomes_between(run, from, to).await
    }

    async fn failure_groups(&self, run: SyncRunId) -> Result<Vec<FailureGroup>, StoreError> {
        self.failures_by_error(run).await
    }

    async fn ledger_jobs(&self, pair: PairId) -> Result<Vec<SmokeJob>, StoreError> {
        Ok(self.jobs_in_ledger(pair).await?)
    }
}

impl SqlStore {
    /// Those that changed something, or tried to, newest first.
    pub(crate) async fn syncs_that_applied(
        &self,
        group: GroupId,
        pair: Option<PairId>,
        before: Option<&SyncRun>,
        limit: u32,
    ) -> Result<Vec<SyncRun>, Failure> {
        let mut reading = self.read("list the sync runs").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT * FROM sync_runs
             WHERE group_id = $1 AND apply_began_at IS NOT NULL AND total > 0
                 AND ($2 IS NULL OR pair_id = $2)
                 AND ($3 IS NULL OR (created_at, id) < ($3, $4))
             ORDER BY created_at DESC, id DESC LIMIT $5",
            group.0,
            pair.map(|pair| pair.0),
            before.map(|run| run.created_at.0),
            before.map(|run| run.id.0),
            i64::from(limit),
        )?;
        Ok(rows.into_iter().map(SyncRun::from).collect())
    }
}

fn pair_is_busy(failure: Failure) -> StoreError {
    if failure.is_duplicate("sync_runs", "pair_id") { StoreError::NotNow } else { failure.into() }
}
