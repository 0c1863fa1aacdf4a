//! What happened to one object, and what one sync did to each.

use farshore_model::{
    Actor, GroupId, Problem, SyncRunId,
    kind::ObjectKey,
    plan::PlanItem,
    sync_run::{ItemOutcome, SyncRun},
    view::{ObjectEvent, ObjectPage, PageInfo},
};

use crate::{
    Control,
    audit::not_found,
    ledger::as_last_compared,
    problem::from_store,
    role_matrix::{Action, authorize},
};

const PER_PAGE: u32 = 20;

impl Control {
    /// An object of a group, and one page of what syncs did to it. Pages count from 1.
    pub async fn object_page(
        &self,
        actor: &Actor,
        id: GroupId,
        object: ObjectKey,
        page: u32,
    ) -> Result<ObjectPage, Problem> {
        authorize(actor, Action::Read)?;
        let group = self.known_group(id).await?;
        let pairs = self.store.pairs(Some(id)).await.map_err(from_store)?;
        let rows = self.store.ledger_rows_of(id, &object).await.map_err(from_store)?;
        let page = page.max(1);
        let (events, total) =
            self.store.object_events(id, &object, page, PER_PAGE).await.map_err(from_store)?;
        // What the ledger has forgotten still has a history.
        let known = rows.first().map(|row| &row.name).or(events.first().map(|event| &event.name));
        let name = known.ok_or_else(|| not_found("object"))?.clone();
        Ok(ObjectPage {
            as_of: self.clock.now(),
            pairs: self.pair_names(&pairs).await?,
            object,
            name,
            rows: rows.into_iter().map(|row| as_last_compared(row, &pairs)).collect(),
            events,
            page: PageInfo { page, per_page: PER_PAGE, total },
            actions: vec![self.object_again(actor, &group)],
            group,
        })
    }

    /// One page of what syncs of a group did to an object, newest first.
    pub async fn object_events(
        &self,
        actor: &Actor,
        id: GroupId,
        object: &ObjectKey,
        page: u32,
        per_page: u32,
    ) -> Result<Vec<ObjectEvent>, Problem> {
        authorize(actor, Action::Read)?;
        let (events, _) = self.store.object_events(id, object, page, per_page).await.map_err(from_store)?;
        Ok(events)
    }

    /// A sync as it stands.
    pub async fn sync_run(&self, actor: &Actor, id: SyncRunId) -> Result<SyncRun, Problem> {
        authorize(actor, Action::Read)?;
        self.known_sync_run(id).await
    }

    /// Up to `limit` items of a sync's plan after the one with that index, each with its outcome. None while there
    /// is no plan.
    pub async fn sync_items_after(
        &self,
        actor: &Actor,
        run: &SyncRun,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<(PlanItem, Option<ItemOutcome>)>, Problem> {
        authorize(actor, Action::Read)?;
        match run.plan_id {
            Some(plan) => self.store.items_after(plan, run.id, after, limit).await.map_err(from_store),
            None => Ok(Vec::new()),
        }
    }
}
