//! The object ledger of a group, to look through and to take away.

use farshore_model::{
    Actor, GroupId, Problem, Timestamp,
    group::{FailoverGroup, WorkspacePair},
    view::{KindStanding, LedgerFilter, LedgerPage, LedgerRow, LedgerState, PageInfo, PairNames},
};
use farshore_sync::is_verified_in_turn;

use crate::{
    Control,
    problem::from_store,
    role_matrix::{Action, authorize},
    store::KindTally,
};

const PER_PAGE: u32 = 50;

impl Control {
    /// One page of the objects of all pairs of a group. Pages count from 1.
    pub async fn ledger_page(
        &self,
        actor: &Actor,
        id: GroupId,
        filter: LedgerFilter,
        page: u32,
    ) -> Result<LedgerPage, Problem> {
        authorize(actor, Action::Read)?;
        let group = self.known_group(id).await?;
        let pairs = self.store.pairs(Some(id)).await.map_err(from_store)?;
        let mut kinds = Vec::new();
        for pair in &pairs {
            let tallies = self.store.ledger_tallies(pair.id).await.map_err(from_store)?;
            kinds.extend(tallies.into_iter().map(|tally| standing(pair, tally)));
        }
        let page = page.max(1);
        let (rows, total) = self.store.ledger_rows(id, &filter, page, PER_PAGE).await.map_err(from_store)?;
        Ok(LedgerPage {
            as_of: self.clock.now(),
            pairs: self.pair_names(&pairs).await?,
            kinds,
            rows: rows.into_iter().map(|row| as_last_compared(row, &pairs)).collect(),
            filter,
            page: PageInfo { page, per_page: PER_PAGE, total },
            actions: vec![self.object_again(actor, &group)],
            group,
        })
    }

    /// Up to `limit` objects after that one, in the order of the pages.
    pub async fn ledger_after(
        &self,
        actor: &Actor,
        id: GroupId,
        filter: &LedgerFilter,
        after: Option<&LedgerRow>,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, Problem> {
        authorize(actor, Action::Read)?;
        let pairs = self.store.pairs(Some(id)).await.map_err(from_store)?;
        let rows = self.store.ledger_rows_after(id, filter, after, limit).await.map_err(from_store)?;
        Ok(rows.into_iter().map(|row| as_last_compared(row, &pairs)).collect())
    }

    /// A group and the names of its pairs, for whoever writes its lists into a file.
    pub async fn group_with_pairs(
        &self,
        actor: &Actor,
        id: GroupId,
    ) -> Result<(FailoverGroup, Vec<PairNames>), Problem> {
        authorize(actor, Action::Read)?;
        let group = self.known_group(id).await?;
        let pairs = self.store.pairs(Some(id)).await.map_err(from_store)?;
        Ok((group, self.pair_names(&pairs).await?))
    }

    pub(crate) async fn pair_names(&self, pairs: &[WorkspacePair]) -> Result<Vec<PairNames>, Problem> {
        let directory = self.directory().await?;
        let names = |pair: &WorkspacePair| {
            let primary = directory.status(pair.primary)?.workspace;
            let secondary = directory.status(pair.secondary)?.workspace;
            Some(PairNames {
                id: pair.id,
                primary: primary.name,
                primary_region: primary.region,
                secondary: secondary.name,
                secondary_region: secondary.region,
            })
        };
        Ok(pairs.iter().filter_map(names).collect())
    }
}

fn standing(pair: &WorkspacePair, tally: KindTally) -> KindStanding {
    let is_verified_in_turn = is_verified_in_turn(tally.kind);
    KindStanding {
        pair_id: pair.id,
        kind: tally.kind,
        objects: tally.objects,
        failed: tally.failed,
        held: tally.held,
        replication_point: kind_point(pair.replication_point, tally.agreed_since, is_verified_in_turn),
        is_verified_in_turn,
    }
}

/// The replication point of a kind: its pair's, unless what no listing tells was verified before that.
fn kind_point(
    of_pair: Option<Timestamp>,
    verified_since: Option<Timestamp>,
    is_verified_in_turn: bool,
) -> Option<Timestamp> {
    let of_pair = of_pair?;
    let verified_since = verified_since.filter(|_| is_verified_in_turn);
    Some(verified_since.map_or(of_pair, |since| since.min(of_pair)))
}

/// The ledger is not written for an object that is as it was: that both sides still had it in common is known from
/// the last complete sync. Of what is verified in turn only its own moment counts.
pub(crate) fn as_last_compared(row: LedgerRow, pairs: &[WorkspacePair]) -> LedgerRow {
    if row.state != LedgerState::InOrder || is_verified_in_turn(row.object.kind) {
        return row;
    }
    let point = pairs.iter().find(|pair| pair.id == row.pair_id).and_then(|pair| pair.replication_point);
    LedgerRow { agreed_at: row.agreed_at.max(point), ..row }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_as_old_as_its_oldest_verification() {
        let (early, late) = (Some(Timestamp(1)), Some(Timestamp(2)));
        assert_eq!(kind_point(late, early, true), early);
        assert_eq!(kind_point(early, late, true), early, "no newer than the last complete sync");
        assert_eq!(kind_point(late, early, false), late, "its listing tells every change");
        assert_eq!(kind_point(late, None, true), late, "none was ever carried");
        assert_eq!(kind_point(None, early, true), None, "never replicated in full");
    }
}
