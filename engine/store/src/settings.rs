use async_trait::async_trait;
use farshore_control::store::{SettingsStore, StoreError};
use farshore_model::{
    GroupId, StandaloneId, Timestamp,
    replication_settings::{ReplicationSettings, VersionedSettings},
    workspace::{Standalone, StandaloneWorkspace},
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    SqlStore,
    column::Json,
    db::{execute, fetch_all, fetch_optional, scalar, scalar_optional},
    failure::Failure,
};

#[derive(FromRow)]
struct SettingsRow {
    settings: Json<ReplicationSettings>,
    version: i64,
}

#[derive(FromRow)]
struct StandaloneRow {
    id: Uuid,
    name: String,
    address: String,
    reason: String,
    said_by: String,
    said_at: i64,
    version: i64,
}

impl From<StandaloneRow> for StandaloneWorkspace {
    fn from(row: StandaloneRow) -> Self {
        Self {
            id: StandaloneId(row.id),
            name: row.name,
            address: row.address,
            standalone: Standalone { reason: row.reason, by: row.said_by, since: Timestamp(row.said_at) },
            version: row.version,
        }
    }
}

fn address_taken(failure: Failure) -> StoreError {
    failure.taken("standalone_workspaces", "address", "address")
}

#[async_trait]
impl SettingsStore for SqlStore {
    async fn settings(&self, group: GroupId) -> Result<VersionedSettings, StoreError> {
        let mut reading = self.read("read the settings of the group").await?;
        let row = fetch_optional!(
            reading,
            SettingsRow,
            "SELECT settings, version FROM group_settings WHERE group_id = $1",
            group.0,
        )?;
        Ok(row.map_or_else(VersionedSettings::default, |row| VersionedSettings {
            settings: row.settings.0,
            version: row.version,
        }))
    }

    async fn put_settings(&self, group: GroupId, settings: &VersionedSettings) -> Result<i64, StoreError> {
        let mut writing = self.write("change the settings of the group").await?;
        let document = Json(&settings.settings);
        let version = if settings.version == 0 {
            scalar_optional!(
                writing,
                i64,
                "INSERT INTO group_settings (group_id, settings, version) VALUES ($1, $2, 1)
                 ON CONFLICT (group_id) DO NOTHING RETURNING version",
                group.0,
                document,
            )?
        } else {
            scalar_optional!(
                writing,
                i64,
                "UPDATE group_settings SET settings = $3, version = version + 1
                 WHERE group_id = $1 AND version = $2 RETURNING version",
                group.0,
                settings.version,
                document,
            )?
        };
        let Some(version) = version else {
            let is_there = scalar!(
                writing,
                bool,
                "SELECT EXISTS (SELECT 1 FROM failover_groups WHERE id = $1)",
                group.0
            )?;
            return Err(if is_there { StoreError::Stale } else { StoreError::NotFound });
        };
        writing.commit().await?;
        Ok(version)
    }

    async fn insert_standalone(&self, workspace: &StandaloneWorkspace) -> Result<(), StoreError> {
        let mut writing = self.write("keep the workspace without counterpart").await?;
        execute!(
            writing,
            "INSERT INTO standalone_workspaces (id, name, address, reason, said_by, said_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            workspace.id.0,
            &workspace.name,
            &workspace.address,
            &workspace.standalone.reason,
            &workspace.standalone.by,
            workspace.standalone.since.0,
            workspace.version,
        )
        .map_err(address_taken)?;
        Ok(writing.commit().await?)
    }

    async fn update_standalone(&self, workspace: &StandaloneWorkspace) -> Result<i64, StoreError> {
        let mut writing = self.write("change the workspace without counterpart").await?;
        let version = scalar_optional!(
            writing,
            i64,
            "UPDATE standalone_workspaces
             SET name = $3, address = $4, reason = $5, said_by = $6, said_at = $7, version = version + 1
             WHERE id = $1 AND version = $2 RETURNING version",
            workspace.id.0,
            workspace.version,
            &workspace.name,
            &workspace.address,
            &workspace.standalone.reason,
            &workspace.standalone.by,
            workspace.standalone.since.0,
        )
        .map_err(address_taken)?;
        let Some(version) = version else {
            let is_there = scalar!(
                writing,
                bool,
                "SELECT EXISTS (SELECT 1 FROM standalone_workspaces WHERE id = $1)",
                workspace.id.0
            )?;
            return Err(if is_there { StoreError::Stale } else { StoreError::NotFound });
        };
        writing.commit().await?;
        Ok(version)
    }

    async fn remove_standalone(&self, id: StandaloneId) -> Result<(), StoreError> {
        let mut writing = self.write("remove the workspace without counterpart").await?;
        execute!(writing, "DELETE FROM standalone_workspaces WHERE id = $1", id.0)?;
        Ok(writing.commit().await?)
    }

    async fn standalone(&self, id: StandaloneId) -> Result<Option<StandaloneWorkspace>, StoreError> {
        let mut reading = self.read("read the workspace without counterpart").await?;
        let row = fetch_optional!(
            reading,
            StandaloneRow,
            "SELECT * FROM standalone_workspaces WHERE id = $1",
            id.0
        )?;
        Ok(row.map(StandaloneWorkspace::from))
    }

    async fn standalones(&self) -> Result<Vec<StandaloneWorkspace>, StoreError> {
        let mut reading = self.read("list the workspaces without counterpart").await?;
        let rows = fetch_all!(
            reading,
            StandaloneRow,
            "SELECT * FROM standalone_workspaces ORDER BY LOWER(name), id"
        )?;
        Ok(rows.into_iter().map(StandaloneWorkspace::from).collect())
    }
}
