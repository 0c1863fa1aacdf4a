//! What syncs did to each object: outcomes, the items that they are of, and the runs that both are of.

use async_trait::async_trait;
use farshore_control::store::{HistoryStore, StoreError};
use farshore_model::{
    GroupId, PairId, PlanId, SyncRunId, Timestamp,
    group::Side,
    kind::ObjectKey,
    plan::{PlanAction, PlanItem},
    sync_run::{ItemOutcome, OutcomeState, SyncTrigger},
    view::ObjectEvent,
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    SqlStore,
    column::{Json, Word, count},
    db::{fetch_all, scalar},
    search::rows_before,
};

#[derive(FromRow)]
struct EventRow {
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

impl From<EventRow> for ObjectEvent {
    fn from(row: EventRow) -> Self {
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

#[derive(FromRow)]
struct ItemRow {
    item: Json<PlanItem>,
    action: Option<Word<PlanAction>>,
    state: Option<Word<OutcomeState>>,
    name: Option<String>,
    error: Option<String>,
    remedy: Option<String>,
    recorded_at: Option<i64>,
}

impl ItemRow {
    fn into_parts(self) -> (PlanItem, Option<ItemOutcome>) {
        let Self { item: Json(item), action, state, name, error, remedy, recorded_at } = self;
        let outcome = match (action, state, name, recorded_at) {
            (Some(action), Some(state), Some(name), Some(at)) => Some(ItemOutcome {
                index: item.index,
                object: item.object.clone(),
                name,
                action: action.0,
                state: state.0,
                error,
                remedy,
                at: Timestamp(at),
            }),
            _ => None,
        };
        (item, outcome)
    }
}

#[async_trait]
impl HistoryStore for SqlStore {
    async fn object_events(
        &self,
        group: GroupId,
        object: &ObjectKey,
        page: u32,
        per_page: u32,
    ) -> Result<(Vec<ObjectEvent>, u32), StoreError> {
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
            EventRow,
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

    async fn items_after(
        &self,
        plan: PlanId,
        run: SyncRunId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<(PlanItem, Option<ItemOutcome>)>, StoreError> {
        let mut reading = self.read("read the items of a sync").await?;
        let rows = fetch_all!(
            reading,
            ItemRow,
            "SELECT i.item, o.action, o.state, o.name, o.error, o.remedy, o.recorded_at
             FROM sync_plan_items i
             LEFT JOIN sync_outcomes o ON o.sync_run_id = $2 AND o.item_index = i.item_index
             WHERE i.plan_id = $1 AND i.item_index > $3 ORDER BY i.item_index LIMIT $4",
            plan.0,
            run.0,
            after.map_or(-1, i64::from),
            i64::from(limit),
        )?;
        Ok(rows.into_iter().map(ItemRow::into_parts).collect())
    }
}
