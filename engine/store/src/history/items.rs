//! The items of one plan, each with what became of it.

use farshore_model::{
    PlanId, SyncRunId, Timestamp,
    plan::{PlanAction, PlanItem},
    sync_run::{ItemOutcome, OutcomeState},
};
use sqlx::FromRow;

use crate::{
    SqlStore,
    column::{Json, Word},
    db::fetch_all,
    failure::Failure,
};

#[derive(FromRow)]
struct Row {
    item: Json<PlanItem>,
    action: Option<Word<PlanAction>>,
    state: Option<Word<OutcomeState>>,
    name: Option<String>,
    error: Option<String>,
    remedy: Option<String>,
    recorded_at: Option<i64>,
}

impl Row {
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

impl SqlStore {
    pub(super) async fn items_with_outcomes(
        &self,
        plan: PlanId,
        run: SyncRunId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<(PlanItem, Option<ItemOutcome>)>, Failure> {
        let mut reading = self.read("read the items of a sync").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT i.item, o.action, o.state, o.name, o.error, o.remedy, o.recorded_at
             FROM sync_plan_items i
             LEFT JOIN sync_outcomes o ON o.sync_run_id = $2 AND o.item_index = i.item_index
             WHERE i.plan_id = $1 AND i.item_index > $3 ORDER BY i.item_index LIMIT $4",
            plan.0,
            run.0,
            after.map_or(-1, i64::from),
            i64::from(limit),
        )?;
        Ok(rows.into_iter().map(Row::into_parts).collect())
    }
}
