//! The row of a sync run.

use farshore_model::{
    GroupId, PairId, PlanId, SyncRunId, Timestamp,
    group::Side,
    kind::ObjectKey,
    sync_run::{SyncRun, SyncRunState, SyncTrigger},
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    column::{Json, Word, count},
    db::{Writing, execute, scalar},
    failure::Failure,
};

#[derive(FromRow)]
pub(crate) struct Row {
    id: Uuid,
    group_id: Uuid,
    pair_id: Uuid,
    source: Word<Side>,
    started_by: Word<SyncTrigger>,
    requested_by: Option<String>,
    state: Word<SyncRunState>,
    is_applied_at_once: bool,
    plan_id: Option<Uuid>,
    only_objects: Option<i64>,
    choices: Json<Vec<(ObjectKey, Side)>>,
    total: i64,
    done: i64,
    failed: i64,
    message: Option<String>,
    created_at: i64,
    apply_began_at: Option<i64>,
    ended_at: Option<i64>,
    occurrences: i64,
}

impl From<Row> for SyncRun {
    fn from(row: Row) -> Self {
        Self {
            id: SyncRunId(row.id),
            group_id: GroupId(row.group_id),
            pair_id: PairId(row.pair_id),
            source: row.source.0,
            trigger: row.started_by.0,
            requested_by: row.requested_by,
            state: row.state.0,
            is_applied_at_once: row.is_applied_at_once,
            plan_id: row.plan_id.map(PlanId),
            only: row.only_objects.map(count),
            choices: row.choices.0,
            total: count(row.total),
            done: count(row.done),
            failed: count(row.failed),
            message: row.message,
            created_at: Timestamp(row.created_at),
            apply_began_at: row.apply_began_at.map(Timestamp),
            ended_at: row.ended_at.map(Timestamp),
            occurrences: count(row.occurrences),
        }
    }
}

pub(crate) async fn is_there(writing: &mut Writing, id: SyncRunId) -> Result<bool, Failure> {
    scalar!(writing, bool, "SELECT EXISTS (SELECT 1 FROM sync_runs WHERE id = $1)", id.0)
}

/// The number of rows that it inserted: none when the id is there or the pair has an open run.
pub(crate) async fn insert(writing: &mut Writing, run: &SyncRun) -> Result<u64, Failure> {
    execute!(
        writing,
        "INSERT INTO sync_runs
             (id, group_id, pair_id, source, started_by, requested_by, state, is_applied_at_once, plan_id,
              choices, total, done, failed, message, created_at, apply_began_at, ended_at, occurrences,
              only_objects)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
         ON CONFLICT DO NOTHING",
        run.id.0,
        run.group_id.0,
        run.pair_id.0,
        Word(run.source),
        Word(run.trigger),
        &run.requested_by,
        Word(run.state),
        run.is_applied_at_once,
        run.plan_id.map(|id| id.0),
        Json(&run.choices),
        i64::from(run.total),
        i64::from(run.done),
        i64::from(run.failed),
        &run.message,
        run.created_at.0,
        run.apply_began_at.map(|at| at.0),
        run.ended_at.map(|at| at.0),
        i64::from(run.occurrences),
        run.only.map(i64::from),
    )
}
