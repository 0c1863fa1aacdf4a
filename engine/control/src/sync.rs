//! Syncs, as people ask for them and look at them. The work itself is done by
//! [`crate::workers::sync`]: asking only writes a row.

use farshore_model::{
    Actor, GroupId, Problem, SyncRunId, Timestamp,
    group::{FailoverGroup, Side, WorkspacePair},
    sync_run::{SyncRun, SyncRunState, SyncTrigger},
    view::{ActionAvailability, PageInfo, PlanFilter, SyncPage, Topic},
};

use crate::{
    Control,
    audit::{Subject, not_found},
    problem::{from_store, not_now},
    replication,
    role_matrix::{self, Action, authorize},
    store::StoreError,
};

const PER_PAGE: u32 = 50;
/// Far enough back to find a run that took another's place.
const LOOKED_BACK: u32 = 200;

impl Control {
    /// One sync run for each pair of the group whose primary is active. With `is_applied_at_once` nobody looks
    /// at the plan first.
    pub async fn request_sync(
        &self,
        actor: &Actor,
        id: GroupId,
        is_applied_at_once: bool,
    ) -> Result<Vec<SyncRunId>, Problem> {
        let (action, name) = if is_applied_at_once {
            (Action::ApplySync, "sync_now")
        } else {
            (Action::PlanSync, "plan_sync")
        };
        let group = self.known_group(id).await?;
        let subject = Subject::new(group.name.clone(), format!("/groups/{id}"));
        self.act(actor, action, name, subject, async {
            if let Some(suspension) = &group.suspension {
                return Err(not_now(
                    format!("Syncs of {} are suspended: {}", group.name, suspension.reason),
                    "Fail back first; the failback carries over what changed meanwhile.",
                ));
            }
            let mut started = Vec::new();
            for pair in self.store.pairs(Some(id)).await.map_err(from_store)? {
                let Some(source) = self.source_of(&group, &pair).await? else { continue };
                if is_applied_at_once && self.is_unseen(&pair).await? {
                    return Err(first_copy_is_planned());
                }
                let mut run = self.new_sync_run(&pair, source, SyncTrigger::Manual);
                run.requested_by = Some(actor.name.clone());
                run.is_applied_at_once = is_applied_at_once;
                match self.store.insert_sync_run(&run).await {
                    Ok(()) => {
                        self.sync_wake.notify_one();
                        started.push(run.id);
                    }
                    Err(StoreError::NotNow) => {
                        return Err(not_now(
                            "A sync of this group is under way.",
                            "Wait until it has ended; it is at the top of the sync history.",
                        ));
                    }
                    Err(error) => return Err(from_store(error)),
                }
            }
            if started.is_empty() {
                return Err(not_now(
                    "No pair of this group can be synced: another region than those of its pairs is active.",
                    "Fail back first.",
                ));
            }
            self.notices.publish(Topic::Group(id));
            Ok(started)
        })
        .await
    }

    pub async fn sync_page(
        &self,
        actor: &Actor,
        id: SyncRunId,
        filter: PlanFilter,
    ) -> Result<SyncPage, Problem> {
        authorize(actor, Action::Read)?;
        let run = self.known_sync_run(id).await?;
        let group = self.known_group(run.group_id).await?;
        let pair =
            self.store.pair(run.pair_id).await.map_err(from_store)?.ok_or_else(|| not_found("pair"))?;
        let directory = self.directory().await?;
        let pair = self.pair_status(&group, pair, &directory).await?;
        let head = match run.plan_id {
            Some(plan) => self.store.plan_head(plan).await.map_err(from_store)?,
            None => None,
        };
        let (items, total) = match &head {
            Some(head) => self.store.plan_items(head.id, id, &filter, PER_PAGE).await.map_err(from_store)?,
            None => (Vec::new(), 0),
        };
        let outcomes = match (items.first(), items.last()) {
            (Some(first), Some(last)) => {
                self.store.outcomes(id, first.index, last.index).await.map_err(from_store)?
            }
            _ => Vec::new(),
        };
        let page = PageInfo { page: filter.page.max(1), per_page: PER_PAGE, total };
        Ok(SyncPage {
            as_of: self.clock.now(),
            actions: self.sync_actions(actor, &group, &run).await?,
            counts: head.as_ref().map(|head| head.counts),
            plan_hash: head.as_ref().map(|head| head.hash.clone()),
            kinds: head.map(|head| head.kinds).unwrap_or_default(),
            failures: self.store.failure_groups(id).await.map_err(from_store)?,
            superseded_by: self.successor(&run).await?,
            group,
            pair,
            run,
            items,
            outcomes,
            filter,
            page,
        })
    }

    /// Applies the plan that the person saw: `plan_hash` is the one on their page.
    pub async fn apply_plan(&self, actor: &Actor, id: SyncRunId, plan_hash: &str) -> Result<(), Problem> {
        let run = self.known_sync_run(id).await?;
        let group = self.known_group(run.group_id).await?;
        let subject = Subject::new(group.name.clone(), format!("/syncs/{id}"));
        self.act(actor, Action::ApplySync, "apply_sync", subject, async {
            if let Some(problem) = self.hindrance(&group, &run).await? {
                return Err(problem);
            }
            let head = match run.plan_id {
                Some(plan) => self.store.plan_head(plan).await.map_err(from_store)?,
                None => None,
            };
            if head.is_none_or(|head| head.hash != plan_hash) {
                return Err(not_now(
                    "This is not the plan of this run any more.",
                    "Reload the page and look at the plan as it is now.",
                ));
            }
            self.store
                .decide_sync_run(id, SyncRunState::Applying, self.clock.now())
                .await
                .map_err(from_store)?;
            self.publish_sync(&run);
            Ok(())
        })
        .await
    }

