//! A [`RunStore`] in memory, for tests. It passes the same contract as the one in SQL.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use farshore_model::{
    DurationMs, Lease, RunId, Timestamp,
    run::{JournalEntry, RunHead, RunRecord},
};
use uuid::Uuid;

use crate::{Guard, RunFilter, RunStore, StoreError};

/// Forgets everything when it is dropped.
#[derive(Default)]
pub struct MemoryRunStore {
    rows: Mutex<BTreeMap<RunId, Row>>,
}

struct Row {
    record: RunRecord,
    journal: Vec<JournalEntry>,
    generation: i64,
    lease: Option<HeldLease>,
}

#[derive(Clone, Copy)]
struct HeldLease {
    owner: Uuid,
    expires_at: Timestamp,
}

impl Row {
    fn is_held_by(&self, lease: &Lease) -> bool {
        self.generation == lease.generation && self.lease.is_some_and(|held| held.owner == lease.owner)
    }

    fn is_leased_at(&self, now: Timestamp) -> bool {
        self.lease.is_some_and(|held| held.expires_at > now)
    }
}

impl MemoryRunStore {
    fn rows(&self) -> MutexGuard<'_, BTreeMap<RunId, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl RunStore for MemoryRunStore {
    async fn create_run(&self, record: &RunRecord, first: &JournalEntry) -> Result<(), StoreError> {
        let mut rows = self.rows();
        if rows.contains_key(&record.id) {
            return Err(StoreError::Conflict);
        }
        let busy = rows.values().map(|row| &row.record).find(|other| {
            other.group_id == record.group_id && other.kind.is_exclusive() && other.head.state.is_open()
        });
        if let Some(other) = busy.filter(|_| record.kind.is_exclusive()) {
            return Err(StoreError::GroupBusy(other.id));
        }
        let row = Row { record: record.clone(), journal: vec![first.clone()], generation: 0, lease: None };
        rows.insert(record.id, row);
        Ok(())
    }

    async fn append_entry(
        &self,
        entry: &JournalEntry,
        head: RunHead,
        guard: Guard,
    ) -> Result<(), StoreError> {
        let mut rows = self.rows();
        let row = rows.get_mut(&entry.run_id).ok_or(StoreError::NotFound)?;
        if let Guard::Lease { lease, now } = guard
            && !(row.is_held_by(&lease) && row.is_leased_at(now))
        {
            return Err(StoreError::LeaseLost);
        }
        if entry.seq != row.record.seq + 1 {
            return Err(StoreError::Conflict);
        }
        row.record.head = head;
        row.record.seq = entry.seq;
        row.record.changed_at = entry.at;
        row.journal.push(entry.clone());
        Ok(())
    }

    async fn journal_since(&self, run: RunId, seq: i64) -> Result<Vec<JournalEntry>, StoreError> {
        let rows = self.rows();
        let row = rows.get(&run).ok_or(StoreError::NotFound)?;
        Ok(row.journal.iter().filter(|entry| entry.seq > seq).cloned().collect())
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRecord>, StoreError> {
        let mut records: Vec<RunRecord> = self
            .rows()
            .values()
            .map(|row| &row.record)
            .filter(|record| filter.group_id.is_none_or(|group| group == record.group_id))
            .filter(|record| !filter.is_open_only || record.head.state.is_open())
            .cloned()
            .collect();
        records.sort_by_key(|record| std::cmp::Reverse((record.created_at, record.id)));
        if let Some(limit) = filter.limit {
            records.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        Ok(records)
    }

    async fn claim_next_run(
        &self,
        owner: Uuid,
        now: Timestamp,
        length: DurationMs,
    ) -> Result<Option<Lease>, StoreError> {
        let mut rows = self.rows();
        let next = rows
            .values_mut()
            .filter(|row| row.record.head.is_drivable && !row.is_leased_at(now))
            .min_by_key(|row| (row.record.changed_at, row.record.id));
        Ok(next.map(|row| {
            row.generation += 1;
            row.lease = Some(HeldLease { owner, expires_at: now + length });
            Lease { holder: row.record.id.0, owner, generation: row.generation }
        }))
    }

    async fn renew_run(&self, lease: &Lease, now: Timestamp, length: DurationMs) -> Result<bool, StoreError> {
        let mut rows = self.rows();
        let Some(row) = rows.get_mut(&RunId(lease.holder)) else { return Ok(false) };
        if !(row.is_held_by(lease) && row.is_leased_at(now)) {
            return Ok(false);
        }
        row.lease = Some(HeldLease { owner: lease.owner, expires_at: now + length });
        Ok(true)
    }

    async fn release_run(&self, lease: &Lease) -> Result<(), StoreError> {
        if let Some(row) = self.rows().get_mut(&RunId(lease.holder))
            && row.is_held_by(lease)
        {
            row.lease = None;
        }
        Ok(())
    }
}
