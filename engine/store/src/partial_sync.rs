//! Syncs about some objects alone, and what failed and may be run again.

use std::collections::BTreeSet;

use async_trait::async_trait;
use farshore_control::store::{PartialSyncStore, StoreError};
use farshore_model::{
    SyncRunId,
    kind::{ObjectKey, ObjectKind},
    sync_run::SyncRun,
};
use sqlx::AssertSqlSafe;

use crate::{
    SqlStore,
    batch::{ROWS_A_STATEMENT, insert_sql},
    column::Word,
    db::{Writing, fetch_all, on_connection},
    failure::Failure,
    sync_run::{insert, is_there},
};

#[async_trait]
impl PartialSyncStore for SqlStore {
    async fn insert_partial_sync_run(
        &self,
        run: &SyncRun,
        objects: &BTreeSet<ObjectKey>,
    ) -> Result<(), StoreError> {
        let mut writing = self.write("keep the sync run").await?;
        if is_there(&mut writing, run.id).await? {
            return Ok(());
        }
        // The index on open runs decides, also between two that arrive at once.
        if insert(&mut writing, run).await? == 0 {
            let is_there = is_there(&mut writing, run.id).await?;
            return if is_there { Ok(()) } else { Err(StoreError::NotNow) };
        }
        let objects: Vec<&ObjectKey> = objects.iter().collect();
        for objects in objects.chunks(ROWS_A_STATEMENT) {
            insert_objects(&mut writing, run.id, objects).await?;
        }
        Ok(writing.commit().await?)
    }

    async fn sync_run_objects(&self, run: SyncRunId) -> Result<BTreeSet<ObjectKey>, StoreError> {
        let mut reading = self.read("read what a sync is about").await?;
        let rows = fetch_all!(
            reading,
            (Word<ObjectKind>, String),
            "SELECT kind, object_key FROM sync_run_objects WHERE sync_run_id = $1",
            run.0,
        )?;
        Ok(rows.into_iter().map(|(kind, key)| ObjectKey { kind: kind.0, key: key.into() }).collect())
    }

    async fn failed_objects(&self, run: SyncRunId) -> Result<BTreeSet<ObjectKey>, StoreError> {
        let mut reading = self.read("read what failed").await?;
        let rows = fetch_all!(
            reading,
            (Word<ObjectKind>, String),
            "SELECT kind, object_key FROM sync_outcomes WHERE sync_run_id = $1 AND state = 'failed'",
            run.0,
        )?;
        Ok(rows.into_iter().map(|(kind, key)| ObjectKey { kind: kind.0, key: key.into() }).collect())
    }
}

async fn insert_objects(
    writing: &mut Writing,
    run: SyncRunId,
    objects: &[&ObjectKey],
) -> Result<(), Failure> {
    let sql =
        insert_sql("INSERT INTO sync_run_objects (sync_run_id, kind, object_key)", objects.len(), 3, "");
    on_connection!(writing, connection => {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for object in objects {
            query = query.bind(run.0).bind(Word(object.kind)).bind(&object.key);
        }
        query.execute(connection).await.map(|_| ())
    })
}
