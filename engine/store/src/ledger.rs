use std::sync::Arc;

use async_trait::async_trait;
use farshore_model::{
    Lease, PairId, Timestamp,
    group::Side,
    kind::{ObjectKey, ObjectKind},
    ledger::{CreateIntent, LedgerEntry},
    sync_run::OutcomeState,
};
use farshore_sync::{LedgerError, LedgerStore, Watermarks};
use serde_json::Value;
use sqlx::{AssertSqlSafe, FromRow};
use uuid::Uuid;

use crate::{
    SqlStore,
    batch::insert_sql,
    column::{Json, Word},
    db::{Writing, execute, fetch_all, on_connection, scalar_optional},
    failure::Failure,
    group_commit::Work,
};

#[derive(FromRow)]
struct Row {
    pair_id: Uuid,
    kind: Word<ObjectKind>,
    object_key: String,
    name: String,
    primary_id: Option<String>,
    secondary_id: Option<String>,
    base_hash: Option<String>,
    filled_in_hash: Option<String>,
    activation: Option<Json<Value>>,
    awaits_release_on_primary: bool,
    awaits_release_on_secondary: bool,
    intent: Option<Json<CreateIntent>>,
    last_outcome: Option<Word<OutcomeState>>,
    last_error: Option<String>,
    agreed_at: Option<i64>,
}

impl From<Row> for LedgerEntry {
    fn from(row: Row) -> Self {
        let key: Arc<str> = row.object_key.into();
        // What has a path goes by nothing else, and a ledger has many of them.
        let shared = |text: String| if *text == *key { Arc::clone(&key) } else { text.into() };
        Self {
            pair_id: PairId(row.pair_id),
            name: shared(row.name),
            primary_id: row.primary_id.map(shared),
            secondary_id: row.secondary_id.map(shared),
            object: ObjectKey { kind: row.kind.0, key },
            base_hash: row.base_hash,
            filled_in_hash: row.filled_in_hash,
            activation: row.activation.map(|activation| activation.0),
            awaits_release_on_primary: row.awaits_release_on_primary,
            awaits_release_on_secondary: row.awaits_release_on_secondary,
            intent: row.intent.map(|intent| intent.0),
            last_outcome: row.last_outcome.map(|outcome| outcome.0),
            last_error: row.last_error,
            agreed_at: row.agreed_at.map(Timestamp),
        }
    }
}

#[async_trait]
impl LedgerStore for SqlStore {
    async fn load(&self, pair: PairId) -> Result<Vec<LedgerEntry>, LedgerError> {
        let mut reading = self.read("read the ledger").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT * FROM ledger_entries WHERE pair_id = $1 ORDER BY kind, object_key",
            pair.0,
        )?;
        Ok(rows.into_iter().map(LedgerEntry::from).collect())
    }

    async fn put(&self, lease: &Lease, entries: &[LedgerEntry]) -> Result<(), LedgerError> {
        Ok(self.keep(lease, Work::Entries(entries.to_vec())).await?)
    }

    async fn mark_released(
        &self,
        lease: &Lease,
        pair: PairId,
        side: Side,
        keys: &[ObjectKey],
    ) -> Result<(), LedgerError> {
        let mut writing = self.write("note what was released").await?;
        writing.hold(lease).await?;
        for object in keys {
            let (kind, key) = (Word(object.kind), &object.key);
            match side {
                Side::Primary => execute!(
                    writing,
                    "UPDATE ledger_entries SET awaits_release_on_primary = $4
                     WHERE pair_id = $1 AND kind = $2 AND object_key = $3",
                    pair.0,
                    kind,
                    key,
                    false,
                )?,
                Side::Secondary => execute!(
                    writing,
                    "UPDATE ledger_entries SET awaits_release_on_secondary = $4
                     WHERE pair_id = $1 AND kind = $2 AND object_key = $3",
                    pair.0,
                    kind,
                    key,
                    false,
                )?,
            };
        }
        Ok(writing.commit().await?)
    }

    async fn remove(&self, lease: &Lease, pair: PairId, keys: &[ObjectKey]) -> Result<(), LedgerError> {
        let mut writing = self.write("remove from the ledger").await?;
        writing.hold(lease).await?;
        for object in keys {
            execute!(
                writing,
                "DELETE FROM ledger_entries WHERE pair_id = $1 AND kind = $2 AND object_key = $3",
                pair.0,
                Word(object.kind),
                &object.key,
            )?;
        }
        Ok(writing.commit().await?)
    }

    async fn watermarks(&self, pair: PairId) -> Result<Watermarks, LedgerError> {
        let mut reading = self.read("read the watermarks").await?;
        let stored = scalar_optional!(
            reading,
            Json<Watermarks>,
            "SELECT watermarks FROM ledger_watermarks WHERE pair_id = $1",
            pair.0,
        )?;
        Ok(stored.map(|watermarks| watermarks.0).unwrap_or_default())
    }

    async fn set_watermarks(
        &self,
        lease: &Lease,
        pair: PairId,
        watermarks: &Watermarks,
    ) -> Result<(), LedgerError> {
        let mut writing = self.write("keep the watermarks").await?;
        writing.hold(lease).await?;
        execute!(
            writing,
            "INSERT INTO ledger_watermarks (pair_id, watermarks) VALUES ($1, $2)
             ON CONFLICT (pair_id) DO UPDATE SET watermarks = excluded.watermarks",
            pair.0,
            Json(watermarks),
        )?;
        Ok(writing.commit().await?)
    }
}

