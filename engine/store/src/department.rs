use async_trait::async_trait;
use farshore_control::store::{DepartmentStore, StoreError};
use farshore_model::{DepartmentId, Timestamp, department::Department};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    SqlStore,
    db::{execute, fetch_all, fetch_optional, scalar, scalar_optional},
    failure::Failure,
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    rpo_ms: Option<i64>,
    rto_ms: Option<i64>,
    version: i64,
    created_at: i64,
}

impl From<Row> for Department {
    fn from(row: Row) -> Self {
        Self {
            id: DepartmentId(row.id),
            name: row.name,
            rpo_ms: row.rpo_ms,
            rto_ms: row.rto_ms,
            version: row.version,
            created_at: Timestamp(row.created_at),
        }
    }
}

fn name_taken(failure: Failure) -> StoreError {
    failure.taken("departments", "name", "name")
}

#[async_trait]
impl DepartmentStore for SqlStore {
    async fn insert_department(&self, department: &Department) -> Result<(), StoreError> {
        let mut writing = self.write("keep the department").await?;
        execute!(
            writing,
            "INSERT INTO departments (id, name, rpo_ms, rto_ms, version, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            department.id.0,
            &department.name,
            department.rpo_ms,
            department.rto_ms,
            department.version,
            department.created_at.0,
        )
        .map_err(name_taken)?;
        Ok(writing.commit().await?)
    }

    async fn update_department(&self, department: &Department) -> Result<i64, StoreError> {
        let mut writing = self.write("change the department").await?;
        let version = scalar_optional!(
            writing,
            i64,
            "UPDATE departments SET name = $3, rpo_ms = $4, rto_ms = $5, version = version + 1
             WHERE id = $1 AND version = $2 RETURNING version",
            department.id.0,
            department.version,
            &department.name,
            department.rpo_ms,
            department.rto_ms,
        )
        .map_err(name_taken)?;
        let Some(version) = version else {
            let is_there = scalar!(
                writing,
                bool,
                "SELECT EXISTS (SELECT 1 FROM departments WHERE id = $1)",
                department.id.0
            )?;
            return Err(if is_there { StoreError::Stale } else { StoreError::NotFound });
        };
        writing.commit().await?;
        Ok(version)
    }

    async fn department(&self, id: DepartmentId) -> Result<Option<Department>, StoreError> {
        let mut reading = self.read("read the department").await?;
        let row = fetch_optional!(reading, Row, "SELECT * FROM departments WHERE id = $1", id.0)?;
        Ok(row.map(Department::from))
    }

    async fn departments(&self) -> Result<Vec<Department>, StoreError> {
        let mut reading = self.read("list the departments").await?;
        let rows = fetch_all!(reading, Row, "SELECT * FROM departments ORDER BY LOWER(name), id")?;
        Ok(rows.into_iter().map(Department::from).collect())
    }
}
