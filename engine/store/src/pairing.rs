use async_trait::async_trait;
use farshore_control::store::{PairingStore, SealedCredential, StoreError};
use farshore_model::{
    PairingId, Timestamp,
    group::{Side, SmokeJob},
    pairing::{Pairing, PairingSide},
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    SqlStore,
    column::{Json, Word},
    db::{execute, fetch_all, fetch_optional, scalar, scalar_optional},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    primary_side: Option<Json<PairingSide>>,
    secondary_side: Option<Json<PairingSide>>,
    group_name: Option<String>,
    sync_interval_ms: Option<i64>,
    smoke_job: Option<Json<SmokeJob>>,
    version: i64,
    created_at: i64,
}

impl From<Row> for Pairing {
    fn from(row: Row) -> Self {
        Self {
            id: PairingId(row.id),
            primary: row.primary_side.map(|side| side.0),
            secondary: row.secondary_side.map(|side| side.0),
            group_name: row.group_name,
            sync_interval_ms: row.sync_interval_ms,
            smoke_job: row.smoke_job.map(|job| job.0),
            version: row.version,
            created_at: Timestamp(row.created_at),
        }
    }
}

#[async_trait]
impl PairingStore for SqlStore {
    async fn insert_pairing(&self, pairing: &Pairing) -> Result<(), StoreError> {
        let mut writing = self.write("keep the pairing").await?;
        execute!(
            writing,
            "INSERT INTO pairings
                 (id, primary_side, secondary_side, group_name, sync_interval_ms, smoke_job, version, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            pairing.id.0,
            pairing.primary.as_ref().map(Json),
            pairing.secondary.as_ref().map(Json),
            &pairing.group_name,
            pairing.sync_interval_ms,
            pairing.smoke_job.as_ref().map(Json),
            pairing.version,
            pairing.created_at.0,
        )?;
        Ok(writing.commit().await?)
    }

    async fn update_pairing(
        &self,
        pairing: &Pairing,
        credential: Option<(Side, &SealedCredential)>,
    ) -> Result<i64, StoreError> {
        let mut writing = self.write("change the pairing").await?;
        let version = scalar_optional!(
            writing,
            i64,
            "UPDATE pairings SET primary_side = $3, secondary_side = $4, group_name = $5, sync_interval_ms = $6,
                 smoke_job = $7, version = version + 1
             WHERE id = $1 AND version = $2 RETURNING version",
            pairing.id.0,
            pairing.version,
            pairing.primary.as_ref().map(Json),
            pairing.secondary.as_ref().map(Json),
            &pairing.group_name,
            pairing.sync_interval_ms,
            pairing.smoke_job.as_ref().map(Json),
        )?;
        let Some(version) = version else {
            let is_there =
                scalar!(writing, bool, "SELECT EXISTS (SELECT 1 FROM pairings WHERE id = $1)", pairing.id.0)?;
            return Err(if is_there { StoreError::Stale } else { StoreError::NotFound });
        };
        if let Some((side, credential)) = credential {
            execute!(
                writing,
                "INSERT INTO pairing_credentials (pairing_id, side, credential) VALUES ($1, $2, $3)
                 ON CONFLICT (pairing_id, side) DO UPDATE SET credential = excluded.credential",
                pairing.id.0,
                Word(side),
                &credential.0,
            )?;
        }
        writing.commit().await?;
        Ok(version)
    }

    async fn pairing(&self, id: PairingId) -> Result<Option<Pairing>, StoreError> {
        let mut reading = self.read("read the pairing").await?;
        let row = fetch_optional!(reading, Row, "SELECT * FROM pairings WHERE id = $1", id.0)?;
        Ok(row.map(Pairing::from))
    }

    async fn pairing_credential(
        &self,
        id: PairingId,
        side: Side,
    ) -> Result<Option<SealedCredential>, StoreError> {
        let mut reading = self.read("read the credential of the pairing").await?;
        let sealed = scalar_optional!(
            reading,
            Vec<u8>,
            "SELECT credential FROM pairing_credentials WHERE pairing_id = $1 AND side = $2",
            id.0,
            Word(side),
        )?;
        Ok(sealed.map(SealedCredential))
    }

    async fn pairings(&self) -> Result<Vec<Pairing>, StoreError> {
        let mut reading = self.read("list the pairings").await?;
        let rows = fetch_all!(reading, Row, "SELECT * FROM pairings ORDER BY created_at DESC, id DESC")?;
        Ok(rows.into_iter().map(Pairing::from).collect())
    }

    async fn remove_pairing(&self, id: PairingId) -> Result<(), StoreError> {
        let mut writing = self.write("remove the pairing").await?;
        execute!(writing, "DELETE FROM pairings WHERE id = $1", id.0)?;
        Ok(writing.commit().await?)
    }
}