impl SqlStore {
    /// The pairs of which the ledger knows anything.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pairs_in_ledger(&self) -> Result<Vec<PairId>, LedgerError> {
        #[derive(FromRow)]
        struct PairRow {
            pair_id: Uuid,
        }
        let mut reading = self.read("read the ledger").await?;
        let rows =
            fetch_all!(reading, PairRow, "SELECT DISTINCT pair_id FROM ledger_entries ORDER BY pair_id")?;
        Ok(rows.into_iter().map(|row| PairId(row.pair_id)).collect())
    }
}

/// Inserts or replaces entries; no two of them may be for one object, as one statement may not change a row twice.
pub(crate) async fn upsert(writing: &mut Writing, entries: &[&LedgerEntry]) -> Result<(), Failure> {
    let sql = insert_sql(
        "INSERT INTO ledger_entries
             (pair_id, kind, object_key, name, primary_id, secondary_id, base_hash, filled_in_hash,
              activation, awaits_release_on_primary, awaits_release_on_secondary, intent, last_outcome, last_error,
              agreed_at)",
        entries.len(),
        15,
        "ON CONFLICT (pair_id, kind, object_key) DO UPDATE SET
             name = excluded.name, primary_id = excluded.primary_id, secondary_id = excluded.secondary_id,
             base_hash = excluded.base_hash, filled_in_hash = excluded.filled_in_hash, activation = excluded.activation,
             awaits_release_on_primary = excluded.awaits_release_on_primary,
             awaits_release_on_secondary = excluded.awaits_release_on_secondary, intent = excluded.intent,
             last_outcome = excluded.last_outcome, last_error = excluded.last_error,
             agreed_at = excluded.agreed_at",
    );
    on_connection!(writing, connection => {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for entry in entries {
            query = query
                .bind(entry.pair_id.0)
                .bind(Word(entry.object.kind))
                .bind(&entry.object.key)
                .bind(&entry.name)
                .bind(&entry.primary_id)
                .bind(&entry.secondary_id)
                .bind(&entry.base_hash)
                .bind(&entry.filled_in_hash)
                .bind(entry.activation.as_ref().map(Json))
                .bind(entry.awaits_release_on_primary)
                .bind(entry.awaits_release_on_secondary)
                .bind(entry.intent.as_ref().map(Json))
                .bind(entry.last_outcome.map(Word))
                .bind(&entry.last_error)
                .bind(entry.agreed_at.map(|at| at.0));
        }
        query.execute(connection).await.map(|_| ())
    })
}
