//! Applying a plan: several items at a time, each to an outcome of its own.
//!
//! # What it promises
//! - What is referred to is written before what refers to it.
//! - Every item is compared with the target before it is written. What is as wanted already is not written
//!   again, so that applying a plan a second time changes nothing; what has changed since the plan was made
//!   is not overwritten.
//! - The intent of a create is committed before the call, and what it made is looked for by its mark before
//!   the call is repeated.
//! - The ledger is written before the outcome is recorded: after a crash in between, the item is found done.
//! - A lost lease stops it at the next write.

mod create;
mod delete;
mod failure;
mod filled_in;
mod own;
mod place;
mod record;
mod schedule;
mod update;
mod wanted;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use farshore_databricks::WorkspaceClient;
use farshore_model::{
    Timestamp,
    group::Side,
    kind::{ObjectKey, ObjectKind},
    plan::{PlanAction, PlanItem, SyncPlan},
    sync_run::OutcomeState,
};
use futures::future;
use serde_json::Value;
use tokio::sync::OnceCell;

use self::failure::{Done, Failure};
use crate::{
    carried::{Began, is_content},
    context::PairContext,
    error::ApplyError,
    id_map::{Entries, SideKeys, note_own},
    kinds::{self, Naming},
    ledger::LedgerError,
    outcome::{ApplyReport, OutcomeSink},
    planner::is_group,
    references::to_ids,
    region, remark,
    scope::Scope,
};

/// So many calls in a row without an answer mean that there is nobody.
const MOST_UNANSWERED: u32 = 6;

/// Does what the plan says, except for the items in `done`, whose outcomes were recorded before a crash.
///
/// # Errors
/// Only when nothing more can be done or recorded: the workspace is gone, the ledger fails, the lease is lost.
/// Everything that was applied until then is in the ledger.
pub async fn apply_plan(
    ctx: &PairContext,
    plan: &SyncPlan,
    done: &BTreeSet<u32>,
    sink: &dyn OutcomeSink,
) -> Result<ApplyReport, ApplyError> {
    let open: Vec<&PlanItem> = plan.items.iter().filter(|item| !done.contains(&item.index)).collect();
    let began = Began::now(ctx);
    if open.is_empty() {
        move_watermarks(ctx, plan, None).await?;
        return Ok(ApplyReport::default());
    }
    let loaded = ctx.ledger.load(ctx.pair_id).await?;
    let entries: Entries = loaded.into_iter().map(|entry| (entry.object.clone(), entry)).collect();
    let target = plan.source.other();
    let map = &ctx.settings.region_map;
    let mut keys = SideKeys::of_target(&entries, target, &ctx.end(target).org_id, map);
    // What is taken over, or waits for a choice, has been known since the plan was made.
    let mut found = BTreeMap::new();
    for item in &plan.items {
        let known = entries.get(&item.object).and_then(|entry| entry.id_on(target));
        if item.action == PlanAction::Create && !done.contains(&item.index) {
            // Whatever names it by the id that it had does not name what is created now.
            known.into_iter().for_each(|id| keys.forget(item.object.kind, id));
        }
        if let Some(id) = &item.target_id {
            keys.insert(item.object.clone(), id);
            if known.is_none() {
                found.insert(item.object.clone(), id.clone());
            }
        }
    }
    keys.set_apart(Scope::of(&ctx.settings).noted_apart(&entries, plan));
    let mut source_keys = SideKeys::of_source(&entries, plan, map);
    if plan.items.iter().any(|item| kinds::of(item.object.kind).is_named_by_others()) {
        let (here, there) = future::try_join(own::id_on(ctx, plan.source), own::id_on(ctx, target)).await?;
        note_own((&mut source_keys, here.as_deref()), (&mut keys, there.as_deref()));
    }
    if plan.items.iter().any(writes_cluster) {
        let (here, there) = future::join(
            kinds::tells_libraries(&ctx.end(plan.source).client),
            kinds::tells_libraries(&ctx.end(target).client),
        )
        .await;
        if !here || !there {
            source_keys.leave_out_libraries();
            keys.leave_out_libraries();
        }
    }
    if may_name_unoffered_profiles(plan, &entries) {
        let (here, there) = future::join(
            kinds::offers_instance_profiles(&ctx.end(plan.source).client),
            kinds::offers_instance_profiles(&ctx.end(target).client),
        )
        .await;
        if !here || !there {
            source_keys.note_unoffered(ObjectKind::InstanceProfiles);
            keys.note_unoffered(ObjectKind::InstanceProfiles);
        }
    }
    let state = State {
        entries,
        keys,
        found,
        folders: BTreeMap::new(),
        report: ApplyReport::default(),
        unanswered: 0,
    };
    let run = Run {
        ctx,
        planned_at: plan.created_at,
        source: plan.source,
        source_keys,
        sink,
        state: Mutex::new(state),
    };

    schedule::run(&open, ctx.options.max_in_flight, |item| run.apply(item)).await?;
    let has_carried_content = open.iter().any(|item| is_content(item.object.kind));
    move_watermarks(ctx, plan, has_carried_content.then_some(began)).await?;
    Ok(run.state().report)
}

