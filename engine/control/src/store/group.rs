use async_trait::async_trait;
use farshore_model::{
    GroupId, Lease, PairId, PairingId, Timestamp,
    group::{FailoverGroup, SyncSuspension, WorkspacePair},
    readiness::Readiness,
    workspace::Workspace,
};

use super::{SealedCredential, StoreError};

#[async_trait]
pub trait GroupStore: Send + Sync {
    /// Makes a group with its pairs and their new workspaces, and removes the wizard it came from, in one
    /// transaction. `Taken("name")` for the group's name; `Taken("workspace")` when a workspace with one of the
    /// org ids is registered already.
    async fn insert_group(
        &self,
        group: &FailoverGroup,
        workspaces: &[(Workspace, SealedCredential)],
        pairs: &[WorkspacePair],
        from: Option<PairingId>,
    ) -> Result<(), StoreError>;

    /// By name.
    async fn groups(&self) -> Result<Vec<FailoverGroup>, StoreError>;

    async fn group(&self, id: GroupId) -> Result<Option<FailoverGroup>, StoreError>;

    /// Writes what a person edits (name, strategy, department, interval, smoke job) when the stored version is
    /// `group.version`; the version then grows by one and is returned. `Stale`, `NotFound`, `Taken("name")`
    /// otherwise. Active region and suspension are left as they are.
    async fn update_group(&self, group: &FailoverGroup) -> Result<i64, StoreError>;

    /// What a run does to a group, under the run's lease: both in one transaction, because the moment in which
    /// another region is active and syncs are not suspended must not exist.
    async fn set_group_activity(
        &self,
        lease: &Lease,
        id: GroupId,
        active_region: &str,
        suspension: Option<&SyncSuspension>,
    ) -> Result<(), StoreError>;

    /// Of one group, or of all.
    async fn pairs(&self, group: Option<GroupId>) -> Result<Vec<WorkspacePair>, StoreError>;

    async fn pair(&self, id: PairId) -> Result<Option<WorkspacePair>, StoreError>;

    /// Moves the replication point forward, never back.
    async fn set_replication_point(
        &self,
        lease: &Lease,
        pair: PairId,
        point: Timestamp,
    ) -> Result<(), StoreError>;

    /// Keeps the last evaluation over the one before.
    async fn put_readiness(&self, group: GroupId, readiness: &Readiness) -> Result<(), StoreError>;

    async fn readiness(&self, group: GroupId) -> Result<Option<Readiness>, StoreError>;
}
