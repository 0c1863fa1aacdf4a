use async_trait::async_trait;
use farshore_control::store::{FenceStore, StoreError};
use farshore_model::{
    GroupId, Lease, ObligationId, PairId, RunId, Timestamp, WorkspaceId,
    obligation::{FenceObligation, FenceReport},
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    SqlStore,
    column::{Json, count},
    db::{Writing, execute, fetch_all, scalar},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    group_id: Uuid,
    pair_id: Uuid,
    workspace_id: Uuid,
    run_id: Uuid,
    opened_at: i64,
    closed_at: Option<i64>,
    attempts: i64,
    last_attempt_at: Option<i64>,
    last_error: Option<String>,
    report: Option<Json<FenceReport>>,
}

impl From<Row> for FenceObligation {
    fn from(row: Row) -> Self {
        Self {
            id: ObligationId(row.id),
            group_id: GroupId(row.group_id),
            pair_id: PairId(row.pair_id),
            workspace_id: WorkspaceId(row.workspace_id),
            run_id: RunId(row.run_id),
            opened_at: Timestamp(row.opened_at),
            closed_at: row.closed_at.map(Timestamp),
            attempts: count(row.attempts),
            last_attempt_at: row.last_attempt_at.map(Timestamp),
            last_error: row.last_error,
            report: row.report.map(|report| report.0),
        }
    }
}

#[async_trait]
impl FenceStore for SqlStore {
    async fn open_fence(&self, lease: &Lease, fence: &FenceObligation) -> Result<(), StoreError> {
        let mut writing = self.write("open the fence").await?;
        writing.hold(lease).await?;
        execute!(
            writing,
            "INSERT INTO fences
                 (id, group_id, pair_id, workspace_id, run_id, opened_at, closed_at, attempts, last_attempt_at,
                  last_error, report)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (run_id, pair_id) DO NOTHING",
            fence.id.0,
            fence.group_id.0,
            fence.pair_id.0,
            fence.workspace_id.0,
            fence.run_id.0,
            fence.opened_at.0,
            fence.closed_at.map(|at| at.0),
            i64::from(fence.attempts),
            fence.last_attempt_at.map(|at| at.0),
            &fence.last_error,
            fence.report.as_ref().map(Json),
        )?;
        Ok(writing.commit().await?)
    }

    async fn fences(
        &self,
        group: Option<GroupId>,
        is_open_only: bool,
    ) -> Result<Vec<FenceObligation>, StoreError> {
        let mut reading = self.read("list the fences").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT * FROM fences
             WHERE ($1 IS NULL OR group_id = $1) AND (NOT $2 OR closed_at IS NULL)
             ORDER BY opened_at DESC, id DESC",
            group.map(|id| id.0),
            is_open_only,
        )?;
        Ok(rows.into_iter().map(FenceObligation::from).collect())
    }

    async fn fences_of_run(&self, run: RunId) -> Result<Vec<FenceObligation>, StoreError> {
        let mut reading = self.read("list the fences of the run").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT * FROM fences WHERE run_id = $1 ORDER BY opened_at DESC, id DESC",
            run.0,
        )?;
        Ok(rows.into_iter().map(FenceObligation::from).collect())
    }

    /// An attempt on a fence that was closed meanwhile is not counted.
    async fn record_fence_attempt(
        &self,
        lease: &Lease,
        id: ObligationId,
        at: Timestamp,
        error: &str,
    ) -> Result<(), StoreError> {
        let mut writing = self.write("note an attempt on the fence").await?;
        writing.hold(lease).await?;
        let noted = execute!(
            writing,
            "UPDATE fences SET attempts = attempts + 1, last_attempt_at = $2, last_error = $3
             WHERE id = $1 AND closed_at IS NULL",
            id.0,
            at.0,
            error,
        )?;
        if noted == 0 {
            must_be_there(&mut writing, id).await?;
        }
        Ok(writing.commit().await?)
    }

    /// The attempt that succeeds is counted too. The last error stays, as what held it up.
    async fn close_fence(
        &self,
        lease: &Lease,
        id: ObligationId,
        at: Timestamp,
        report: &FenceReport,
    ) -> Result<(), StoreError> {
        let mut writing = self.write("close the fence").await?;
        writing.hold(lease).await?;
        let closed = execute!(
            writing,
            "UPDATE fences SET closed_at = $2, report = $3, attempts = attempts + 1, last_attempt_at = $2
             WHERE id = $1 AND closed_at IS NULL",
            id.0,
            at.0,
            Json(report),
        )?;
        if closed == 0 {
            must_be_there(&mut writing, id).await?;
        }
        Ok(writing.commit().await?)
    }
}

async fn must_be_there(writing: &mut Writing, id: ObligationId) -> Result<(), StoreError> {
    let is_there = scalar!(writing, bool, "SELECT EXISTS (SELECT 1 FROM fences WHERE id = $1)", id.0)?;
    if is_there { Ok(()) } else { Err(StoreError::NotFound) }
}
