use async_trait::async_trait;
use farshore_control::store::{GroupStore, SealedCredential, StoreError};
use farshore_model::{
    DepartmentId, GroupId, Lease, PairId, PairingId, Timestamp, WorkspaceId,
    group::{FailoverGroup, SmokeJob, Strategy, SyncSuspension, WorkspacePair},
    readiness::{Readiness, ReadinessCheck},
    workspace::Workspace,
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    SqlStore,
    column::{Json, Word},
    db::{Writing, execute, fetch_all, fetch_optional, scalar, scalar_optional},
    failure::Failure,
    workspace::insert_workspace,
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    strategy: Word<Strategy>,
    department_id: Option<Uuid>,
    primary_region: String,
    active_region: String,
    sync_interval_ms: Option<i64>,
    smoke_job: Option<Json<SmokeJob>>,
    suspension: Option<Json<SyncSuspension>>,
    version: i64,
    created_at: i64,
}

impl From<Row> for FailoverGroup {
    fn from(row: Row) -> Self {
        Self {
            id: GroupId(row.id),
            name: row.name,
            strategy: row.strategy.0,
            department_id: row.department_id.map(DepartmentId),
            primary_region: row.primary_region,
            active_region: row.active_region,
            sync_interval_ms: row.sync_interval_ms,
            smoke_job: row.smoke_job.map(|job| job.0),
            suspension: row.suspension.map(|suspension| suspension.0),
            version: row.version,
            created_at: Timestamp(row.created_at),
        }
    }
}

#[derive(FromRow)]
struct PairRow {
    id: Uuid,
    group_id: Uuid,
    primary_id: Uuid,
    secondary_id: Uuid,
    replication_point: Option<i64>,
    created_at: i64,
}

impl From<PairRow> for WorkspacePair {
    fn from(row: PairRow) -> Self {
        Self {
            id: PairId(row.id),
            group_id: GroupId(row.group_id),
            primary: WorkspaceId(row.primary_id),
            secondary: WorkspaceId(row.secondary_id),
            replication_point: row.replication_point.map(Timestamp),
            created_at: Timestamp(row.created_at),
        }
    }
}

#[derive(FromRow)]
struct ReadinessRow {
    checks: Json<Vec<ReadinessCheck>>,
    evaluated_at: i64,
}

fn name_taken(failure: Failure) -> StoreError {
    failure.taken("failover_groups", "name", "name")
}

#[async_trait]
impl GroupStore for SqlStore {
    async fn insert_group(
        &self,
        group: &FailoverGroup,
        workspaces: &[(Workspace, SealedCredential)],
        pairs: &[WorkspacePair],
        from: Option<PairingId>,
    ) -> Result<(), StoreError> {
        let mut writing = self.write("keep the group").await?;
        insert_group_row(&mut writing, group).await?;
        for (workspace, credential) in workspaces {
            insert_workspace(&mut writing, workspace, credential).await?;
        }
        for pair in pairs {
            insert_pair(&mut writing, pair).await?;
        }
        if let Some(pairing) = from {
            execute!(writing, "DELETE FROM pairings WHERE id = $1", pairing.0)?;
        }
        Ok(writing.commit().await?)
    }

    async fn groups(&self) -> Result<Vec<FailoverGroup>, StoreError> {
        let mut reading = self.read("list the groups").await?;
        let rows = fetch_all!(reading, Row, "SELECT * FROM failover_groups ORDER BY LOWER(name), id")?;
        Ok(rows.into_iter().map(FailoverGroup::from).collect())
    }

    async fn group(&self, id: GroupId) -> Result<Option<FailoverGroup>, StoreError> {
        let mut reading = self.read("read the group").await?;
        let row = fetch_optional!(reading, Row, "SELECT * FROM failover_groups WHERE id = $1", id.0)?;
        Ok(row.map(FailoverGroup::from))
    }

    async fn update_group(&self, group: &FailoverGroup) -> Result<i64, StoreError> {
        let mut writing = self.write("change the group").await?;
        let version = scalar_optional!(
            writing,
            i64,
            "UPDATE failover_groups SET name = $3, strategy = $4, department_id = $5, sync_interval_ms = $6,
                 smoke_job = $7, version = version + 1
             WHERE id = $1 AND version = $2 RETURNING version",
            group.id.0,
            group.version,
            &group.name,
            Word(group.strategy),
            group.department_id.map(|id| id.0),
            group.sync_interval_ms,
            group.smoke_job.as_ref().map(Json),
        )
        .map_err(name_taken)?;
        let Some(version) = version else {
            let is_there = scalar!(
                writing,
                bool,
                "SELECT EXISTS (SELECT 1 FROM failover_groups WHERE id = $1)",
                group.id.0
            )?;
            return Err(if is_there { StoreError::Stale } else { StoreError::NotFound });
        };
        writing.commit().await?;
        Ok(version)
    }

