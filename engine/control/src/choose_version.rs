//! Settling a conflict: a person says which side's version of an object holds.
//!
//! The choice travels with a sync about that object alone, and is written into the ledger by it: following syncs do not
//! ask again before the active side has changed the object.

use std::{collections::BTreeSet, slice};

use farshore_model::{
    Actor, GroupId, PairId, Problem, SyncRunId, group::Side, kind::ObjectKey, view::LedgerState,
};

use crate::{Control, audit::Subject, problem::not_now, role_matrix::Action, run_again::Partial};

impl Control {
    /// Keeps the version of `side`. The active side's is put in the place of the other one; the passive side's stays
    /// until the active side changes the object, and none of it is carried back.
    ///
    /// # Errors
    /// When the object is in no conflict (any more), syncs are suspended, or one of the pair is under way.
    pub async fn choose_version(
        &self,
        actor: &Actor,
        group: GroupId,
        pair: PairId,
        object: ObjectKey,
        side: Side,
    ) -> Result<SyncRunId, Problem> {
        let group = self.known_group(group).await?;
        let row = self.known_object(&group, pair, &object).await?;
        let pair = self.known_pair(pair).await?;
        let names = self.pair_names(slice::from_ref(&pair)).await?;
        let region = names.first().map_or(side.as_str(), |names| names.region(side));
        let what = format!("{}: {}, the one in {region}", group.name, row.name);
        let subject = Subject::new(what, format!("/groups/{}", group.id));
        self.act(actor, Action::ApplySync, "choose_version", subject, async {
            if row.state != LedgerState::Conflict {
                return Err(not_now(
                    format!("{} does not wait for a choice any more.", row.name),
                    "Nothing was changed. See the history of the object for what became of it.",
                ));
            }
            let partial = Partial {
                objects: BTreeSet::from([object.clone()]),
                source: None,
                choices: vec![(object, side)],
            };
            self.begin_partial(actor, &group, &pair, partial).await
        })
        .await
    }
}
