//! Sync runs. Their plans are in `plan.rs`, the outcomes of their items in `outcome.rs`.

mod row;

use async_trait::async_trait;
use farshore_control::store::{StoreError, SyncRunStore};
use farshore_model::{
    GroupId, Lease, PairId, SyncRunId, Timestamp,
    sync_run::{SyncRun, SyncRunState},
};

pub(crate) use self::row::{Row, insert, is_there};
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
}

fn pair_is_busy(failure: Failure) -> StoreError {
    if failure.is_duplicate("sync_runs", "pair_id") { StoreError::NotNow } else { failure.into() }
}