    async fn set_group_activity(
        &self,
        lease: &Lease,
        id: GroupId,
        active_region: &str,
        suspension: Option<&SyncSuspension>,
    ) -> Result<(), StoreError> {
        let mut writing = self.write("set the active region of the group").await?;
        writing.hold(lease).await?;
        let changed = execute!(
            writing,
            "UPDATE failover_groups SET active_region = $2, suspension = $3 WHERE id = $1",
            id.0,
            active_region,
            suspension.map(Json),
        )?;
        if changed == 0 {
            return Err(StoreError::NotFound);
        }
        Ok(writing.commit().await?)
    }

    async fn pairs(&self, group: Option<GroupId>) -> Result<Vec<WorkspacePair>, StoreError> {
        let mut reading = self.read("list the workspace pairs").await?;
        let rows = fetch_all!(
            reading,
            PairRow,
            "SELECT * FROM workspace_pairs WHERE ($1 IS NULL OR group_id = $1) ORDER BY created_at, id",
            group.map(|id| id.0),
        )?;
        Ok(rows.into_iter().map(WorkspacePair::from).collect())
    }

    async fn pair(&self, id: PairId) -> Result<Option<WorkspacePair>, StoreError> {
        let mut reading = self.read("read the workspace pair").await?;
        let row = fetch_optional!(reading, PairRow, "SELECT * FROM workspace_pairs WHERE id = $1", id.0)?;
        Ok(row.map(WorkspacePair::from))
    }

    async fn set_replication_point(
        &self,
        lease: &Lease,
        pair: PairId,
        point: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writing = self.write("move the replication point").await?;
        writing.hold(lease).await?;
        let moved = execute!(
            writing,
            "UPDATE workspace_pairs SET replication_point = $2
             WHERE id = $1 AND (replication_point IS NULL OR replication_point < $2)",
            pair.0,
            point.0,
        )?;
        if moved == 0
            && !scalar!(writing, bool, "SELECT EXISTS (SELECT 1 FROM workspace_pairs WHERE id = $1)", pair.0)?
        {
            return Err(StoreError::NotFound);
        }
        Ok(writing.commit().await?)
    }

    async fn put_readiness(&self, group: GroupId, readiness: &Readiness) -> Result<(), StoreError> {
        let mut writing = self.write("keep the readiness of the group").await?;
        execute!(
            writing,
            "INSERT INTO readiness (group_id, checks, evaluated_at) VALUES ($1, $2, $3)
             ON CONFLICT (group_id) DO UPDATE SET checks = excluded.checks, evaluated_at = excluded.evaluated_at",
            group.0,
            Json(&readiness.checks),
            readiness.evaluated_at.0,
        )?;
        Ok(writing.commit().await?)
    }

    async fn readiness(&self, group: GroupId) -> Result<Option<Readiness>, StoreError> {
        let mut reading = self.read("read the readiness of the group").await?;
        let row = fetch_optional!(
            reading,
            ReadinessRow,
            "SELECT checks, evaluated_at FROM readiness WHERE group_id = $1",
            group.0,
        )?;
        Ok(row.map(|row| Readiness { checks: row.checks.0, evaluated_at: Timestamp(row.evaluated_at) }))
    }
}

async fn insert_group_row(writing: &mut Writing, group: &FailoverGroup) -> Result<(), StoreError> {
    execute!(
        writing,
        "INSERT INTO failover_groups
             (id, name, strategy, department_id, primary_region, active_region, sync_interval_ms, smoke_job,
              suspension, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        group.id.0,
        &group.name,
        Word(group.strategy),
        group.department_id.map(|id| id.0),
        &group.primary_region,
        &group.active_region,
        group.sync_interval_ms,
        group.smoke_job.as_ref().map(Json),
        group.suspension.as_ref().map(Json),
        group.version,
        group.created_at.0,
    )
    .map_err(name_taken)?;
    Ok(())
}

async fn insert_pair(writing: &mut Writing, pair: &WorkspacePair) -> Result<(), Failure> {
    execute!(
        writing,
        "INSERT INTO workspace_pairs (id, group_id, primary_id, secondary_id, replication_point, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        pair.id.0,
        pair.group_id.0,
        pair.primary.0,
        pair.secondary.0,
        pair.replication_point.map(|at| at.0),
        pair.created_at.0,
    )?;
    Ok(())
}
