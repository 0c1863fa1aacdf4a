use async_trait::async_trait;
use farshore_model::{
    GroupId, StandaloneId, replication_settings::VersionedSettings, workspace::StandaloneWorkspace,
};

use super::StoreError;

/// What people have decided about replication.
#[async_trait]
pub trait SettingsStore: Send + Sync {
    /// The defaults, as version 0, while nobody has decided anything.
    async fn settings(&self, group: GroupId) -> Result<VersionedSettings, StoreError>;

    /// Replaces them as a whole when the stored version is the given one; the version then grows by one and is
    /// returned. `Stale`, or `NotFound` for the group, otherwise.
    async fn put_settings(&self, group: GroupId, settings: &VersionedSettings) -> Result<i64, StoreError>;

    /// `Taken("address")` when the workspace is on the list already.
    async fn insert_standalone(&self, workspace: &StandaloneWorkspace) -> Result<(), StoreError>;

    /// Writes everything but the id when the stored version is `workspace.version`; the version then grows by one
    /// and is returned. `Stale`, `NotFound`, `Taken("address")` otherwise.
    async fn update_standalone(&self, workspace: &StandaloneWorkspace) -> Result<i64, StoreError>;

    /// Removing what is not there changes nothing.
    async fn remove_standalone(&self, id: StandaloneId) -> Result<(), StoreError>;

    async fn standalone(&self, id: StandaloneId) -> Result<Option<StandaloneWorkspace>, StoreError>;

    /// By name.
    async fn standalones(&self) -> Result<Vec<StandaloneWorkspace>, StoreError>;
}
