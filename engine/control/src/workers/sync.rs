//! Makes and applies sync plans. A sync run is a row with a state; whoever leases it carries it on from where
//! it stands, so that a kill at any moment costs time and nothing else.

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use farshore_model::{
    DurationMs, Lease, PlanId, Problem, Timestamp,
    group::FailoverGroup,
    plan::SyncPlan,
    sync_run::{ItemOutcome, SyncRun, SyncRunState, SyncTrigger},
    view::Topic,
};
use farshore_sync::{
    ApplyError, OutcomeSink, PairContext, PlanError, SinkError, SyncOptions, SyncPolicy, WorkspaceEnd,
    apply_plan, leaves_target_ahead, make_partial_plan, make_plan,
};

use crate::{
    Control,
    audit::not_found,
    problem::{chain, from_store},
    store::StoreError,
    workspaces::Patience,
};

/// Open pages hear of progress at most this often.
const PROGRESS_NOTICE_US: i64 = 250_000;

/// Why a sync run stopped before its end.
enum Stop {
    /// Another process goes on with it, or it was suspended: nothing may be written here.
    LeaseLost,
    /// To be shown on the run.
    Failed(String),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost => Self::LeaseLost,
            error => Self::Failed(from_store(error).to_string()),
        }
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem.to_string())
    }
}

impl From<PlanError> for Stop {
    fn from(error: PlanError) -> Self {
        tracing::warn!(error = chain(&error), "a sync could not be planned");
        if error.is_lease_lost() { Self::LeaseLost } else { Self::Failed(told(&error, &error.remedy())) }
    }
}

impl From<ApplyError> for Stop {
    fn from(error: ApplyError) -> Self {
        tracing::warn!(error = chain(&error), "a sync stopped");
        if error.is_lease_lost() { Self::LeaseLost } else { Self::Failed(told(&error, &error.remedy())) }
    }
}

/// What happened and what to do, as a person reads it.
fn told(error: &dyn Error, remedy: &str) -> String {
    let what = error.to_string();
    let mut rest = what.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}. {remedy}", rest.as_str())
}

impl Control {
    /// One round: whatever has work and nobody has, is taken and worked on in a task of its own.
    pub async fn work_on_syncs(self: Arc<Self>) {
        let runs = match self.store.working_sync_runs().await {
            Ok(runs) => runs,
            Err(error) => {
                tracing::error!(error = chain(&error), "sync runs could not be read");
                return;
            }
        };
        for run in runs {
            let (now, lease_ms) = (self.clock.now(), self.options.lease_ms);
            match self.store.acquire_lease(run.id.0, self.owner, now, lease_ms).await {
                Ok(Some(lease)) => {
                    tokio::spawn(Arc::clone(&self).work_on_sync(run.id, lease));
                }
                Ok(None) => {}
                Err(error) => tracing::error!(error = chain(&error), "a sync run could not be leased"),
            }
        }
    }

    /// Carries one run on for as long as the lease lasts.
    async fn work_on_sync(self: Arc<Self>, id: farshore_model::SyncRunId, lease: Lease) {
        tokio::select! {
            () = self.carry_on(id, &lease) => {}
            () = self.keep_lease(&lease) => tracing::warn!(%id, "the lease of a sync run was lost"),
        }
        if let Err(error) = self.store.release_lease(&lease).await {
            tracing::warn!(error = chain(&error), "a lease could not be given back; it will expire");
        }
    }

    /// Renews the lease time and again; ends when it is lost. A store that does not answer is forgiven for as
    /// long as the lease lasts: after that somebody else may have it.
    pub(super) async fn keep_lease(&self, lease: &Lease) {
        let (clock, lease_ms) = (&self.clock, DurationMs(self.options.lease_ms));
        let renew_every = Duration::from_millis(u64::try_from(self.options.lease_ms / 10).unwrap_or(1_000));
        let mut expires_at = clock.now() + lease_ms;
        loop {
            tokio::time::sleep(renew_every).await;
            let now = clock.now();
            let renewal = self.store.renew_lease(lease, now, self.options.lease_ms);
            match tokio::time::timeout(renew_every, renewal).await {
                Ok(Ok(true)) => expires_at = now + lease_ms,
                Ok(Ok(false)) => return,
                Ok(Err(error)) => tracing::warn!(error = chain(&error), "a lease could not be renewed"),
                Err(_) => tracing::warn!("the store is slow to renew a lease"),
            }
            if clock.now() >= expires_at {
                return;
            }
        }
    }

