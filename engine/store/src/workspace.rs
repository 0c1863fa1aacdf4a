use async_trait::async_trait;
use farshore_control::store::{SealedCredential, StoreError, WorkspaceStore};
use farshore_model::{
    Timestamp, WorkspaceId,
    workspace::{Cloud, Reachability, Workspace, WorkspaceHealth},
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    SqlStore,
    column::Word,
    db::{Writing, execute, fetch_all, fetch_optional, scalar, scalar_optional},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    host: String,
    org_id: String,
    cloud: Word<Cloud>,
    region: String,
    version: i64,
    created_at: i64,
}

impl From<Row> for Workspace {
    fn from(row: Row) -> Self {
        Self {
            id: WorkspaceId(row.id),
            name: row.name,
            host: row.host,
            org_id: row.org_id,
            cloud: row.cloud.0,
            region: row.region,
            version: row.version,
            created_at: Timestamp(row.created_at),
        }
    }
}

#[derive(FromRow)]
struct HealthRow {
    workspace_id: Uuid,
    state: Word<Reachability>,
    checked_at: i64,
    since: i64,
    error: Option<String>,
    remedy: Option<String>,
}

impl From<HealthRow> for WorkspaceHealth {
    fn from(row: HealthRow) -> Self {
        Self {
            workspace_id: WorkspaceId(row.workspace_id),
            state: row.state.0,
            checked_at: Timestamp(row.checked_at),
            since: Timestamp(row.since),
            error: row.error,
            remedy: row.remedy,
        }
    }
}

/// Part of making a group.
pub(crate) async fn insert_workspace(
    writing: &mut Writing,
    workspace: &Workspace,
    credential: &SealedCredential,
) -> Result<(), StoreError> {
    execute!(
        writing,
        "INSERT INTO workspaces (id, name, host, org_id, cloud, region, credential, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        workspace.id.0,
        &workspace.name,
        &workspace.host,
        &workspace.org_id,
        Word(workspace.cloud),
        &workspace.region,
        &credential.0,
        workspace.version,
        workspace.created_at.0,
    )
    .map_err(|failure| failure.taken("workspaces", "org_id", "workspace"))?;
    Ok(())
}

#[async_trait]
impl WorkspaceStore for SqlStore {
    async fn workspaces(&self) -> Result<Vec<Workspace>, StoreError> {
        let mut reading = self.read("list the workspaces").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT id, name, host, org_id, cloud, region, version, created_at FROM workspaces
             ORDER BY LOWER(name), id",
        )?;
        Ok(rows.into_iter().map(Workspace::from).collect())
    }

    async fn workspace(&self, id: WorkspaceId) -> Result<Option<Workspace>, StoreError> {
        let mut reading = self.read("read the workspace").await?;
        let row = fetch_optional!(
            reading,
            Row,
            "SELECT id, name, host, org_id, cloud, region, version, created_at FROM workspaces WHERE id = $1",
            id.0,
        )?;
        Ok(row.map(Workspace::from))
    }

    async fn credential(&self, id: WorkspaceId) -> Result<Option<SealedCredential>, StoreError> {
        let mut reading = self.read("read the credential of the workspace").await?;
        let sealed =
            scalar_optional!(reading, Vec<u8>, "SELECT credential FROM workspaces WHERE id = $1", id.0)?;
        Ok(sealed.map(SealedCredential))
    }

    async fn replace_credential(
        &self,
        id: WorkspaceId,
        version: i64,
        credential: &SealedCredential,
    ) -> Result<i64, StoreError> {
        let mut writing = self.write("replace the credential of the workspace").await?;
        let version = scalar_optional!(
            writing,
            i64,
            "UPDATE workspaces SET credential = $3, version = version + 1
             WHERE id = $1 AND version = $2 RETURNING version",
            id.0,
            version,
            &credential.0,
        )?;
        let Some(version) = version else {
            let is_there =
                scalar!(writing, bool, "SELECT EXISTS (SELECT 1 FROM workspaces WHERE id = $1)", id.0)?;
            return Err(if is_there { StoreError::Stale } else { StoreError::NotFound });
        };
        writing.commit().await?;
        Ok(version)
    }

    async fn put_health(&self, health: &[WorkspaceHealth]) -> Result<(), StoreError> {
        let mut writing = self.write("keep the health of the workspaces").await?;
        for health in health {
            execute!(
                writing,
                "INSERT INTO workspace_health (workspace_id, state, checked_at, since, error, remedy)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (workspace_id) DO UPDATE SET state = excluded.state,
                     checked_at = excluded.checked_at, since = excluded.since, error = excluded.error,
                     remedy = excluded.remedy",
                health.workspace_id.0,
                Word(health.state),
                health.checked_at.0,
                health.since.0,
                &health.error,
                &health.remedy,
            )?;
        }
        Ok(writing.commit().await?)
    }

    async fn health(&self) -> Result<Vec<WorkspaceHealth>, StoreError> {
        let mut reading = self.read("read the health of the workspaces").await?;
        let rows = fetch_all!(reading, HealthRow, "SELECT * FROM workspace_health ORDER BY workspace_id")?;
        Ok(rows.into_iter().map(WorkspaceHealth::from).collect())
    }
}
