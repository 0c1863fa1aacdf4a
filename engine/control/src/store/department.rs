use async_trait::async_trait;
use farshore_model::{DepartmentId, department::Department};

use super::StoreError;

#[async_trait]
pub trait DepartmentStore: Send + Sync {
    /// `Taken("name")` when another department has the name.
    async fn insert_department(&self, department: &Department) -> Result<(), StoreError>;

    /// Writes everything but id and creation when the stored version is `department.version`; the version
    /// then grows by one and is returned. `Stale`, `NotFound`, `Taken("name")` otherwise.
    async fn update_department(&self, department: &Department) -> Result<i64, StoreError>;

    async fn department(&self, id: DepartmentId) -> Result<Option<Department>, StoreError>;

    /// By name.
    async fn departments(&self) -> Result<Vec<Department>, StoreError>;
}
