use async_trait::async_trait;
use farshore_control::store::{AuditStore, StoreError};
use farshore_model::{
    AuditId, Timestamp,
    audit::{AuditEntry, AuditState},
    view::AuditFilter,
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    SqlStore,
    column::{Word, count},
    db::{execute, fetch_all, scalar},
    search::{containing, rows_before},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    began_at: i64,
    actor_name: String,
    actor_role: String,
    action: String,
    subject: String,
    subject_path: Option<String>,
    state: Word<AuditState>,
    completed_at: Option<i64>,
    detail: Option<String>,
}

impl From<Row> for AuditEntry {
    fn from(row: Row) -> Self {
        Self {
            id: AuditId(row.id),
            began_at: Timestamp(row.began_at),
            actor_name: row.actor_name,
            actor_role: row.actor_role,
            action: row.action,
            subject: row.subject,
            subject_path: row.subject_path,
            state: row.state.0,
            completed_at: row.completed_at.map(Timestamp),
            detail: row.detail,
        }
    }
}

#[async_trait]
impl AuditStore for SqlStore {
    async fn begin_audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let mut writing = self.write("begin an audit entry").await?;
        execute!(
            writing,
            "INSERT INTO audit_entries
                 (id, began_at, actor_name, actor_role, action, subject, subject_path, state, completed_at, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            entry.id.0,
            entry.began_at.0,
            &entry.actor_name,
            &entry.actor_role,
            &entry.action,
            &entry.subject,
            &entry.subject_path,
            Word(entry.state),
            entry.completed_at.map(|at| at.0),
            &entry.detail,
        )?;
        Ok(writing.commit().await?)
    }

    async fn complete_audit(
        &self,
        id: AuditId,
        state: AuditState,
        detail: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writing = self.write("complete an audit entry").await?;
        let completed = execute!(
            writing,
            "UPDATE audit_entries SET state = $2, detail = $3, completed_at = $4
             WHERE id = $1 AND state = 'begun'",
            id.0,
            Word(state),
            detail,
            at.0,
        )?;
        if completed == 0
            && !scalar!(writing, bool, "SELECT EXISTS (SELECT 1 FROM audit_entries WHERE id = $1)", id.0)?
        {
            return Err(StoreError::NotFound);
        }
        Ok(writing.commit().await?)
    }

    async fn audit_page(
        &self,
        filter: &AuditFilter,
        per_page: u32,
    ) -> Result<(Vec<AuditEntry>, u32), StoreError> {
        let actor = filter.actor.as_deref().map(containing);
        let mut reading = self.read("list the audit entries").await?;
        let matching = scalar!(
            reading,
            i64,
            r"SELECT COUNT(*) FROM audit_entries
              WHERE ($1 IS NULL OR action = $1)
                AND ($2 IS NULL OR LOWER(actor_name) LIKE LOWER($2) ESCAPE '\')",
            &filter.action,
            &actor,
        )?;
        let rows = fetch_all!(
            reading,
            Row,
            r"SELECT * FROM audit_entries
              WHERE ($1 IS NULL OR action = $1)
                AND ($2 IS NULL OR LOWER(actor_name) LIKE LOWER($2) ESCAPE '\')
              ORDER BY began_at DESC, id DESC LIMIT $3 OFFSET $4",
            &filter.action,
            &actor,
            i64::from(per_page),
            rows_before(filter.page, per_page),
        )?;
        Ok((rows.into_iter().map(AuditEntry::from).collect(), count(matching)))
    }
}
