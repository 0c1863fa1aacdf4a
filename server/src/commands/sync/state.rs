//! The state file of a sync without a panel: one SQLite file with the object ledger, and the right to write to it.

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    path::Path,
    sync::Arc,
    time::Duration,
};

use farshore_control::store::{LeaseStore as _, LedgerViewStore as _};
use farshore_model::{Clock as _, IdSource as _, Lease, PairId, kind::ObjectKind};
use farshore_store::SqlStore;
use farshore_sync::LedgerStore;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Failed;
use crate::system::{RandomIds, SystemClock};

/// How long a sync that stands still keeps its right to write.
const LEASE_MS: i64 = 30_000;

pub(super) struct StateFile {
    /// Held as long as this lives. Whoever is killed has let go of it.
    _lock: File,
    store: Arc<SqlStore>,
    pair_id: PairId,
    lease: Lease,
}

/// Somebody else has taken the state file over.
#[derive(Debug, thiserror::Error)]
#[error("the state file was taken over by another sync; what was applied is recorded, and it goes on there")]
pub(super) struct TakenOver;

impl StateFile {
    /// Opens or makes the file and takes the right to write about this pair of workspaces.
    pub(super) async fn open(path: &Path, source: &str, target: &str) -> Result<Self, Failed> {
        let in_use = || {
            format!("another sync uses {} at this moment; nothing was done. Wait for its end", path.display())
        };
        let lock = File::create(format!("{}.lock", absolute(path)?))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use().into()),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let store = SqlStore::open(&format!("sqlite://{}", absolute(path)?)).await?;
        let pair_id = pair_id(source, target);
        // Nobody has the lock, so that whoever had the lease is gone.
        store.revoke_lease(pair_id.0).await?;
        let lease = store.acquire_lease(pair_id.0, RandomIds.next(), SystemClock.now(), LEASE_MS).await?;
        let lease = lease.ok_or_else(in_use)?;
        Ok(Self { _lock: lock, store: Arc::new(store), pair_id, lease })
    }

    pub(super) const fn pair_id(&self) -> PairId {
        self.pair_id
    }

    pub(super) const fn lease(&self) -> Lease {
        self.lease
    }

    pub(super) fn ledger(&self) -> Arc<dyn LedgerStore> {
        self.store.clone()
    }

    /// How many objects of each kind are known of the pair, those that are out of scope left out.
    pub(super) async fn known_objects(&self) -> Result<BTreeMap<ObjectKind, u32>, Failed> {
        let tallies = self.store.ledger_tallies(self.pair_id).await?;
        Ok(tallies.iter().map(|tally| (tally.kind, tally.in_scope)).collect())
    }

    /// Does the work, and keeps the right to write for as long as it takes.
    pub(super) async fn while_leased<T>(&self, work: impl Future<Output = T>) -> Result<T, TakenOver> {
        let renewals = async {
            loop {
                tokio::time::sleep(Duration::from_millis(5_000)).await;
                match self.store.renew_lease(&self.lease, SystemClock.now(), LEASE_MS).await {
                    Ok(true) => {}
                    Ok(false) => return,
                    // The lease lasts a few renewals longer than one that fails.
                    Err(error) => tracing::warn!(%error, "the state file could not be written"),
                }
            }
        };
        tokio::select! {
            done = work => Ok(done),
            () = renewals => Err(TakenOver),
        }
    }

    /// Gives the file back.
    pub(super) async fn close(&self) {
        if let Err(error) = self.store.release_lease(&self.lease).await {
            tracing::warn!(%error, "the state file could not be given back; it is free again in {LEASE_MS} ms");
        }
        self.store.close().await;
    }
}

/// The same for the same two workspaces, whatever their addresses.
pub(super) fn pair_id(source: &str, target: &str) -> PairId {
    let digest = Sha256::digest(format!("{source} {target}"));
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, digest)| *byte = digest);
    PairId(Uuid::from_bytes(bytes))
}

pub(super) fn absolute(path: &Path) -> Result<String, Failed> {
    Ok(std::path::absolute(path)?.display().to_string())
}