    /// Drops a plan that nobody wants to apply.
    pub async fn cancel_plan(&self, actor: &Actor, id: SyncRunId) -> Result<(), Problem> {
        let run = self.known_sync_run(id).await?;
        let subject = Subject::new("a sync plan", format!("/syncs/{id}"));
        self.act(actor, Action::PlanSync, "cancel_plan", subject, async {
            self.store
                .decide_sync_run(id, SyncRunState::Cancelled, self.clock.now())
                .await
                .map_err(from_store)?;
            self.publish_sync(&run);
            Ok(())
        })
        .await
    }

    pub(crate) async fn known_sync_run(&self, id: SyncRunId) -> Result<SyncRun, Problem> {
        self.store.sync_run(id).await.map_err(from_store)?.ok_or_else(|| not_found("sync"))
    }

    /// No plan of this pair was ever applied: the first copy is looked at by a person. One object that cannot be
    /// carried keeps the replication point away, but not the schedule.
    pub(crate) async fn is_unseen(&self, pair: &WorkspacePair) -> Result<bool, Problem> {
        if pair.replication_point.is_some() {
            return Ok(false);
        }
        Ok(!self.store.has_applied_sync(pair.id).await.map_err(from_store)?)
    }

    /// The side that a sync of this pair reads: the active one.
    pub(crate) async fn source_of(
        &self,
        group: &FailoverGroup,
        pair: &WorkspacePair,
    ) -> Result<Option<Side>, Problem> {
        let directory = self.directory().await?;
        let (Some(primary), Some(secondary)) =
            (directory.status(pair.primary), directory.status(pair.secondary))
        else {
            return Err(not_found("workspace of this pair"));
        };
        Ok(replication::active_side(group, &primary.workspace, &secondary.workspace))
    }

    pub(crate) fn new_sync_run(&self, pair: &WorkspacePair, source: Side, trigger: SyncTrigger) -> SyncRun {
        SyncRun {
            id: SyncRunId(self.ids.next()),
            group_id: pair.group_id,
            pair_id: pair.id,
            source,
            trigger,
            requested_by: None,
            state: SyncRunState::Planning,
            is_applied_at_once: true,
            plan_id: None,
            only: None,
            choices: Vec::new(),
            total: 0,
            done: 0,
            failed: 0,
            message: None,
            created_at: self.clock.now(),
            apply_began_at: None,
            ended_at: None,
            occurrences: 1,
        }
    }

    /// Tells whoever looks at a sync, and whoever works on them.
    pub(crate) fn publish_sync(&self, run: &SyncRun) {
        self.sync_wake.notify_one();
        self.notices.publish(Topic::SyncRun(run.id));
        self.notices.publish(Topic::Group(run.group_id));
        self.notices.publish(Topic::Overview);
    }

    async fn sync_actions(
        &self,
        actor: &Actor,
        group: &FailoverGroup,
        run: &SyncRun,
    ) -> Result<Vec<ActionAvailability>, Problem> {
        let in_place = match run.state {
            SyncRunState::Planned => None,
            SyncRunState::Planning => Some("The plan is still being made.".to_owned()),
            SyncRunState::Applying => Some("The plan is being applied.".to_owned()),
            _ => Some("This sync has ended; plan a new one.".to_owned()),
        };
        // A plan that may not be applied now can be cancelled all the same.
        let hindrance = match run.state {
            SyncRunState::Planned => self.hindrance(group, run).await?.map(|problem| problem.what_happened),
            _ => in_place.clone(),
        };
        let availability = |(action, in_place): (Action, Option<String>)| ActionAvailability {
            action: action.as_str().to_owned(),
            why_not: role_matrix::why_not(actor.role, action).or(in_place),
        };
        let mut actions: Vec<_> =
            [(Action::PlanSync, in_place), (Action::ApplySync, hindrance)].map(availability).into();
        actions.push(self.again(actor, group, run));
        Ok(actions)
    }

    /// The run that took the place of a superseded one: the next younger of its pair.
    async fn successor(&self, run: &SyncRun) -> Result<Option<SyncRunId>, Problem> {
        if run.state != SyncRunState::Superseded {
            return Ok(None);
        }
        let runs = self.store.sync_runs(run.group_id, LOOKED_BACK).await.map_err(from_store)?;
        let younger = |other: &&SyncRun| {
            other.pair_id == run.pair_id && (other.created_at, other.id) > (run.created_at, run.id)
        };
        Ok(runs.iter().filter(younger).min_by_key(|other| (other.created_at, other.id)).map(|other| other.id))
    }
}

/// Nothing is written to a workspace before somebody has seen what.
pub(crate) fn first_copy_is_planned() -> Problem {
    not_now(
        "This group was never replicated in full, and its first copy is not made unseen.",
        "Plan a sync, look at the plan, and apply it.",
    )
}

/// When the schedule of a group is due next, given its newest run.
pub(crate) fn is_due(group: &FailoverGroup, newest: Option<&SyncRun>, now: Timestamp) -> bool {
    let Some(interval_ms) = group.sync_interval_ms else { return false };
    match newest {
        None => true,
        Some(run) if !run.state.is_final() && run.state != SyncRunState::Planned => false,
        // One plan that waits is enough. A suspension is noted all the same, and one that a run has left behind
        // nobody waits for.
        Some(run) if run.is_held() && group.suspension.is_none() && !run.trigger.is_of_a_run() => false,
        Some(run) => now.since(run.last_due_at()).0 >= interval_ms,
    }
}
