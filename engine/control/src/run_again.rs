//! Running again what failed, or one object: syncs about some objects alone.
//!
//! Such a sync compares both sides as a whole, as every sync does, and writes what it was asked for and what that
//! needs. It is not a complete one, so that it leaves the replication point where it is, unless nothing else differs.

use std::collections::BTreeSet;

use farshore_model::{
    Actor, GroupId, PairId, Problem, SyncRunId,
    group::{FailoverGroup, Side, WorkspacePair},
    kind::ObjectKey,
    sync_run::{SyncRun, SyncTrigger},
    view::{ActionAvailability, LedgerRow},
};

use crate::{
    Control,
    audit::{Subject, not_found},
    problem::{from_store, not_now},
    role_matrix::{self, Action},
    store::StoreError,
    sync::first_copy_is_planned,
};

/// The name of the act among what can be done on a page.
const RUN_AGAIN: &str = "run_again";

/// What a sync about some objects alone is to do.
pub(crate) struct Partial {
    pub(crate) objects: BTreeSet<ObjectKey>,
    /// The side that has to be read, where that matters; None: the one that is active.
    pub(crate) source: Option<Side>,
    /// The side whose version is kept, for objects that a person decided about.
    pub(crate) choices: Vec<(ObjectKey, Side)>,
}

impl Partial {
    fn of(objects: BTreeSet<ObjectKey>) -> Self {
        Self { objects, source: None, choices: Vec::new() }
    }
}

impl Control {
    /// Runs again whatever failed in this sync.
    pub async fn run_failed_again(&self, actor: &Actor, id: SyncRunId) -> Result<SyncRunId, Problem> {
        let run = self.known_sync_run(id).await?;
        let group = self.known_group(run.group_id).await?;
        let subject = Subject::new(group.name.clone(), format!("/syncs/{id}"));
        self.act(actor, Action::ApplySync, "run_failed_again", subject, async {
            if !run.state.is_final() {
                return Err(not_now("This sync has not ended yet.", "Wait until it has."));
            }
            let objects = self.store.failed_objects(id).await.map_err(from_store)?;
            if objects.is_empty() {
                return Err(not_now("Nothing failed in this sync.", "Start a sync of the whole group."));
            }
            let pair = self.known_pair(run.pair_id).await?;
            let partial = Partial { source: Some(run.source), ..Partial::of(objects) };
            self.begin_partial(actor, &group, &pair, partial).await
        })
        .await
    }

    /// Runs one object of a pair again.
    pub async fn run_object_again(
        &self,
        actor: &Actor,
        group: GroupId,
        pair: PairId,
        object: ObjectKey,
    ) -> Result<SyncRunId, Problem> {
        let group = self.known_group(group).await?;
        let row = self.known_object(&group, pair, &object).await?;
        let subject = Subject::new(format!("{}: {}", group.name, row.name), format!("/groups/{}", group.id));
        self.act(actor, Action::ApplySync, "run_object_again", subject, async {
            let pair = self.known_pair(pair).await?;
            self.begin_partial(actor, &group, &pair, Partial::of(BTreeSet::from([object]))).await
        })
        .await
    }

    /// Asks for a sync about some objects alone.
    pub(crate) async fn begin_partial(
        &self,
        actor: &Actor,
        group: &FailoverGroup,
        pair: &WorkspacePair,
        Partial { objects, source, choices }: Partial,
    ) -> Result<SyncRunId, Problem> {
        if let Some(suspension) = &group.suspension {
            return Err(not_now(
                format!("Syncs of {} are suspended: {}", group.name, suspension.reason),
                "Fail back first; the failback carries over what changed meanwhile.",
            ));
        }
        let active = self.source_of(group, pair).await?;
        let Some(active) = active.filter(|active| source.is_none_or(|source| source == *active)) else {
            return Err(not_now(
                "Another side is active now than the one that would be read.",
                "Start a sync of the whole group from the side that is active.",
            ));
        };
        if self.is_unseen(pair).await? {
            return Err(first_copy_is_planned());
        }
        let mut run = self.new_sync_run(pair, active, SyncTrigger::Manual);
        run.requested_by = Some(actor.name.clone());
        run.only = Some(u32::try_from(objects.len()).unwrap_or(u32::MAX));
        run.choices = choices;
        match self.store.insert_partial_sync_run(&run, &objects).await {
            Ok(()) => {
                self.publish_sync(&run);
                Ok(run.id)
            }
            Err(StoreError::NotNow) => Err(not_now(
                "Another sync of this pair is under way, or its plan waits to be applied.",
                "See the sync history: wait until it has ended, or decide about the plan.",
            )),
            Err(error) => Err(from_store(error)),
        }
    }

    /// Whether what failed in a sync can be run again.
    pub(crate) fn again(&self, actor: &Actor, group: &FailoverGroup, run: &SyncRun) -> ActionAvailability {
        let is_over = run.state.is_final() && run.failed > 0;
        let in_place = (!is_over).then(|| "There is nothing that has failed.".to_owned());
        ActionAvailability {
            why_not: in_place.or_else(|| why_no_object_again(actor, group)),
            action: RUN_AGAIN.to_owned(),
        }
    }

    /// Whether any object of a group can be run again.
    pub(crate) fn object_again(&self, actor: &Actor, group: &FailoverGroup) -> ActionAvailability {
        ActionAvailability { action: RUN_AGAIN.to_owned(), why_not: why_no_object_again(actor, group) }
    }

    /// An object as it stands in one pair of the group.
    pub(crate) async fn known_object(
        &self,
        group: &FailoverGroup,
        pair: PairId,
        object: &ObjectKey,
    ) -> Result<LedgerRow, Problem> {
        let known = self.store.ledger_rows_of(group.id, object).await.map_err(from_store)?;
        known.into_iter().find(|row| row.pair_id == pair).ok_or_else(|| not_found("object"))
    }

    pub(crate) async fn known_pair(&self, id: PairId) -> Result<WorkspacePair, Problem> {
        self.store.pair(id).await.map_err(from_store)?.ok_or_else(|| not_found("pair"))
    }
}

fn why_no_object_again(actor: &Actor, group: &FailoverGroup) -> Option<String> {
    let suspended =
        || group.suspension.as_ref().map(|suspension| format!("Syncs are suspended: {}", suspension.reason));
    role_matrix::why_not(actor.role, Action::ApplySync).or_else(suspended)
}