fn writes_cluster(item: &PlanItem) -> bool {
    item.object.kind == ObjectKind::Clusters
        && matches!(
            item.action,
            PlanAction::Create | PlanAction::Update | PlanAction::Adopt | PlanAction::Delete
        )
}

/// Whether something is written that may name an instance profile, and nothing has shown so far that both workspaces
/// know of such.
fn may_name_unoffered_profiles(plan: &SyncPlan, entries: &Entries) -> bool {
    let is_profile = |kind: ObjectKind| kind == ObjectKind::InstanceProfiles;
    let mut open = plan.items.iter().filter(|item| !matches!(item.action, PlanAction::Skip));
    let is_known = entries.keys().any(|key| is_profile(key.kind))
        || plan.items.iter().any(|item| is_profile(item.object.kind) && !is_group(item));
    !is_known && open.any(|item| matches!(item.object.kind, ObjectKind::Clusters | ObjectKind::Jobs))
}

/// Everything older than the plan's listing is dealt with. With `began`, what was carried since then is known besides.
async fn move_watermarks(
    ctx: &PairContext,
    plan: &SyncPlan,
    began: Option<Began>,
) -> Result<(), LedgerError> {
    let mut watermarks = ctx.ledger.watermarks(ctx.pair_id).await?;
    if watermarks.promote(plan.id) {
        if let Some(began) = began {
            began.end(ctx, plan.source, &mut watermarks).await;
        }
        ctx.ledger.set_watermarks(&ctx.lease, ctx.pair_id, &watermarks).await?;
    }
    Ok(())
}

/// The planner has found that nothing can be written: an outcome on the object, and no call.
fn cannot_be_carried(kind: ObjectKind, why: Option<&str>) -> Failure {
    let remedy = match kind {
        // A folder refers to nothing.
        ObjectKind::Folders => {
            "Nothing in it was changed, and nothing counts as deleted. Let the workspace list the folder, or leave it out \
             by a filter; the next sync tries it again."
        }
        _ => {
            "Nothing was changed. Mend what keeps it from being carried, or delete the object if nobody needs it; the \
             next sync tries it again."
        }
    };
    Failure::item(why.unwrap_or("it cannot be carried over").to_owned(), remedy.to_owned())
}

/// One application of a plan.
struct Run<'a> {
    ctx: &'a PairContext,
    planned_at: Timestamp,
    source: Side,
    source_keys: SideKeys,
    sink: &'a dyn OutcomeSink,
    state: Mutex<State>,
}

struct State {
    entries: Entries,
    /// Of the side that is written.
    keys: SideKeys,
    /// Ids on that side of what the plan has found there and the ledger does not know.
    found: BTreeMap<ObjectKey, Arc<str>>,
    /// What was in a folder of the target when it was first asked for.
    folders: BTreeMap<String, Arc<OnceCell<BTreeSet<Arc<str>>>>>,
    report: ApplyReport,
    unanswered: u32,
}