    async fn carry_on(&self, id: farshore_model::SyncRunId, lease: &Lease) {
        // Read again under the lease: whoever had it before may have moved the run on.
        let mut run = match self.store.sync_run(id).await {
            Ok(Some(run)) if run.state.is_working() => run,
            Ok(_) => return,
            Err(error) => {
                tracing::error!(error = chain(&error), "a sync run could not be read");
                return;
            }
        };
        match self.advance(&mut run, lease).await {
            Ok(()) => {}
            Err(Stop::LeaseLost) => return,
            Err(Stop::Failed(message)) => {
                run.state = SyncRunState::Failed;
                run.message = Some(message);
                run.ended_at = Some(self.clock.now());
                if let Err(error) = self.store.update_sync_run(lease, &run).await {
                    tracing::error!(error = chain(&error), "the failure of a sync could not be recorded");
                }
            }
        }
        self.publish_sync(&run);
        if let Err(problem) = self.evaluate_readiness(run.group_id).await {
            tracing::error!(%problem, "readiness could not be evaluated");
        }
    }

    async fn advance(&self, run: &mut SyncRun, lease: &Lease) -> Result<(), Stop> {
        let group = self.known_group(run.group_id).await?;
        if let Some(suspension) = group.suspension.as_ref().filter(|_| !run.trigger.is_of_a_run()) {
            return self.end(run, lease, SyncRunState::Suspended, Some(suspension.reason.clone())).await;
        }
        let context = self.pair_context(run, &group, *lease).await?;
        if run.state == SyncRunState::Planning {
            let plan = self.make_plan(run, &context, PlanId(self.ids.next())).await?;
            self.store.insert_plan(lease, &plan).await?;
            run.plan_id = Some(plan.id);
            run.total = plan.counts.to_apply();
            // A choice is written down by applying it, even where nothing goes to a workspace.
            if run.total == 0 && plan.counts.conflict == 0 && run.choices.is_empty() {
                return self.complete_sync(run, lease, &plan).await;
            }
            // Said also to those who look at the plan anyway.
            run.message = self.why_held(run.pair_id, &plan, &context.settings).await?;
            if !run.is_applied_at_once || run.message.is_some() {
                run.state = SyncRunState::Planned;
                self.store.update_sync_run(lease, run).await?;
                return Ok(());
            }
            run.state = SyncRunState::Applying;
            return self.apply(run, lease, &context, plan).await;
        }
        let plan = match run.plan_id {
            Some(id) => self.store.plan(id).await?.ok_or_else(|| not_found("plan any more"))?,
            None => return Err(Stop::Failed("The plan of this sync is missing; plan it again.".to_owned())),
        };
        // A person looked at this plan some time ago: it is applied only if it is still the plan. The same plan
        // made anew is not stored again; it only knows a later moment at which the listing began.
        if run.apply_began_at.is_none() {
            run.message = None;
            let fresh = self.make_plan(run, &context, plan.id).await?;
            if fresh.hash != plan.hash {
                return self.supersede(run, lease).await;
            }
            return self.apply(run, lease, &context, fresh).await;
        }
        self.apply(run, lease, &context, plan).await
    }

    /// Of everything, or of the objects that the run is about.
    async fn make_plan(&self, run: &SyncRun, context: &PairContext, id: PlanId) -> Result<SyncPlan, Stop> {
        let policy = policy_of(run);
        if run.only.is_none() {
            return Ok(make_plan(context, run.source, id, &policy).await?);
        }
        let objects = self.store.sync_run_objects(run.id).await?;
        Ok(make_partial_plan(context, run.source, id, &policy, &objects).await?)
    }

    async fn apply(
        &self,
        run: &mut SyncRun,
        lease: &Lease,
        context: &PairContext,
        plan: SyncPlan,
    ) -> Result<(), Stop> {
        run.apply_began_at.get_or_insert(self.clock.now());
        self.store.update_sync_run(lease, run).await?;
        self.publish_sync(run);
        let recorded = self.store.recorded_items(run.id).await?;
        let sink =
            RecordingSink { control: self, lease: *lease, run: run.clone(), noticed_at: AtomicI64::new(0) };
        apply_plan(context, &plan, &recorded, &sink).await?;
        if let Some(stored) = self.store.sync_run(run.id).await? {
            (run.done, run.failed) = (stored.done, stored.failed);
        }
        self.compare_people_after(&plan).await;
        self.complete_sync(run, lease, &plan).await
    }

    /// Ends a run whose plan was applied. Only a complete one moves the replication point.
    async fn complete_sync(&self, run: &mut SyncRun, lease: &Lease, plan: &SyncPlan) -> Result<(), Stop> {
        if run.failed == 0 && plan.counts.conflict == 0 {
            // Something else is not on the other side yet.
            if plan.counts.left_out > 0 {
                let message = still_to_come(plan.counts.left_out);
                return self.end(run, lease, SyncRunState::Completed, Some(message)).await;
            }
            // What a failback keeps on the returned side is on the other one only after the next replication.
            if run.trigger != SyncTrigger::Failback || !leaves_target_ahead(plan) {
                self.store.set_replication_point(lease, run.pair_id, plan.listing_began_at).await?;
            }
            return self.end(run, lease, SyncRunState::Completed, None).await;
        }
        let objects =
            |count: u32| if count == 1 { "1 object".to_owned() } else { format!("{count} objects") };
        let waiting = |count: u32| if count == 1 { "waits for a choice" } else { "wait for a choice" };
        let what = match (run.failed, plan.counts.conflict) {
            (failed, 0) => format!("{} failed", objects(failed)),
            (0, conflicts) => format!("{} {}", objects(conflicts), waiting(conflicts)),
            (failed, conflicts) => {
                format!("{} failed and {conflicts} {}", objects(failed), waiting(conflicts))
            }
        };
        let message = format!("{what}; the replication point stays where it was.");
        self.end(run, lease, SyncRunState::CompletedWithFailures, Some(message)).await
    }

