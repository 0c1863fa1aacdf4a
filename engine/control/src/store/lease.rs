use async_trait::async_trait;
use farshore_model::{Lease, Timestamp};
use uuid::Uuid;

use super::StoreError;

/// One lease a row, in one table for all kinds of rows.
#[async_trait]
pub trait LeaseStore: Send + Sync {
    /// Takes the lease when nobody has it or it has expired by `now`; None when somebody else has it. Exactly
    /// one of several that ask at once gets it.
    async fn acquire_lease(
        &self,
        holder: Uuid,
        owner: Uuid,
        now: Timestamp,
        lease_ms: i64,
    ) -> Result<Option<Lease>, StoreError>;

    /// Extends a lease that is current; false when it is lost.
    async fn renew_lease(&self, lease: &Lease, now: Timestamp, lease_ms: i64) -> Result<bool, StoreError>;

    /// Gives a current lease back, so that the next one need not wait for its end.
    async fn release_lease(&self, lease: &Lease) -> Result<(), StoreError>;

    /// Takes the lease away from whoever has it, so that their next write is refused.
    async fn revoke_lease(&self, holder: Uuid) -> Result<(), StoreError>;
}
