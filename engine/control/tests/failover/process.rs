//! One life of the panel's process, on a runtime of its own, so that killing it drops whatever it was doing at
//! that moment, the detached tasks of its workers included.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use farshore_control::{Control, ControlOptions, RunCommand, RunRequestInput, store::Store};
use farshore_databricks::ClientOptions;
use farshore_model::{
    DurationMs, Lease, RunId, Timestamp,
    run::{JournalEntry, Run, RunHead, RunMode, RunRecord, RunState, RunbookKind},
    sync_run::SyncRunState,
    view::PlanFilter,
};
use farshore_runbook::{Guard, RunFilter, RunStore, StoreError};
use farshore_store::SqlStore;
use tokio::{
    runtime::Runtime,
    sync::{Notify, watch},
};
use uuid::Uuid;

use crate::{
    content,
    world::{GROUP_NAME, OpenVault, RandomIds, World, approver, operator},
};

const LEASE_MS: i64 = 10_000;
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Process {
    pub control: Arc<Control>,
    /// Ready once the process was to be killed; until then it goes on.
    pub killed: Arc<Notify>,
    runtime: Option<Runtime>,
    _stop: watch::Sender<bool>,
}

/// Where in an append the process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KillPoint {
    /// What was done is not written down.
    BeforeCommit,
    /// It is written down, and nobody gets to know.
    AfterCommit,
}

impl Process {
    /// With all its workers.
    pub async fn start(world: &World) -> Self {
        let process = Self::idle(world).await;
        let control = Arc::clone(&process.control);
        let stop = process._stop.subscribe();
        process.spawn(async move {
            let mut workers = control.start_workers(&stop);
            while workers.join_next().await.is_some() {}
        });
        process
    }

    /// With an executor that is killed at its `appends`-th journal entry, and the workers that it needs.
    pub async fn start_dying(world: &World, appends: u32, point: KillPoint) -> Self {
        Self::start_behind(world, |inner, killed| {
            Arc::new(KillingStore { inner, appends_left: AtomicU32::new(appends), point, killed })
        })
        .await
    }

