//! Plans and their items. The items of a plan are inserted once and read in pages.

use std::collections::BTreeMap;

use async_trait::async_trait;
use farshore_control::store::{PlanHead, PlanStore, StoreError};
use farshore_model::{
    GroupId, Lease, PairId, PlanId, SyncRunId, Timestamp,
    group::Side,
    kind::ObjectKind,
    plan::{KindCount, PlanCounts, PlanItem, SyncPlan},
    view::PlanFilter,
};
use sqlx::{AssertSqlSafe, FromRow};
use uuid::Uuid;

use crate::{
    SqlStore,
    batch::{ROWS_A_STATEMENT, insert_sql},
    column::{Json, Word, count},
    db::{Writing, execute, fetch_all, fetch_optional, on_connection, scalar},
    failure::Failure,
    search::{containing, rows_before},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    group_id: Uuid,
    pair_id: Uuid,
    source: Word<Side>,
    created_at: i64,
    listing_began_at: i64,
    counts: Json<PlanCounts>,
    kinds: Json<Vec<KindCount>>,
    hash: String,
}

impl From<Row> for PlanHead {
    fn from(row: Row) -> Self {
        Self {
            id: PlanId(row.id),
            hash: row.hash,
            created_at: Timestamp(row.created_at),
            listing_began_at: Timestamp(row.listing_began_at),
            counts: row.counts.0,
            kinds: row.kinds.0,
        }
    }
}

impl Row {
    fn with_items(self, items: Vec<PlanItem>) -> SyncPlan {
        SyncPlan {
            id: PlanId(self.id),
            group_id: GroupId(self.group_id),
            pair_id: PairId(self.pair_id),
            source: self.source.0,
            created_at: Timestamp(self.created_at),
            listing_began_at: Timestamp(self.listing_began_at),
            counts: self.counts.0,
            hash: self.hash,
            items,
        }
    }
}

#[derive(FromRow)]
struct ItemRow {
    item: Json<PlanItem>,
}

/// The items of a plan ($1) after a filter: $3 to $6, the last of them about a run ($2).
macro_rules! filtered_items {
    ($select:literal) => {
        concat!(
            "SELECT ",
            $select,
            r" FROM sync_plan_items i
              WHERE i.plan_id = $1
                AND ($3 IS NULL OR i.kind = $3)
                AND ($4 IS NULL OR i.action = $4)
                AND ($5 IS NULL OR LOWER(i.name) LIKE LOWER($5) ESCAPE '\')
                AND (NOT $6 OR EXISTS (
                    SELECT 1 FROM sync_outcomes o
                    WHERE o.sync_run_id = $2 AND o.item_index = i.item_index AND o.state = 'failed'))"
        )
    };
}

#[async_trait]
impl PlanStore for SqlStore {
    /// Keeping the same plan again changes nothing; another one under its id is refused with `NotNow`.
    async fn insert_plan(&self, lease: &Lease, plan: &SyncPlan) -> Result<(), StoreError> {
        let mut writing = self.write("keep the plan").await?;
        writing.hold(lease).await?;
        let inserted = execute!(
            writing,
            "INSERT INTO sync_plans
                 (id, group_id, pair_id, source, created_at, listing_began_at, counts, kinds, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (id) DO NOTHING",
            plan.id.0,
            plan.group_id.0,
            plan.pair_id.0,
            Word(plan.source),
            plan.created_at.0,
            plan.listing_began_at.0,
            Json(plan.counts),
            Json(count_kinds(&plan.items)),
            &plan.hash,
        )?;
        if inserted == 0 {
            let hash = scalar!(writing, String, "SELECT hash FROM sync_plans WHERE id = $1", plan.id.0)?;
            return if hash == plan.hash { Ok(()) } else { Err(StoreError::NotNow) };
        }
        for items in plan.items.chunks(ROWS_A_STATEMENT) {
            insert_items(&mut writing, plan.id, items).await?;
        }
        Ok(writing.commit().await?)
    }

    async fn plan(&self, id: PlanId) -> Result<Option<SyncPlan>, StoreError> {
        let mut reading = self.read("read the plan").await?;
        let Some(row) = fetch_optional!(reading, Row, "SELECT * FROM sync_plans WHERE id = $1", id.0)? else {
            return Ok(None);
        };
        let items = fetch_all!(
            reading,
            ItemRow,
            "SELECT item FROM sync_plan_items WHERE plan_id = $1 ORDER BY item_index",
            id.0,
        )?;
        Ok(Some(row.with_items(items.into_iter().map(|row| row.item.0).collect())))
    }

    async fn plan_head(&self, id: PlanId) -> Result<Option<PlanHead>, StoreError> {
        let mut reading = self.read("read the plan").await?;
        let row = fetch_optional!(reading, Row, "SELECT * FROM sync_plans WHERE id = $1", id.0)?;
        Ok(row.map(PlanHead::from))
    }

    async fn plan_items(
        &self,
        plan: PlanId,
        run: SyncRunId,
        filter: &PlanFilter,
        per_page: u32,
    ) -> Result<(Vec<PlanItem>, u32), StoreError> {
        let text = filter.text.as_deref().map(containing);
        let mut reading = self.read("read the items of the plan").await?;
        let matching = scalar!(
            reading,
            i64,
            filtered_items!("COUNT(*)"),
            plan.0,
            run.0,
            filter.kind.map(Word),
            filter.action.map(Word),
            &text,
            filter.is_failed_only,
        )?;
        let rows = fetch_all!(
            reading,
            ItemRow,
            concat!(filtered_items!("i.item"), " ORDER BY i.item_index LIMIT $7 OFFSET $8"),
            plan.0,
            run.0,
            filter.kind.map(Word),
            filter.action.map(Word),
            &text,
            filter.is_failed_only,
            i64::from(per_page),
            rows_before(filter.page, per_page),
        )?;
        Ok((rows.into_iter().map(|row| row.item.0).collect(), count(matching)))
    }
}

async fn insert_items(writing: &mut Writing, plan: PlanId, items: &[PlanItem]) -> Result<(), Failure> {
    let sql = insert_sql(
        "INSERT INTO sync_plan_items (plan_id, item_index, kind, action, name, item)",
        items.len(),
        6,
        "",
    );
    on_connection!(writing, connection => {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for item in items {
            query = query
                .bind(plan.0)
                .bind(i64::from(item.index))
                .bind(Word(item.object.kind))
                .bind(Word(item.action))
                .bind(&item.name)
                .bind(Json(item));
        }
        query.execute(connection).await.map(|_| ())
    })
}

/// The counts of each kind that has items, in the order of [`ObjectKind::ALL`]. What is equal on both sides is
/// not among the items and therefore not counted by kind.
fn count_kinds(items: &[PlanItem]) -> Vec<KindCount> {
    let mut by_kind: BTreeMap<ObjectKind, Vec<PlanItem>> = BTreeMap::new();
    for item in items {
        by_kind.entry(item.object.kind).or_default().push(item.clone());
    }
    by_kind.into_iter().map(|(kind, items)| KindCount { kind, counts: PlanCounts::of(&items, 0) }).collect()
}
