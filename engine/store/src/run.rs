//! Runs with their journals. A run is leased in the table of all leases, its id being the holder.

use async_trait::async_trait;
use farshore_model::{
    DurationMs, GroupId, Lease, RunId, Timestamp,
    run::{JournalEntry, Run, RunEvent, RunHead, RunMode, RunOutline, RunRecord, RunState, RunbookKind},
};
use farshore_runbook::{Guard, RunFilter, RunStore, StoreError};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    SqlStore,
    column::{Json, Word},
    db::{Reading, Writing, execute, fetch_all, fetch_optional, scalar, scalar_optional},
    failure::Failure,
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    group_id: Uuid,
    kind: Word<RunbookKind>,
    mode: Word<RunMode>,
    state: Word<RunState>,
    is_drivable: bool,
    /// None: no entry was written since the column was added.
    outline: Option<Json<RunOutline>>,
    seq: i64,
    created_at: i64,
    changed_at: i64,
}

impl Row {
    fn with_outline(self, outline: RunOutline) -> RunRecord {
        RunRecord {
            id: RunId(self.id),
            group_id: GroupId(self.group_id),
            kind: self.kind.0,
            mode: self.mode.0,
            head: RunHead { state: self.state.0, is_drivable: self.is_drivable, outline },
            seq: self.seq,
            created_at: Timestamp(self.created_at),
            changed_at: Timestamp(self.changed_at),
        }
    }
}

#[derive(FromRow)]
struct EntryRow {
    seq: i64,
    at: i64,
    event: Json<RunEvent>,
}

#[derive(FromRow)]
struct ClaimRow {
    holder: Uuid,
    generation: i64,
}

#[async_trait]
impl RunStore for SqlStore {
    async fn create_run(&self, record: &RunRecord, first: &JournalEntry) -> Result<(), StoreError> {
        let mut writing = self.write("keep the run").await?;
        // The index on open runs of a group decides, also between two that arrive at once.
        if insert_run(&mut writing, record).await? == 0 {
            return Err(why_not_created(&mut writing, record).await?);
        }
        insert_entry(&mut writing, first).await?;
        Ok(writing.commit().await?)
    }

    async fn append_entry(
        &self,
        entry: &JournalEntry,
        head: RunHead,
        guard: Guard,
    ) -> Result<(), StoreError> {
        let mut writing = self.write("append to the journal of the run").await?;
        if !is_there(&mut writing, entry.run_id).await? {
            return Err(StoreError::NotFound);
        }
        if let Guard::Lease { lease, now } = guard {
            if lease.holder != entry.run_id.0 {
                return Err(StoreError::LeaseLost);
            }
            writing.hold_at(&lease, now).await?;
        }
        let appended = execute!(
            writing,
            "UPDATE runs SET state = $3, is_open = $4, is_drivable = $5, outline = $6, seq = $2, changed_at = $7
             WHERE id = $1 AND seq = $2 - 1",
            entry.run_id.0,
            entry.seq,
            Word(head.state),
            head.state.is_open(),
            head.is_drivable,
            Json(&head.outline),
            entry.at.0,
        )?;
        if appended == 0 {
            return Err(StoreError::Conflict);
        }
        insert_entry(&mut writing, entry).await?;
        Ok(writing.commit().await?)
    }

    async fn journal_since(&self, run: RunId, seq: i64) -> Result<Vec<JournalEntry>, StoreError> {
        let mut reading = self.read("read the journal of the run").await?;
        let entries = journal_since(&mut reading, run, seq).await?;
        if entries.is_empty()
            && !scalar!(reading, bool, "SELECT EXISTS (SELECT 1 FROM runs WHERE id = $1)", run.0)?
        {
            return Err(StoreError::NotFound);
        }
        Ok(entries)
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRecord>, StoreError> {
        let mut reading = self.read("list the runs").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT id, group_id, kind, mode, state, is_drivable, outline, seq, created_at, changed_at FROM runs
             WHERE ($1 IS NULL OR group_id = $1) AND (NOT $2 OR is_open)
             ORDER BY created_at DESC, id DESC LIMIT $3",
            filter.group_id.map(|id| id.0),
            filter.is_open_only,
            filter.limit.map_or(i64::MAX, i64::from),
        )?;
        let mut records = Vec::with_capacity(rows.len());
        for mut row in rows {
            let outline = match row.outline.take() {
                Some(outline) => outline.0,
                None => outline_by_fold(&mut reading, RunId(row.id)).await?,
            };
            records.push(row.with_outline(outline));
        }
        Ok(records)
    }

    async fn claim_next_run(
        &self,
        owner: Uuid,
        now: Timestamp,
        length: DurationMs,
    ) -> Result<Option<Lease>, StoreError> {
        // Most who ask find nothing to do: they do not stand in line with those who write.
        while self.is_one_free(now).await? {
            let mut writing = self.write("claim a run").await?;
            if let Some(claim) = claim(&mut writing, owner, now, length).await? {
                writing.commit().await?;
                return Ok(Some(Lease { holder: claim.holder, owner, generation: claim.generation }));
            }
            // Somebody else may have been faster with the run that came first; then there may be a next one.
            // Each round but the last is another one's success, so this ends.
        }
        Ok(None)
    }

