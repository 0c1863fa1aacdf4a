//! A ledger in memory, for tests.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use farshore_model::{PairId, group::Side, kind::ObjectKey, ledger::LedgerEntry};
use uuid::Uuid;

use crate::ledger::{LedgerError, LedgerStore, SyncLease, Watermarks};

/// Keeps the ledger for as long as it lives. A holder's lease is current unless a later generation of it was
/// announced by [`MemoryLedger::take_over`].
#[derive(Debug, Default)]
pub struct MemoryLedger {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: BTreeMap<(PairId, ObjectKey), LedgerEntry>,
    watermarks: BTreeMap<PairId, Watermarks>,
    generations: BTreeMap<Uuid, (Uuid, i64)>,
}

impl MemoryLedger {
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on only this lease may write for its holder.
    pub fn take_over(&self, lease: &SyncLease) {
        self.state().generations.insert(lease.holder, (lease.owner, lease.generation));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writable(&self, lease: &SyncLease) -> Result<MutexGuard<'_, State>, LedgerError> {
        let state = self.state();
        match state.generations.get(&lease.holder) {
            Some(current) if *current != (lease.owner, lease.generation) => Err(LedgerError::LeaseLost),
            _ => Ok(state),
        }
    }
}

#[async_trait]
impl LedgerStore for MemoryLedger {
    async fn load(&self, pair: PairId) -> Result<Vec<LedgerEntry>, LedgerError> {
        let state = self.state();
        Ok(state.entries.values().filter(|entry| entry.pair_id == pair).cloned().collect())
    }

    async fn put(&self, lease: &SyncLease, entries: &[LedgerEntry]) -> Result<(), LedgerError> {
        let mut state = self.writable(lease)?;
        for entry in entries {
            state.entries.insert((entry.pair_id, entry.object.clone()), entry.clone());
        }
        Ok(())
    }

    async fn mark_released(
        &self,
        lease: &SyncLease,
        pair: PairId,
        side: Side,
        keys: &[ObjectKey],
    ) -> Result<(), LedgerError> {
        let mut state = self.writable(lease)?;
        for key in keys {
            if let Some(entry) = state.entries.get_mut(&(pair, key.clone())) {
                entry.set_awaits_release_on(side, false);
            }
        }
        Ok(())
    }

    async fn remove(&self, lease: &SyncLease, pair: PairId, keys: &[ObjectKey]) -> Result<(), LedgerError> {
        let mut state = self.writable(lease)?;
        for key in keys {
            state.entries.remove(&(pair, key.clone()));
        }
        Ok(())
    }

    async fn watermarks(&self, pair: PairId) -> Result<Watermarks, LedgerError> {
        Ok(self.state().watermarks.get(&pair).cloned().unwrap_or_default())
    }

    async fn set_watermarks(
        &self,
        lease: &SyncLease,
        pair: PairId,
        watermarks: &Watermarks,
    ) -> Result<(), LedgerError> {
        self.writable(lease)?.watermarks.insert(pair, watermarks.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{self, LedgerFixture};

    #[tokio::test]
    async fn keeps_the_contract() {
        let ledger = MemoryLedger::new();
        let lease = SyncLease { holder: Uuid::from_u128(1), owner: Uuid::from_u128(2), generation: 2 };
        ledger.take_over(&lease);
        let fixture = LedgerFixture {
            store: &ledger,
            pair: PairId(Uuid::from_u128(10)),
            other_pair: PairId(Uuid::from_u128(11)),
            lease,
            lost_lease: SyncLease { generation: 1, ..lease },
        };
        contract::ledger_store(&fixture).await.unwrap();
    }
}
