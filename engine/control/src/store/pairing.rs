use async_trait::async_trait;
use farshore_model::{PairingId, group::Side, pairing::Pairing};

use super::{SealedCredential, StoreError};

/// Pairing wizards that were begun and not finished.
#[async_trait]
pub trait PairingStore: Send + Sync {
    async fn insert_pairing(&self, pairing: &Pairing) -> Result<(), StoreError>;

    /// Writes it when the stored version is `pairing.version`; the version then grows by one and is returned.
    /// `credential` is kept for its side in the same transaction. `Stale` or `NotFound` otherwise.
    async fn update_pairing(
        &self,
        pairing: &Pairing,
        credential: Option<(Side, &SealedCredential)>,
    ) -> Result<i64, StoreError>;

    async fn pairing(&self, id: PairingId) -> Result<Option<Pairing>, StoreError>;

    async fn pairing_credential(
        &self,
        id: PairingId,
        side: Side,
    ) -> Result<Option<SealedCredential>, StoreError>;

    /// Newest first.
    async fn pairings(&self) -> Result<Vec<Pairing>, StoreError>;

    /// Removing what is not there changes nothing.
    async fn remove_pairing(&self, id: PairingId) -> Result<(), StoreError>;
}