    async fn renew_run(&self, lease: &Lease, now: Timestamp, length: DurationMs) -> Result<bool, StoreError> {
        Ok(self.prolong(lease, now, length).await?)
    }

    async fn release_run(&self, lease: &Lease) -> Result<(), StoreError> {
        Ok(self.give_back(lease).await?)
    }
}

impl SqlStore {
    async fn is_one_free(&self, now: Timestamp) -> Result<bool, Failure> {
        let mut reading = self.read("look for a run to claim").await?;
        scalar!(
            reading,
            bool,
            "SELECT EXISTS (
                 SELECT 1 FROM runs r LEFT JOIN leases l ON l.holder = r.id
                 WHERE r.is_drivable AND (l.owner IS NULL OR l.expires_at <= $1))",
            now.0,
        )
    }
}

async fn journal_since(reading: &mut Reading, run: RunId, seq: i64) -> Result<Vec<JournalEntry>, Failure> {
    let rows = fetch_all!(
        reading,
        EntryRow,
        "SELECT seq, at, event FROM run_journal WHERE run_id = $1 AND seq > $2 ORDER BY seq",
        run.0,
        seq,
    )?;
    Ok(rows
        .into_iter()
        .map(|row| JournalEntry { run_id: run, seq: row.seq, at: Timestamp(row.at), event: row.event.0 })
        .collect())
}

/// For a run that ended before outlines were kept.
async fn outline_by_fold(reading: &mut Reading, run: RunId) -> Result<RunOutline, StoreError> {
    let entries = journal_since(reading, run, 0).await?;
    let run = Run::fold(&entries)
        .map_err(|error| StoreError::Backend("make sense of the journal of a run", Box::new(error)))?;
    Ok(run.outline())
}

/// The number of rows that it inserted: none when the id is there or the group is busy.
async fn insert_run(writing: &mut Writing, record: &RunRecord) -> Result<u64, Failure> {
    execute!(
        writing,
        "INSERT INTO runs
             (id, group_id, kind, mode, is_exclusive, state, is_open, is_drivable, outline, seq, created_at,
              changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT DO NOTHING",
        record.id.0,
        record.group_id.0,
        Word(record.kind),
        Word(record.mode),
        record.kind.is_exclusive(),
        Word(record.head.state),
        record.head.state.is_open(),
        record.head.is_drivable,
        Json(&record.head.outline),
        record.seq,
        record.created_at.0,
        record.changed_at.0,
    )
}

async fn why_not_created(writing: &mut Writing, record: &RunRecord) -> Result<StoreError, Failure> {
    if is_there(writing, record.id).await? {
        return Ok(StoreError::Conflict);
    }
    let other = scalar_optional!(
        writing,
        Uuid,
        "SELECT id FROM runs WHERE group_id = $1 AND is_exclusive AND is_open",
        record.group_id.0,
    )?;
    // None: the other one has just ended, and whoever asks again will succeed.
    Ok(other.map_or(StoreError::Conflict, |id| StoreError::GroupBusy(RunId(id))))
}

async fn insert_entry(writing: &mut Writing, entry: &JournalEntry) -> Result<(), Failure> {
    execute!(
        writing,
        "INSERT INTO run_journal (run_id, seq, at, event) VALUES ($1, $2, $3, $4)",
        entry.run_id.0,
        entry.seq,
        entry.at.0,
        Json(&entry.event),
    )?;
    Ok(())
}

async fn is_there(writing: &mut Writing, id: RunId) -> Result<bool, Failure> {
    scalar!(writing, bool, "SELECT EXISTS (SELECT 1 FROM runs WHERE id = $1)", id.0)
}

/// One statement, so that of several that ask at once the database lets exactly one have a run.
async fn claim(
    writing: &mut Writing,
    owner: Uuid,
    now: Timestamp,
    length: DurationMs,
) -> Result<Option<ClaimRow>, Failure> {
    fetch_optional!(
        writing,
        ClaimRow,
        "INSERT INTO leases (holder, owner, generation, expires_at)
         SELECT r.id, $1, 1, $2 FROM runs r LEFT JOIN leases l ON l.holder = r.id
         WHERE r.is_drivable AND (l.owner IS NULL OR l.expires_at <= $3)
         ORDER BY r.changed_at, r.id LIMIT 1
         ON CONFLICT (holder) DO UPDATE SET
             owner = excluded.owner,
             generation = leases.generation + 1,
             expires_at = excluded.expires_at
         WHERE leases.owner IS NULL OR leases.expires_at <= $3
         RETURNING holder, generation",
        owner,
        (now + length).0,
        now.0,
    )
}
