//! What became of each item of a plan, and how that is counted.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use farshore_control::store::{OutcomeStore, StoreError};
use farshore_model::{
    Lease, SyncRunId, Timestamp,
    kind::{ObjectKey, ObjectKind},
    plan::PlanAction,
    sync_run::{ItemOutcome, OutcomeState},
    view::FailureGroup,
};
use sqlx::{AssertSqlSafe, FromRow};

use crate::{
    SqlStore,
    batch::insert_sql,
    column::{Word, count},
    db::{Writing, execute, fetch_all, on_connection},
    failure::Failure,
    group_commit::Work,
};

#[derive(FromRow)]
struct Row {
    item_index: i64,
    kind: Word<ObjectKind>,
    object_key: String,
    name: String,
    action: Word<PlanAction>,
    state: Word<OutcomeState>,
    error: Option<String>,
    remedy: Option<String>,
    recorded_at: i64,
}

impl From<Row> for ItemOutcome {
    fn from(row: Row) -> Self {
        Self {
            index: count(row.item_index),
            object: ObjectKey { kind: row.kind.0, key: row.object_key.into() },
            name: row.name,
            action: row.action.0,
            state: row.state.0,
            error: row.error,
            remedy: row.remedy,
            at: Timestamp(row.recorded_at),
        }
    }
}

#[derive(FromRow)]
struct FailureRow {
    error: String,
    remedy: Option<String>,
    objects: i64,
}

#[derive(FromRow)]
struct ExampleRow {
    error: String,
    name: String,
}

#[async_trait]
impl OutcomeStore for SqlStore {
    /// Skips and conflicts are kept but not counted: a run's `total` is of the items that change something.
    async fn record_outcome(
        &self,
        lease: &Lease,
        run: SyncRunId,
        outcome: &ItemOutcome,
    ) -> Result<(), StoreError> {
        if lease.holder != run.0 {
            return Err(StoreError::LeaseLost);
        }
        Ok(self.keep(lease, Work::Outcome(run, outcome.clone())).await?)
    }

    async fn recorded_items(&self, run: SyncRunId) -> Result<BTreeSet<u32>, StoreError> {
        let mut reading = self.read("read which items are done").await?;
        let rows = fetch_all!(
            reading,
            (i64,),
            "SELECT item_index FROM sync_outcomes WHERE sync_run_id = $1",
            run.0,
        )?;
        Ok(rows.into_iter().map(|(index,)| count(index)).collect())
    }

    async fn outcomes(&self, run: SyncRunId, from: u32, to: u32) -> Result<Vec<ItemOutcome>, StoreError> {
        let mut reading = self.read("read the outcomes of items").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT item_index, kind, object_key, name, action, state, error, remedy, recorded_at
             FROM sync_outcomes
             WHERE sync_run_id = $1 AND item_index BETWEEN $2 AND $3 ORDER BY item_index",
            run.0,
            i64::from(from),
            i64::from(to),
        )?;
        Ok(rows.into_iter().map(ItemOutcome::from).collect())
    }

    async fn failure_groups(&self, run: SyncRunId) -> Result<Vec<FailureGroup>, StoreError> {
        let mut reading = self.read("group the failures").await?;
        let groups = fetch_all!(
            reading,
            FailureRow,
            "SELECT COALESCE(error, '') AS error, MIN(remedy) AS remedy, COUNT(*) AS objects
             FROM sync_outcomes WHERE sync_run_id = $1 AND state = 'failed'
             GROUP BY COALESCE(error, '') ORDER BY COUNT(*) DESC, COALESCE(error, '')",
            run.0,
        )?;
        let examples = fetch_all!(
            reading,
            ExampleRow,
            "SELECT error, name FROM (
                 SELECT COALESCE(error, '') AS error, name, item_index,
                     ROW_NUMBER() OVER (PARTITION BY COALESCE(error, '') ORDER BY item_index) AS place
                 FROM sync_outcomes WHERE sync_run_id = $1 AND state = 'failed') AS placed
             WHERE place <= 3 ORDER BY item_index",
            run.0,
        )?;
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for example in examples {
            names.entry(example.error).or_default().push(example.name);
        }
        Ok(groups
            .into_iter()
            .map(|group| FailureGroup {
                examples: names.remove(&group.error).unwrap_or_default(),
                error: group.error,
                remedy: group.remedy,
                count: count(group.objects),
            })
            .collect())
    }
}

/// Keeps outcomes of a run, no two of one item, and counts them in it. Whoever calls this holds the run's lease, so
/// that what is read here stays true until the commit.
pub(crate) async fn upsert(
    writing: &mut Writing,
    run: SyncRunId,
    outcomes: &[&ItemOutcome],
) -> Result<(), Failure> {
    let before = states_before(writing, run, outcomes).await?;
    let (mut done, mut failed) = (0_i64, 0_i64);
    let is_counted =
        |outcome: &&&ItemOutcome| !matches!(outcome.action, PlanAction::Skip | PlanAction::Conflict);
    for outcome in outcomes.iter().filter(is_counted) {
        let before = before.get(&outcome.index);
        let failed_before = before == Some(&OutcomeState::Failed);
        done += i64::from(before.is_none());
        failed += i64::from(outcome.state == OutcomeState::Failed) - i64::from(failed_before);
    }
    insert_or_replace(writing, run, outcomes).await?;
    execute!(
        writing,
        "UPDATE sync_runs SET done = done + $2, failed = failed + $3 WHERE id = $1",
        run.0,
        done,
        failed,
    )?;
    Ok(())
}

async fn states_before(
    writing: &mut Writing,
    run: SyncRunId,
    outcomes: &[&ItemOutcome],
) -> Result<BTreeMap<u32, OutcomeState>, Failure> {
    let head = "SELECT item_index, state FROM sync_outcomes WHERE sync_run_id = $1 AND item_index IN (";
    let places: Vec<String> = (2..outcomes.len() + 2).map(|place| format!("${place}")).collect();
    // Constants and numbers: no value ever becomes part of the text.
    let sql = format!("{head}{})", places.join(", "));
    let rows: Vec<(i64, Word<OutcomeState>)> = on_connection!(writing, connection => {
        let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(run.0);
        for outcome in outcomes {
            query = query.bind(i64::from(outcome.index));
        }
        query.fetch_all(connection).await
    })?;
    Ok(rows.into_iter().map(|(index, state)| (count(index), state.0)).collect())
}

async fn insert_or_replace(
    writing: &mut Writing,
    run: SyncRunId,
    outcomes: &[&ItemOutcome],
) -> Result<(), Failure> {
    let sql = insert_sql(
        "INSERT INTO sync_outcomes
             (sync_run_id, item_index, kind, object_key, name, action, state, error, remedy, recorded_at)",
        outcomes.len(),
        10,
        "ON CONFLICT (sync_run_id, item_index) DO UPDATE SET
             kind = excluded.kind, object_key = excluded.object_key, name = excluded.name,
             action = excluded.action, state = excluded.state, error = excluded.error,
             remedy = excluded.remedy, recorded_at = excluded.recorded_at",
    );
    on_connection!(writing, connection => {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for outcome in outcomes {
            query = query
                .bind(run.0)
                .bind(i64::from(outcome.index))
                .bind(Word(outcome.object.kind))
                .bind(&outcome.object.key)
                .bind(&outcome.name)
                .bind(Word(outcome.action))
                .bind(Word(outcome.state))
                .bind(&outcome.error)
                .bind(&outcome.remedy)
                .bind(outcome.at.0);
        }
        query.execute(connection).await.map(|_| ())
    })
}