    /// With an executor that writes through another store than its own, and the workers that it needs.
    pub async fn start_behind(
        world: &World,
        stand_before: impl FnOnce(Arc<dyn RunStore>, Arc<Notify>) -> Arc<dyn RunStore>,
    ) -> Self {
        let process = Self::idle(world).await;
        let store = stand_before(Arc::new(world.open_store().await), Arc::clone(&process.killed));
        let executor = process.control.executor(store).expect("registry");
        process.spawn(executor.work(std::future::pending()));
        let control = Arc::clone(&process.control);
        process.spawn(async move {
            loop {
                Arc::clone(&control).work_on_syncs().await;
                Arc::clone(&control).work_on_fences().await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        process
    }

    /// Without workers: it does what it is told to.
    pub async fn idle(world: &World) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("runtime");
        let url = world.database();
        let opening = runtime.spawn(async move { SqlStore::open(&url).await.expect("database") });
        let store: Arc<dyn Store> = Arc::new(opening.await.expect("opened"));
        let options = ControlOptions {
            client: ClientOptions {
                request_timeout_ms: 5_000,
                max_retries: 2,
                max_retry_wait_ms: 2_000,
                ..ClientOptions::default()
            },
            lease_ms: LEASE_MS,
            health_interval_ms: 500,
            fence_interval_ms: 200,
            ..ControlOptions::default()
        };
        let clock = world.clock.clone();
        let control = Control::new(store, Arc::new(OpenVault), clock, Arc::new(RandomIds), options, None);
        Self {
            control: Arc::new(control),
            killed: Arc::default(),
            runtime: Some(runtime),
            _stop: watch::channel(false).0,
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.runtime {
            runtime.spawn(task);
        }
    }

    /// As `kill -9` would, and as much later as its leases last.
    pub fn kill(self, world: &World) {
        drop(self);
        world.clock.advance_ms(LEASE_MS + 1_000);
    }

    /// The first copy, and a smoke job.
    pub async fn copy(&self, world: &World) {
        let id = self.control.request_sync(&operator(), world.group, false).await.expect("plan")[0];
        let planned = async || {
            let page = self.control.sync_page(&operator(), id, PlanFilter::default()).await.expect("page");
            (page.run.state == SyncRunState::Planned).then_some(page.plan_hash?)
        };
        let mut hash = None;
        until("the plan", async || {
            hash = planned().await;
            hash.is_some()
        })
        .await;
        self.control.apply_plan(&operator(), id, &hash.expect("a plan has one")).await.expect("apply");
        let copied = async || {
            let page = self.control.group_page(&operator(), world.group).await.expect("page");
            let run = page.sync_runs.first().expect("was requested");
            assert!(run.failed == 0 && (!run.state.is_final() || run.message.is_none()), "{run:?}");
            page.card.replication.point.is_some()
        };
        until("the first copy", copied).await;
        let page = self.control.group_page(&operator(), world.group).await.expect("page");
        let smoke =
            page.smoke_candidates.iter().find(|job| job.name == content::SMOKE_JOB).expect("was copied");
        let edit = farshore_control::EditGroup {
            version: page.card.group.version,
            name: page.card.group.name.clone(),
            department_id: None,
            sync_interval_ms: None,
            smoke_job_key: Some(smoke.key.clone()),
        };
        let admin = crate::world::person(9, "Adam Admin", farshore_model::Role::Admin);
        self.control.edit_group(&admin, world.group, edit).await.expect("smoke job");
    }

    pub async fn request(&self, world: &World, kind: RunbookKind) -> RunId {
        self.request_in(world, kind, RunMode::Forced).await
    }

    pub async fn request_in(&self, world: &World, kind: RunbookKind, mode: RunMode) -> RunId {
        let input = RunRequestInput {
            group: world.group,
            kind,
            mode,
            target_region: None,
            reason: "The region is gone.".to_owned(),
            confirm_name: GROUP_NAME.to_owned(),
        };
        self.control.request_run(&operator(), input).await.expect("requested")
    }

    pub async fn approve(&self, run: RunId) {
        let approve = RunCommand::Approve { comment: "Go.".to_owned() };
        self.control.command_run(&approver(), run, approve).await.expect("approved");
    }

    pub async fn request_approved(&self, world: &World, kind: RunbookKind) -> RunId {
        let run = self.request(world, kind).await;
        self.approve(run).await;
        run
    }

    /// The run once it has ended, or waits for a person.
    pub async fn settled(&self, run: RunId) -> Run {
        let is_settled = async || {
            let run = self.run(run).await;
            run.state.is_ended() || run.state.is_paused() || run.next_move().is_none()
        };
        until("the end of the run", is_settled).await;
        self.run(run).await
    }

    pub async fn run(&self, run: RunId) -> Run {
        self.control.run_page(&operator(), run).await.expect("run page").run
    }

    /// A whole run, which has to end well.
    pub async fn carry_out(&self, world: &World, kind: RunbookKind) -> Run {
        let run = self.request_approved(world, kind).await;
        let run = self.settled(run).await;
        assert!(
            matches!(run.state, RunState::Completed | RunState::CompletedWithExceptions),
            "{:#?}",
            run.steps
        );
        run
    }

    /// Until the fence of the group's last failover holds.
    pub async fn fenced(&self, world: &World) {
        let is_closed = async || {
            let page = self.control.group_page(&operator(), world.group).await.expect("page");
            page.fences.iter().all(|fence| fence.closed_at.is_some())
        };
        until("the fence", is_closed).await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(waited.await.is_ok(), "waited in vain for {what}");
}

/// Stands before the run store of one process. At the given append it tells that the process is to be killed,
/// and answers nothing more.
struct KillingStore {
    inner: Arc<dyn RunStore>,
    appends_left: AtomicU32,
    point: KillPoint,
    killed: Arc<Notify>,
}

#[async_trait]
impl RunStore for KillingStore {
    async fn create_run(&self, record: &RunRecord, first: &JournalEntry) -> Result<(), StoreError> {
        self.inner.create_run(record, first).await
    }

    async fn append_entry(
        &self,
        entry: &JournalEntry,
        head: RunHead,
        guard: Guard,
    ) -> Result<(), StoreError> {
        let left =
            self.appends_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_ok() {
            return self.inner.append_entry(entry, head, guard).await;
        }
        if self.point == KillPoint::AfterCommit {
            self.inner.append_entry(entry, head, guard).await?;
        }
        self.killed.notify_one();
        std::future::pending().await
    }

    async fn journal_since(&self, run: RunId, seq: i64) -> Result<Vec<JournalEntry>, StoreError> {
        self.inner.journal_since(run, seq).await
    }

    async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRecord>, StoreError> {
        self.inner.runs(filter).await
    }

    async fn claim_next_run(
        &self,
        owner: Uuid,
        now: Timestamp,
        length: DurationMs,
    ) -> Result<Option<Lease>, StoreError> {
        self.inner.claim_next_run(owner, now, length).await
    }

    async fn renew_run(&self, lease: &Lease, now: Timestamp, length: DurationMs) -> Result<bool, StoreError> {
        self.inner.renew_run(lease, now, length).await
    }

    async fn release_run(&self, lease: &Lease) -> Result<(), StoreError> {
        self.inner.release_run(lease).await
    }
}