impl Run<'_> {
    async fn apply(&self, item: &PlanItem) -> Result<(), ApplyError> {
        let applied = match item.action {
            _ if item.is_blocked() => Err(cannot_be_carried(item.object.kind, item.reason.as_deref())),
            PlanAction::Create if self.lacks_its_owner(item) => return self.leave_out(item).await,
            PlanAction::Create => self.create(item).await,
            PlanAction::Update | PlanAction::Adopt => self.update(item).await,
            PlanAction::Delete => self.delete(item).await.map(|()| Done::default()),
            PlanAction::Held => self.hold(item).await.map(|()| Done::default()),
            PlanAction::Skip | PlanAction::Conflict => return self.skip(item).await,
        };
        match applied {
            Ok(Done { refusal }) => {
                self.state().unanswered = 0;
                let warning = refusal.map(|refusal| (refusal.to_string(), refusal.remedy()));
                self.record(item, OutcomeState::Succeeded, warning).await
            }
            Err(Failure::Ledger(error)) => Err(error.into()),
            Err(Failure::Item { error, remedy, unanswered }) => {
                self.note(item, OutcomeState::Failed, Some(&error)).await?;
                self.record(item, OutcomeState::Failed, Some((error, remedy))).await?;
                let count = {
                    let mut state = self.state();
                    state.unanswered = if unanswered.is_some() { state.unanswered + 1 } else { 0 };
                    state.unanswered
                };
                match unanswered {
                    Some(unanswered) if count >= MOST_UNANSWERED => {
                        Err(ApplyError::Unreachable { side: unanswered.side, source: unanswered.source })
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    /// Only what is held has changed: nothing goes to a workspace.
    async fn hold(&self, item: &PlanItem) -> Result<(), Failure> {
        let mut entry = self.entry(item);
        // The two differ as before, and whoever chose is not asked again.
        if remark::is_chosen(&entry, self.target()) {
            entry.activation.clone_from(&item.activation);
            return Ok(self.save(entry).await?);
        }
        self.save_done(entry, item.activation.clone()).await
    }

    async fn skip(&self, item: &PlanItem) -> Result<(), ApplyError> {
        self.note(item, OutcomeState::Skipped, item.reason.as_deref()).await?;
        let reason = item.reason.clone().map(|reason| (reason, String::new()));
        self.record(item, OutcomeState::Skipped, reason).await
    }

    /// The object is a part of one that is not there, because that one could not be carried.
    fn lacks_its_owner(&self, item: &PlanItem) -> bool {
        kinds::of(item.object.kind).naming() == Naming::Part && self.owner_id(item).is_none()
    }

    /// The failure of its owner says everything.
    async fn leave_out(&self, item: &PlanItem) -> Result<(), ApplyError> {
        let reason = format!("it comes with \"{}\", which is not in {}", item.name, self.target());
        self.skip(&PlanItem { reason: Some(reason), ..item.clone() }).await
    }

    /// A canonical form or an activation with the ids of the target.
    fn rendered(&self, mut form: Value) -> Result<Value, Failure> {
        let target = self.target();
        region::from_canonical(&mut form, target, &self.ctx.settings.region_map);
        let missing = {
            let state = self.state();
            let id_of = |key: &ObjectKey| {
                let known = state.entries.get(key).and_then(|entry| entry.id_on(target));
                known.or_else(|| state.found.get(key).map(|id| &**id)).map(str::to_owned)
            };
            to_ids(&mut form, &id_of).err()
        };
        match missing {
            None => Ok(form),
            Some(keys) => Err(self.lacking(&keys)),
        }
    }

    fn lacking(&self, keys: &[ObjectKey]) -> Failure {
        let target = self.target();
        let state = self.state();
        let names = keys.iter().map(|key| {
            let name = state.entries.get(key).map_or(&key.key, |entry| &entry.name);
            format!("the {} \"{name}\"", key.kind.singular())
        });
        let names = names.collect::<Vec<_>>().join(" and ");
        Failure::item(
            format!("it refers to {names}, which is not in {target}"),
            format!(
                "Nothing was changed. See why {names} could not be carried over; the next sync tries both again."
            ),
        )
    }

    /// What the target calls an object of a kind in which name and id are one.
    fn name_on_target(&self, key: &ObjectKey) -> String {
        match kinds::of(key.kind).name_field() {
            Some(field) => region::name_of(&key.key, field, self.target(), &self.ctx.settings.region_map),
            None => key.key.to_string(),
        }
    }

    const fn target(&self) -> Side {
        self.source.other()
    }

    const fn source_client(&self) -> &WorkspaceClient {
        &self.ctx.end(self.source).client
    }

    const fn target_client(&self) -> &WorkspaceClient {
        &self.ctx.end(self.target()).client
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
