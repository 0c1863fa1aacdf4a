//! The one table of leases. Runs are leased here as well, see `run.rs`.

use async_trait::async_trait;
use farshore_control::store::{LeaseStore, StoreError};
use farshore_model::{DurationMs, Lease, Timestamp};
use uuid::Uuid;

use crate::{
    SqlStore,
    db::{execute, scalar_optional},
    failure::Failure,
};

#[async_trait]
impl LeaseStore for SqlStore {
    async fn acquire_lease(
        &self,
        holder: Uuid,
        owner: Uuid,
        now: Timestamp,
        lease_ms: i64,
    ) -> Result<Option<Lease>, StoreError> {
        let mut writing = self.write("take a lease").await?;
        // One statement, so that of several that ask at once the database lets exactly one change the row.
        let generation = scalar_optional!(
            writing,
            i64,
            "INSERT INTO leases (holder, owner, generation, expires_at) VALUES ($1, $2, 1, $3)
             ON CONFLICT (holder) DO UPDATE SET
                 owner = excluded.owner,
                 generation = leases.generation + 1,
                 expires_at = excluded.expires_at
             WHERE leases.owner IS NULL OR leases.expires_at <= $4
             RETURNING generation",
            holder,
            owner,
            (now + DurationMs(lease_ms)).0,
            now.0,
        )?;
        writing.commit().await?;
        Ok(generation.map(|generation| Lease { holder, owner, generation }))
    }

    async fn renew_lease(&self, lease: &Lease, now: Timestamp, lease_ms: i64) -> Result<bool, StoreError> {
        Ok(self.prolong(lease, now, DurationMs(lease_ms)).await?)
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        Ok(self.give_back(lease).await?)
    }

    async fn revoke_lease(&self, holder: Uuid) -> Result<(), StoreError> {
        let mut writing = self.write("revoke a lease").await?;
        execute!(
            writing,
            "UPDATE leases SET owner = NULL, generation = generation + 1 WHERE holder = $1",
            holder,
        )?;
        Ok(writing.commit().await?)
    }
}

impl SqlStore {
    /// Extends a lease that has not expired at `now`, until `now + length`; false when it is lost.
    pub(crate) async fn prolong(
        &self,
        lease: &Lease,
        now: Timestamp,
        length: DurationMs,
    ) -> Result<bool, Failure> {
        let mut writing = self.write("renew a lease").await?;
        let renewed = execute!(
            writing,
            "UPDATE leases SET expires_at = $4
             WHERE holder = $1 AND owner = $2 AND generation = $3 AND expires_at > $5",
            lease.holder,
            lease.owner,
            lease.generation,
            (now + length).0,
            now.0,
        )?;
        writing.commit().await?;
        Ok(renewed == 1)
    }

    /// Nobody has the lease afterwards, if it was current. The row stays, and with it the generation.
    pub(crate) async fn give_back(&self, lease: &Lease) -> Result<(), Failure> {
        let mut writing = self.write("give a lease back").await?;
        execute!(
            writing,
            "UPDATE leases SET owner = NULL WHERE holder = $1 AND owner = $2 AND generation = $3",
            lease.holder,
            lease.owner,
            lease.generation,
        )?;
        writing.commit().await
    }
}
