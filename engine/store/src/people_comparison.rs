use async_trait::async_trait;
use farshore_control::store::{PeopleComparisonStore, StoreError};
use farshore_model::{
    GroupId, Lease, PairId, Timestamp,
    people::{PeopleComparison, PeopleDifference, PeopleFailure, PeopleFound, WhatDiffers},
    view::{PairDifference, PeopleFilter},
};
use sqlx::{AssertSqlSafe, FromRow};
use uuid::Uuid;

use crate::{
    SqlStore,
    batch::{ROWS_A_STATEMENT, insert_sql},
    column::{Json, Word, count},
    db::{Writing, execute, fetch_all, on_connection, scalar},
    failure::Failure,
    search::{containing, rows_before},
};

#[derive(FromRow)]
struct Row {
    pair_id: Uuid,
    requested_at: Option<i64>,
    tried_at: Option<i64>,
    found: Option<Json<PeopleFound>>,
    failure: Option<Json<PeopleFailure>>,
}

impl From<Row> for PeopleComparison {
    fn from(row: Row) -> Self {
        Self {
            pair_id: PairId(row.pair_id),
            found: row.found.map(|found| found.0),
            failure: row.failure.map(|failure| failure.0),
            tried_at: row.tried_at.map(Timestamp),
            requested_at: row.requested_at.map(Timestamp),
        }
    }
}

#[derive(FromRow)]
struct DifferenceRow {
    pair_id: Uuid,
    difference: Json<PeopleDifference>,
}

#[async_trait]
impl PeopleComparisonStore for SqlStore {
    async fn people_comparisons(&self, group: Option<GroupId>) -> Result<Vec<PeopleComparison>, StoreError> {
        let mut reading = self.read("read the comparisons of people").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT c.* FROM people_comparisons c JOIN workspace_pairs p ON p.id = c.pair_id
             WHERE $1 IS NULL OR p.group_id = $1 ORDER BY c.pair_id",
            group.map(|id| id.0),
        )?;
        Ok(rows.into_iter().map(PeopleComparison::from).collect())
    }

    async fn request_people_comparison(&self, pair: PairId, at: Timestamp) -> Result<(), StoreError> {
        let mut writing = self.write("ask for a comparison of people").await?;
        execute!(
            writing,
            "INSERT INTO people_comparisons (pair_id, requested_at) VALUES ($1, $2)
             ON CONFLICT (pair_id) DO UPDATE SET requested_at = excluded.requested_at",
            pair.0,
            at.0,
        )?;
        Ok(writing.commit().await?)
    }

    async fn put_people_found(
        &self,
        lease: &Lease,
        pair: PairId,
        found: &PeopleFound,
        differences: &[PeopleDifference],
    ) -> Result<(), StoreError> {
        let mut writing = self.write("keep a comparison of people").await?;
        writing.hold(lease).await?;
        tried(&mut writing, pair, found.as_of).await?;
        execute!(
            writing,
            "UPDATE people_comparisons SET found = $2, failure = NULL WHERE pair_id = $1",
            pair.0,
            Json(found),
        )?;
        execute!(writing, "DELETE FROM people_differences WHERE pair_id = $1", pair.0)?;
        let mut next_index = 0;
        for differences in differences.chunks(ROWS_A_STATEMENT) {
            insert_differences(&mut writing, pair, next_index, differences).await?;
            next_index += ROWS_A_STATEMENT as i64;
        }
        Ok(writing.commit().await?)
    }

    async fn put_people_failure(
        &self,
        lease: &Lease,
        pair: PairId,
        began_at: Timestamp,
        failure: &PeopleFailure,
    ) -> Result<(), StoreError> {
        let mut writing = self.write("note that people could not be compared").await?;
        writing.hold(lease).await?;
        tried(&mut writing, pair, began_at).await?;
        execute!(
            writing,
            "UPDATE people_comparisons SET failure = $2 WHERE pair_id = $1",
            pair.0,
            Json(failure),
        )?;
        Ok(writing.commit().await?)
    }

    async fn people_differences(
        &self,
        group: GroupId,
        filter: &PeopleFilter,
        per_page: u32,
    ) -> Result<(Vec<PairDifference>, u32), StoreError> {
        let pair = filter.pair.map(|id| id.0);
        let text = filter.text.as_deref().map(|text| containing(&text.to_lowercase()));
        let mut reading = self.read("list the differences of people").await?;
        let matching = scalar!(
            reading,
            i64,
            r"SELECT COUNT(*) FROM people_differences d JOIN workspace_pairs p ON p.id = d.pair_id
              WHERE p.group_id = $1 AND ($2 IS NULL OR d.pair_id = $2) AND ($3 IS NULL OR d.kind = $3)
                AND ($4 IS NULL OR d.searched LIKE $4 ESCAPE '\')",
            group.0,
            pair,
            filter.kind.map(Word),
            &text,
        )?;
        let rows = fetch_all!(
            reading,
            DifferenceRow,
            r"SELECT d.pair_id, d.difference FROM people_differences d
              JOIN workspace_pairs p ON p.id = d.pair_id
              WHERE p.group_id = $1 AND ($2 IS NULL OR d.pair_id = $2) AND ($3 IS NULL OR d.kind = $3)
                AND ($4 IS NULL OR d.searched LIKE $4 ESCAPE '\')
              ORDER BY p.created_at, p.id, d.item_index LIMIT $5 OFFSET $6",
            group.0,
            pair,
            filter.kind.map(Word),
            &text,
            i64::from(per_page),
            rows_before(filter.page, per_page),
        )?;
        let difference = |row: DifferenceRow| PairDifference {
            pair_id: PairId(row.pair_id),
            difference: row.difference.0,
        };
        Ok((rows.into_iter().map(difference).collect(), count(matching)))
    }
}

/// An attempt began then; whoever had asked before need not be waited for any more.
async fn tried(writing: &mut Writing, pair: PairId, began_at: Timestamp) -> Result<(), Failure> {
    execute!(
        writing,
        "INSERT INTO people_comparisons (pair_id, tried_at) VALUES ($1, $2)
         ON CONFLICT (pair_id) DO UPDATE SET
             tried_at = excluded.tried_at,
             requested_at = CASE WHEN people_comparisons.requested_at > excluded.tried_at
                            THEN people_comparisons.requested_at END",
        pair.0,
        began_at.0,
    )?;
    Ok(())
}

async fn insert_differences(
    writing: &mut Writing,
    pair: PairId,
    first_index: i64,
    differences: &[PeopleDifference],
) -> Result<(), Failure> {
    let sql = insert_sql(
        "INSERT INTO people_differences (pair_id, item_index, kind, searched, difference)",
        differences.len(),
        5,
        "",
    );
    on_connection!(writing, connection => {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (difference, index) in differences.iter().zip(first_index..) {
            query = query
                .bind(pair.0)
                .bind(index)
                .bind(Word(difference.kind))
                .bind(searched(difference))
                .bind(Json(difference));
        }
        query.execute(connection).await.map(|_| ())
    })
}

/// Whatever a person may look for, in small letters: neither engine folds those of all languages by itself.
fn searched(difference: &PeopleDifference) -> String {
    let mut text = difference.name.clone();
    if let WhatDiffers::Field { field, primary, secondary } = &difference.what {
        for part in [Some(field), primary.as_ref(), secondary.as_ref()].into_iter().flatten() {
            text.push('\n');
            text.push_str(part);
        }
    }
    // PostgreSQL keeps no such character in a text.
    text.retain(|character| character != '\0');
    text.to_lowercase()
}
