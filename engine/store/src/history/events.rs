//! What syncs did to one object: outcomes, the items that they are of, and the runs that both are of.

use farshore_model::{
    GroupId, PairId, SyncRunId, Timestamp,
    group::Side,
    kind::ObjectKey,
    plan::{PlanAction, PlanItem},
    sync_run::{OutcomeState, SyncTrigger},
    view::ObjectEvent,
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    SqlStore,
    column::{Json, Word, count},
    db::{fetch_all, scalar},
    failure::Failure,
    search::rows_before,
};

#[derive(FromRow)]
struct Row {
    sync_run_id: Uuid,
    pair_id: Uuid,
    source: Word<Side>,
    started_by: Word<SyncTrigger>,
    requested_by: Option<String>,
    action: Word<PlanAction>,
    state: Word<OutcomeState>,
    name: String,
    error: Option<String>,
    remedy: Option<String>,
    recorded_at: i64,
    item: Option<Json<PlanItem>>,
}

impl From<Row> for ObjectEvent {
    fn from(row: Row) -> Self {
        let (reason, changes) = match row.item {
            Some(Json(item)) => (item.reason, item.changes),
            None => (None, Vec::new()),
        };
        Self {
            at: Timestamp(row.recorded_at),
            sync_run_id: SyncRunId(row.sync_run_id),
            pair_id: PairId(row.pair_id),
            source: row.source.0,
            trigger: row.started_by.0,
            requested_by: row.requested_by,
            action: row.action.0,
            state: row.state.0,
            name: row.name,
            reason,
            changes,
            error: row.error,
            remedy: row.remedy,
        }
    }
}

impl SqlStore {
    pub(super) async fn page_of_events(
        &self,
        group: GroupId,
        object: &ObjectKey,
        page: u32,
        per_page: u32,
    ) -> Result<(Vec<ObjectEvent>, u32), Failure> {
        let mut reading = self.read("read the history of an object").await?;
        let all = scalar!(
            reading,
            i64,
            "SELECT COUNT(*) FROM sync_outcomes o JOIN sync_runs r ON r.id = o.sync_run_id
             WHERE o.kind = $2 AND o.object_key = $3 AND r.group_id = $1 AND o.action <> 'skip'",
            group.0,
            Word(object.kind),
            &object.key,
        )?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT o.sync_run_id, r.pair_id, r.source, r.started_by, r.requested_by, o.action, o.state, o.name,
                 o.error, o.remedy, o.recorded_at, i.item
             FROM sync_outcomes o
             JOIN sync_runs r ON r.id = o.sync_run_id
             LEFT JOIN sync_plan_items i ON i.plan_id = r.plan_id AND i.item_index = o.item_index
             WHERE o.kind = $2 AND o.object_key = $3 AND r.group_id = $1 AND o.action <> 'skip'
             ORDER BY o.recorded_at DESC, o.sync_run_id DESC, o.item_index DESC LIMIT $4 OFFSET $5",
            group.0,
            Word(object.kind),
            &object.key,
            i64::from(per_page),
            rows_before(page, per_page),
        )?;
        Ok((rows.into_iter().map(ObjectEvent::from).collect(), count(all)))
    }
}
