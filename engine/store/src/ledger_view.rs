//! The ledger as people look at it: filtered, sorted, cut into pages and counted by the database.

use async_trait::async_trait;
use farshore_control::store::{KindTally, LedgerViewStore, StoreError};
use farshore_model::{
    GroupId, PairId, Timestamp,
    group::SmokeJob,
    kind::{ObjectKey, ObjectKind},
    view::{LedgerFilter, LedgerRow, LedgerState},
};
use farshore_sync::OUT_OF_SCOPE;
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    SqlStore,
    column::{Word, count},
    db::{fetch_all, scalar},
    search::{containing, rows_before},
};

/// The objects of a group's pairs ($1), each with its state. What was skipped is a conflict if it was one when a sync
/// last dealt with it, and nothing else was noted about it since.
macro_rules! objects {
    () => {
        "SELECT e.pair_id, e.kind, e.object_key, e.name, e.primary_id, e.secondary_id, e.last_error, e.agreed_at,
             e.awaits_release_on_primary, e.awaits_release_on_secondary,
             CASE
                 WHEN e.last_outcome = 'succeeded' THEN 'in_order'
                 WHEN e.last_outcome = 'failed' THEN 'failed'
                 WHEN e.last_outcome IS NULL THEN 'not_carried'
                 WHEN (SELECT CASE WHEN COALESCE(o.error, '') = COALESCE(e.last_error, '') THEN o.action END
                       FROM sync_outcomes o JOIN sync_runs r ON r.id = o.sync_run_id
                       WHERE o.kind = e.kind AND o.object_key = e.object_key AND r.pair_id = e.pair_id
                       ORDER BY o.recorded_at DESC LIMIT 1) = 'conflict' THEN 'conflict'
                 ELSE 'left_alone'
             END AS state
         FROM ledger_entries e
         WHERE e.pair_id IN (SELECT id FROM workspace_pairs WHERE group_id = $1)"
    };
}

/// The same after a filter: $2 to $7.
macro_rules! filtered_objects {
    ($select:literal) => {
        concat!(
            "SELECT ",
            $select,
            " FROM (",
            objects!(),
            r"   AND ($2 IS NULL OR e.pair_id = $2)
                 AND ($3 IS NULL OR e.kind = $3)
                 AND (NOT $4 OR e.awaits_release_on_primary OR e.awaits_release_on_secondary)
                 AND ($5 IS NULL OR LOWER(e.name) LIKE LOWER($5) ESCAPE '\' OR e.primary_id = $6
                     OR e.secondary_id = $6)
             ) AS objects WHERE ($7 IS NULL OR state = $7)"
        )
    };
}

#[derive(FromRow)]
struct Row {
    pair_id: Uuid,
    kind: Word<ObjectKind>,
    object_key: String,
    name: String,
    primary_id: Option<String>,
    secondary_id: Option<String>,
    last_error: Option<String>,
    agreed_at: Option<i64>,
    awaits_release_on_primary: bool,
    awaits_release_on_secondary: bool,
    state: Word<LedgerState>,
}

impl From<Row> for LedgerRow {
    fn from(row: Row) -> Self {
        Self {
            pair_id: PairId(row.pair_id),
            object: ObjectKey { kind: row.kind.0, key: row.object_key.into() },
            name: row.name,
            primary_id: row.primary_id,
            secondary_id: row.secondary_id,
            state: row.state.0,
            error: row.last_error,
            agreed_at: row.agreed_at.map(Timestamp),
            is_held_on_primary: row.awaits_release_on_primary,
            is_held_on_secondary: row.awaits_release_on_secondary,
        }
    }
}

/// What $1 to $7 stand for.
struct Filter<'a> {
    group: Uuid,
    pair: Option<Uuid>,
    kind: Option<Word<ObjectKind>>,
    is_held_only: bool,
    pattern: Option<String>,
    text: Option<&'a str>,
    state: Option<Word<LedgerState>>,
}

impl<'a> Filter<'a> {
    fn of(group: GroupId, filter: &'a LedgerFilter) -> Self {
        Self {
            group: group.0,
            pair: filter.pair.map(|pair| pair.0),
            kind: filter.kind.map(Word),
            is_held_only: filter.is_held_only,
            pattern: filter.text.as_deref().map(containing),
            text: filter.text.as_deref(),
            state: filter.state.map(Word),
        }
    }
}

/// Puts a statement about the filtered objects to the database by `$put`, a macro of [`crate::db`]. What it needs
/// beside the filter begins with $8.
macro_rules! put_filtered {
    ($put:ident, $reading:expr, $value:ty, $sql:expr, $filter:expr $(, $bind:expr)* $(,)?) => {{
        let Filter { group, pair, kind, is_held_only, pattern, text, state } = &$filter;
        $put!(
            $reading, $value, $sql, group, pair, kind, is_held_only, pattern, text, state $(, $bind)*
        )
    }};
}

