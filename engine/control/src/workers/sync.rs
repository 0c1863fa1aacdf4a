//! Makes and applies sync plans. A sync run is a row with a state; whoever leases it carries it on from where
//! it stands, so that a kill at any moment costs time and nothing else.

mod end;
mod record;
mod stop;

use std::{collections::BTreeMap, sync::Arc};

use farshore_model::{
    Lease, PlanId, SyncRunId,
    group::FailoverGroup,
    plan::SyncPlan,
    sync_run::{SyncRun, SyncRunState, SyncTrigger},
};
use farshore_sync::{PairContext, SyncOptions, SyncPolicy, apply_plan, make_partial_plan, make_plan};

use self::{record::RecordingSink, stop::Stop};
use crate::{Control, audit::not_found, problem::chain, workspaces::Patience};

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
    async fn work_on_sync(self: Arc<Self>, id: SyncRunId, lease: Lease) {
        tokio::select! {
            () = self.carry_on(id, &lease) => {}
            () = self.keep_lease(&lease) => tracing::warn!(%id, "the lease of a sync run was lost"),
        }
        if let Err(error) = self.store.release_lease(&lease).await {
            tracing::warn!(error = chain(&error), "a lease could not be given back; it will expire");
        }
    }

    async fn carry_on(&self, id: SyncRunId, lease: &Lease) {
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
        let sink = RecordingSink::new(self, *lease, run.id);
        apply_plan(context, &plan, &recorded, &sink).await?;
        if let Some(stored) = self.store.sync_run(run.id).await? {
            (run.done, run.failed) = (stored.done, stored.failed);
        }
        self.compare_people_after(&plan).await;
        self.complete_sync(run, lease, &plan).await
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
