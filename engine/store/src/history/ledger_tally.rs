//! The ledger of a pair, counted.

use farshore_control::store::KindTally;
use farshore_model::{PairId, Timestamp, kind::ObjectKind};
use farshore_sync::OUT_OF_SCOPE;
use sqlx::FromRow;

use crate::{
    SqlStore,
    column::{Word, count},
    db::fetch_all,
    failure::Failure,
};

#[derive(FromRow)]
struct Row {
    kind: Word<ObjectKind>,
    objects: i64,
    in_scope: i64,
    failed: i64,
    held: i64,
    agreed_since: Option<i64>,
}

impl From<Row> for KindTally {
    fn from(row: Row) -> Self {
        Self {
            kind: row.kind.0,
            objects: count(row.objects),
            in_scope: count(row.in_scope),
            failed: count(row.failed),
            held: count(row.held),
            agreed_since: row.agreed_since.map(Timestamp),
        }
    }
}

impl SqlStore {
    pub(super) async fn tally_ledger(&self, pair: PairId) -> Result<Vec<KindTally>, Failure> {
        let mut reading = self.read("count the ledger").await?;
        let rows = fetch_all!(
            reading,
            Row,
            "SELECT kind, COUNT(*) AS objects,
                 COUNT(CASE WHEN COALESCE(last_error, '') <> $2 THEN 1 END) AS in_scope,
                 COUNT(CASE WHEN last_outcome = 'failed' THEN 1 END) AS failed,
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
}
