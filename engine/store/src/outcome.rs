//! What became of each item of a plan, and how that is counted.

use std::collections::{BTreeMap, BTreeSet};

use farshore_control::store::StoreError;
use farshore_model::{
    Lease, SyncRunId, Timestamp,
    kind::{ObjectKey, ObjectKind},
    plan::PlanAction,
    sync_run::{ItemOutcome, OutcomeState},
    view::FailureGroup,
};
use sqlx::FromRow;

use crate::{
    SqlStore,
    column::{Word, count},
    db::{Writing, execute, fetch_all, scalar_optional},
    failure::Failure,
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
            object: ObjectKey { kind: row.kind.0, key: row.object_key },
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

impl SqlStore {
    /// Skips and conflicts are kept but not counted: a run's `total` is of the items that change something.
    pub(crate) async fn keep_outcome(
        &self,
        lease: &Lease,
        run: SyncRunId,
        outcome: &ItemOutcome,
    ) -> Result<(), StoreError> {
        if lease.holder != run.0 {
            return Err(StoreError::LeaseLost);
        }
        let mut writing = self.write("keep the outcome of an item").await?;
        // Those who record outcomes of one run at once wait for each other here, so that what is read next
        // stays true until the commit.
        writing.hold(lease).await?;
        let before = scalar_optional!(
            writing,
            Word<OutcomeState>,
            "SELECT state FROM sync_outcomes WHERE sync_run_id = $1 AND item_index = $2",
            run.0,
            i64::from(outcome.index),
        )?
        .map(|state| state.0);
        upsert(&mut writing, run, outcome).await?;
        if !matches!(outcome.action, PlanAction::Skip | PlanAction::Conflict) {
            let failed_before = before == Some(OutcomeState::Failed);
            let failed_now = outcome.state == OutcomeState::Failed;
            execute!(
                writing,
                "UPDATE sync_runs SET done = done + $2, failed = failed + $3 WHERE id = $1",
                run.0,
                i64::from(before.is_none()),
                i64::from(failed_now) - i64::from(failed_before),
            )?;
        }
        Ok(writing.commit().await?)
    }

    pub(crate) async fn indexes_with_outcome(&self, run: SyncRunId) -> Result<BTreeSet<u32>, StoreError> {
        let mut reading = self.read("read which items are done").await?;
        let rows = fetch_all!(
            reading,
            (i64,),
            "SELECT item_index FROM sync_outcomes WHERE sync_run_id = $1",
            run.0,
        )?;
        Ok(rows.into_iter().map(|(index,)| count(index)).collect())
    }

    pub(crate) async fn outcomes_between(
        &self,
        run: SyncRunId,
        from: u32,
        to: u32,
    ) -> Result<Vec<ItemOutcome>, StoreError> {
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

    pub(crate) async fn failures_by_error(&self, run: SyncRunId) -> Result<Vec<FailureGroup>, StoreError> {
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

async fn upsert(writing: &mut Writing, run: SyncRunId, outcome: &ItemOutcome) -> Result<(), Failure> {
    execute!(
        writing,
        "INSERT INTO sync_outcomes
             (sync_run_id, item_index, kind, object_key, name, action, state, error, remedy, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (sync_run_id, item_index) DO UPDATE SET
             kind = excluded.kind, object_key = excluded.object_key, name = excluded.name,
             action = excluded.action, state = excluded.state, error = excluded.error,
             remedy = excluded.remedy, recorded_at = excluded.recorded_at",
        run.0,
        i64::from(outcome.index),
        Word(outcome.object.kind),
        &outcome.object.key,
        &outcome.name,
        Word(outcome.action),
        Word(outcome.state),
        &outcome.error,
        &outcome.remedy,
        outcome.at.0,
    )?;
    Ok(())
}
