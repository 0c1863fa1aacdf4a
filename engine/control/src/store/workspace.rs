use async_trait::async_trait;
use farshore_model::{
    WorkspaceId,
    workspace::{Workspace, WorkspaceHealth},
};

use super::StoreError;

/// A credential as it lies in the database: encrypted, bound to the row that it belongs to.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedCredential(pub Vec<u8>);

impl std::fmt::Debug for SealedCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedCredential(…)")
    }
}

#[async_trait]
pub trait WorkspaceStore: Send + Sync {
    /// By name. New workspaces come in with [`super::GroupStore::insert_group`].
    async fn workspaces(&self) -> Result<Vec<Workspace>, StoreError>;

    async fn workspace(&self, id: WorkspaceId) -> Result<Option<Workspace>, StoreError>;

    async fn credential(&self, id: WorkspaceId) -> Result<Option<SealedCredential>, StoreError>;

    /// Replaces the credential when the stored version is `version`; returns the new version.
    async fn replace_credential(
        &self,
        id: WorkspaceId,
        version: i64,
        credential: &SealedCredential,
    ) -> Result<i64, StoreError>;

    /// Keeps the last look at each of these workspaces, over the one before, all in one transaction.
    async fn put_health(&self, health: &[WorkspaceHealth]) -> Result<(), StoreError>;

    async fn health(&self) -> Result<Vec<WorkspaceHealth>, StoreError>;
}