#[derive(FromRow)]
struct TallyRow {
    kind: Word<ObjectKind>,
    objects: i64,
    in_scope: i64,
    failed: i64,
    passed_over: i64,
    held: i64,
    agreed_since: Option<i64>,
}

impl From<TallyRow> for KindTally {
    fn from(row: TallyRow) -> Self {
        Self {
            kind: row.kind.0,
            objects: count(row.objects),
            in_scope: count(row.in_scope),
            failed: count(row.failed),
            passed_over: count(row.passed_over),
            held: count(row.held),
            agreed_since: row.agreed_since.map(Timestamp),
        }
    }
}

#[async_trait]
impl LedgerViewStore for SqlStore {
    async fn ledger_rows(
        &self,
        group: GroupId,
        filter: &LedgerFilter,
        page: u32,
        per_page: u32,
    ) -> Result<(Vec<LedgerRow>, u32), StoreError> {
        let filter = Filter::of(group, filter);
        let mut reading = self.read("list the ledger").await?;
        let matching = put_filtered!(scalar, reading, i64, filtered_objects!("COUNT(*)"), filter)?;
        let rows = put_filtered!(
            fetch_all,
            reading,
            Row,
            concat!(filtered_objects!("*"), " ORDER BY pair_id, kind, name, object_key LIMIT $8 OFFSET $9"),
            filter,
            i64::from(per_page),
            rows_before(page, per_page),
        )?;
        Ok((rows.into_iter().map(LedgerRow::from).collect(), count(matching)))
    }

    /// From where the last one ended instead of by page, so that the last thousand costs no more than the first.
    async fn ledger_rows_after(
        &self,
        group: GroupId,
        filter: &LedgerFilter,
        after: Option<&LedgerRow>,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let mut reading = self.read("list the ledger").await?;
        let rows = put_filtered!(
            fetch_all,
            reading,
            Row,
            concat!(
                filtered_objects!("*"),
                " AND ($8 IS NULL OR (pair_id, kind, name, object_key) > ($8, $9, $10, $11))
                  ORDER BY pair_id, kind, name, object_key LIMIT $12"
            ),
            Filter::of(group, filter),
            after.map(|row| row.pair_id.0),
            after.map(|row| Word(row.object.kind)),
            after.map(|row| &row.name),
            after.map(|row| &row.object.key),
            i64::from(limit),
        )?;
        Ok(rows.into_iter().map(LedgerRow::from).collect())
    }

    async fn ledger_rows_of(&self, group: GroupId, object: &ObjectKey) -> Result<Vec<LedgerRow>, StoreError> {
        let mut reading = self.read("look an object up in the ledger").await?;
        let rows = fetch_all!(
            reading,
            Row,
            concat!(objects!(), " AND e.kind = $2 AND e.object_key = $3 ORDER BY e.pair_id"),
            group.0,
            Word(object.kind),
            &object.key,
        )?;
        Ok(rows.into_iter().map(LedgerRow::from).collect())
    }

    async fn ledger_tallies(&self, pair: PairId) -> Result<Vec<KindTally>, StoreError> {
        let mut reading = self.read("count the ledger").await?;
        let rows = fetch_all!(
            reading,
            TallyRow,
            "SELECT kind, COUNT(*) AS objects,
                 COUNT(CASE WHEN COALESCE(last_error, '') <> $2 THEN 1 END) AS in_scope,
                 COUNT(CASE WHEN last_outcome = 'failed' THEN 1 END) AS failed,
                 COUNT(CASE WHEN last_outcome = 'skipped' AND last_error <> $2 THEN 1 END) AS passed_over,
                 COUNT(CASE WHEN awaits_release_on_primary OR awaits_release_on_secondary THEN 1 END) AS held,
                 MIN(CASE WHEN last_outcome = 'skipped' AND last_error = $2 THEN NULL ELSE agreed_at END)
                     AS agreed_since
             FROM ledger_entries WHERE pair_id = $1 GROUP BY kind",
            pair.0,
            OUT_OF_SCOPE,
        )?;
        let mut tallies: Vec<KindTally> = rows.into_iter().map(KindTally::from).collect();
        tallies.sort_by_key(|tally| tally.kind);
        Ok(tallies)
    }

    async fn ledger_jobs(&self, pair: PairId) -> Result<Vec<SmokeJob>, StoreError> {
        let mut reading = self.read("list the jobs of the ledger").await?;
        let rows = fetch_all!(
            reading,
            (String, String),
            "SELECT object_key, name FROM ledger_entries WHERE pair_id = $1 AND kind = $2 ORDER BY name, object_key",
            pair.0,
            Word(ObjectKind::Jobs),
        )?;
        Ok(rows.into_iter().map(|(key, name)| SmokeJob { key, name }).collect())
    }
}