    async fn end(
        &self,
        run: &mut SyncRun,
        lease: &Lease,
        state: SyncRunState,
        message: Option<String>,
    ) -> Result<(), Stop> {
        run.state = state;
        run.message = message;
        run.ended_at = Some(self.clock.now());
        self.store.update_sync_run(lease, run).await?;
        Ok(())
    }

    /// What the plan was made from has changed: a new one is made for the person to look at.
    async fn supersede(&self, run: &mut SyncRun, lease: &Lease) -> Result<(), Stop> {
        let message = "One of the workspaces has changed since this plan was made, so nothing was applied.";
        self.end(run, lease, SyncRunState::Superseded, Some(message.to_owned())).await?;
        let pair = self.store.pair(run.pair_id).await?.ok_or_else(|| not_found("pair"))?;
        let mut next = self.new_sync_run(&pair, run.source, run.trigger);
        next.requested_by.clone_from(&run.requested_by);
        next.is_applied_at_once = false;
        next.only = run.only;
        next.choices.clone_from(&run.choices);
        let inserted = match run.only {
            None => self.store.insert_sync_run(&next).await,
            Some(_) => {
                let objects = self.store.sync_run_objects(run.id).await?;
                self.store.insert_partial_sync_run(&next, &objects).await
            }
        };
        match inserted {
            Ok(()) => self.publish_sync(&next),
            // One of the schedule came in between, and shows the same changes.
            Err(StoreError::NotNow) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn pair_context(
        &self,
        run: &SyncRun,
        group: &FailoverGroup,
        lease: Lease,
    ) -> Result<PairContext, Stop> {
        let pair = self.store.pair(run.pair_id).await?.ok_or_else(|| not_found("pair"))?;
        Ok(PairContext {
            pair_id: pair.id,
            group_id: group.id,
            primary: self.workspace_end(pair.primary, Patience::Full).await?,
            secondary: self.workspace_end(pair.secondary, Patience::Full).await?,
            ledger: self.store.clone(),
            lease,
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            options: SyncOptions { max_in_flight: self.options.max_in_flight, ..SyncOptions::default() },
            settings: Arc::new(self.store.settings(group.id).await?.settings),
        })
    }

    pub(crate) async fn workspace_end(
        &self,
        id: farshore_model::WorkspaceId,
        patience: Patience,
    ) -> Result<WorkspaceEnd, Problem> {
        let workspace =
            self.store.workspace(id).await.map_err(from_store)?.ok_or_else(|| not_found("workspace"))?;
        let client = self.client_of(&workspace, patience).await?;
        Ok(WorkspaceEnd { client, org_id: workspace.org_id })
    }
}

/// What a run about some objects alone says of all the others.
fn still_to_come(left_out: u32) -> String {
    let others = match left_out {
        1 => "1 other object differs and waits".to_owned(),
        count => format!("{count} other objects differ and wait"),
    };
    format!(
        "This sync was about some objects alone: {others} for the next whole sync, and the replication point \
         stays where it was."
    )
}

fn policy_of(run: &SyncRun) -> SyncPolicy {
    let choices: BTreeMap<_, _> = run.choices.iter().cloned().collect();
    match run.trigger {
        SyncTrigger::Manual | SyncTrigger::Schedule | SyncTrigger::Failover => {
            SyncPolicy { choices, ..SyncPolicy::forward() }
        }
        SyncTrigger::Failback => SyncPolicy::carry_back(choices),
    }
}

/// Records outcomes under the lease and lets open pages know, not for each of thousands of objects.
struct RecordingSink<'a> {
    control: &'a Control,
    lease: Lease,
    run: SyncRun,
    noticed_at: AtomicI64,
}

#[async_trait]
impl OutcomeSink for RecordingSink<'_> {
    async fn record(&self, outcome: &ItemOutcome) -> Result<(), SinkError> {
        self.control.store.record_outcome(&self.lease, self.run.id, outcome).await.map_err(|error| {
            match error {
                StoreError::LeaseLost => SinkError::LeaseLost,
                error => SinkError::Store(Box::new(error)),
            }
        })?;
        let Timestamp(now) = self.control.clock.now();
        let before = self.noticed_at.load(Ordering::Relaxed);
        if now - before >= PROGRESS_NOTICE_US
            && self.noticed_at.compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            self.control.notices.publish(Topic::SyncRun(self.run.id));
        }
        Ok(())
    }
}
