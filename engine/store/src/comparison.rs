//! Two syncs side by side, from one pass over the outcomes of both.

use async_trait::async_trait;
use farshore_control::store::{ComparisonStore, StoreError};
use farshore_model::{
    GroupId, PairId, SyncRunId,
    kind::{ObjectKey, ObjectKind},
    plan::PlanAction,
    sync_run::{OutcomeState, SyncRun},
    view::{ComparedOutcome, ComparisonRow, Difference, DifferenceCount},
};
use sqlx::FromRow;

use crate::{
    SqlStore,
    column::{Word, count},
    db::fetch_all,
    search::rows_before,
    sync_run::Row as SyncRunRow,
};

/// Each object with which one of the two ($1, $2) did something. What changes nothing is left out: skips, conflicts,
/// and what came with an object that could not be carried. A failure is over when the second one has carried the
/// object, or has looked at everything and found nothing to say about it.
macro_rules! compared {
    ($select:literal) => {
        concat!(
            "SELECT ",
            $select,
            " FROM (
                 SELECT *, CASE
                     WHEN first_state = 'failed' AND second_state = 'failed' THEN 'failed_in_both'
                     WHEN second_state = 'failed' THEN 'new_failure'
                     WHEN first_state = 'failed' AND (second_state = 'succeeded' OR (NOT is_in_second
                         AND EXISTS (SELECT 1 FROM sync_runs WHERE id = $2 AND only_objects IS NULL
                             AND state IN ('completed', 'completed_with_failures')))) THEN 'no_longer_failing'
                     WHEN second_state IS NULL THEN 'only_first'
                     WHEN first_state IS NULL THEN 'only_second'
                     ELSE 'changed_by_both'
                 END AS difference
                 FROM (
                     SELECT kind, object_key, MAX(name) AS name,
                         MAX(CASE WHEN sync_run_id = $1 AND state <> 'skipped' THEN action END) AS first_action,
                         MAX(CASE WHEN sync_run_id = $1 AND state <> 'skipped' THEN state END) AS first_state,
                         MAX(CASE WHEN sync_run_id = $1 AND state <> 'skipped' THEN error END) AS first_error,
                         MAX(CASE WHEN sync_run_id = $1 AND state <> 'skipped' THEN remedy END) AS first_remedy,
                         MAX(CASE WHEN sync_run_id = $2 AND state <> 'skipped' THEN action END) AS second_action,
                         MAX(CASE WHEN sync_run_id = $2 AND state <> 'skipped' THEN state END) AS second_state,
                         MAX(CASE WHEN sync_run_id = $2 AND state <> 'skipped' THEN error END) AS second_error,
                         MAX(CASE WHEN sync_run_id = $2 AND state <> 'skipped' THEN remedy END) AS second_remedy,
                         COUNT(CASE WHEN sync_run_id = $2 THEN 1 END) > 0 AS is_in_second
                     FROM sync_outcomes
                     WHERE sync_run_id IN ($1, $2)
                     GROUP BY kind, object_key
                     HAVING COUNT(CASE WHEN state <> 'skipped' THEN 1 END) > 0
                 ) AS objects
             ) AS compared"
        )
    };
}

#[derive(FromRow)]
struct Row {
    kind: Word<ObjectKind>,
    object_key: String,
    name: String,
    difference: Word<Difference>,
    first_action: Option<Word<PlanAction>>,
    first_state: Option<Word<OutcomeState>>,
    first_error: Option<String>,
    first_remedy: Option<String>,
    second_action: Option<Word<PlanAction>>,
    second_state: Option<Word<OutcomeState>>,
    second_error: Option<String>,
    second_remedy: Option<String>,
}

impl From<Row> for ComparisonRow {
    fn from(row: Row) -> Self {
        Self {
            object: ObjectKey { kind: row.kind.0, key: row.object_key.into() },
            name: row.name,
            difference: row.difference.0,
            first: outcome(row.first_action, row.first_state, row.first_error, row.first_remedy),
            second: outcome(row.second_action, row.second_state, row.second_error, row.second_remedy),
        }
    }
}

fn outcome(
    action: Option<Word<PlanAction>>,
    state: Option<Word<OutcomeState>>,
    error: Option<String>,
    remedy: Option<String>,
) -> Option<ComparedOutcome> {
    let (action, state) = action.zip(state)?;
    Some(ComparedOutcome { action: action.0, state: state.0, error, remedy })
}

#[async_trait]
impl ComparisonStore for SqlStore {
    async fn comparable_syncs(
        &self,
        group: GroupId,
        pair: Option<PairId>,
        before: Option<&SyncRun>,
        limit: u32,
    ) -> Result<Vec<SyncRun>, StoreError> {
        let mut reading = self.read("list the sync runs").await?;
        let rows = fetch_all!(
            reading,
            SyncRunRow,
            "SELECT * FROM sync_runs
             WHERE group_id = $1 AND apply_began_at IS NOT NULL AND total > 0
                 AND ($2 IS NULL OR pair_id = $2)
                 AND ($3 IS NULL OR (created_at, id) < ($3, $4))
             ORDER BY created_at DESC, id DESC LIMIT $5",
            group.0,
            pair.map(|pair| pair.0),
            before.map(|run| run.created_at.0),
            before.map(|run| run.id.0),
            i64::from(limit),
        )?;
        Ok(rows.into_iter().map(SyncRun::from).collect())
    }

    async fn difference_counts(
        &self,
        first: SyncRunId,
        second: SyncRunId,
    ) -> Result<Vec<DifferenceCount>, StoreError> {
        let mut reading = self.read("compare two syncs").await?;
        let rows = fetch_all!(
            reading,
            (Word<Difference>, i64),
            concat!(compared!("difference, COUNT(*)"), " GROUP BY difference"),
            first.0,
            second.0,
        )?;
        let mut counts: Vec<DifferenceCount> = rows
            .into_iter()
            .map(|(difference, objects)| DifferenceCount {
                difference: difference.0,
                objects: count(objects),
            })
            .collect();
        counts.sort_by_key(|count| count.difference);
        Ok(counts)
    }

    async fn differences(
        &self,
        first: SyncRunId,
        second: SyncRunId,
        difference: Option<Difference>,
        page: u32,
        per_page: u32,
    ) -> Result<Vec<ComparisonRow>, StoreError> {
        let mut reading = self.read("compare two syncs").await?;
        let rows = fetch_all!(
            reading,
            Row,
            concat!(
                compared!("*"),
                " WHERE ($3 IS NULL OR difference = $3)
                  ORDER BY CASE difference
                      WHEN 'new_failure' THEN 0
                      WHEN 'no_longer_failing' THEN 1
                      WHEN 'failed_in_both' THEN 2
                      WHEN 'only_second' THEN 3
                      WHEN 'only_first' THEN 4
                      ELSE 5
                  END, kind, name, object_key LIMIT $4 OFFSET $5"
            ),
            first.0,
            second.0,
            difference.map(Word),
            i64::from(per_page),
            rows_before(page, per_page),
        )?;
        Ok(rows.into_iter().map(ComparisonRow::from).collect())
    }
}
