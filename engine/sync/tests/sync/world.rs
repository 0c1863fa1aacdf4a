//! Two simulated workspaces, a ledger, and what tests do with them again and again.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use farshore_databricks::{ClientOptions, Credential, WorkspaceClient};
use farshore_model::{
    Clock, GroupId, IdSource, PairId, PlanId, Timestamp,
    group::Side,
    kind::ObjectKind,
    ledger::LedgerEntry,
    plan::{PlanAction, PlanItem, SyncPlan},
    sync_run::{ItemOutcome, OutcomeState},
};
use farshore_simulator::{ChangeActor, Content, Effect, Fault, RunningSimulator, SimulatorConfig};
use farshore_sync::{
    ApplyReport, LedgerStore, MemoryLedger, OutcomeSink, PairContext, PlanError, SinkError, SyncLease,
    SyncOptions, SyncPolicy, WorkspaceEnd, apply_plan, make_plan, render_text,
};
use serde_json::Value;
use uuid::Uuid;

const TOKEN: &str = "dapi-test";

pub struct World {
    pub primary: RunningSimulator,
    pub secondary: RunningSimulator,
    pub ctx: PairContext,
    pub ledger: Arc<MemoryLedger>,
}

struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the simulators tell real time")]
    fn now(&self) -> Timestamp {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(elapsed.as_micros()).unwrap())
    }
}

struct Counter(AtomicU64);

impl IdSource for Counter {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

/// Remembers every outcome.
#[derive(Default)]
pub struct Sink(Mutex<BTreeMap<u32, ItemOutcome>>);

#[async_trait]
impl OutcomeSink for Sink {
    async fn record(&self, outcome: &ItemOutcome) -> Result<(), SinkError> {
        self.0.lock().unwrap().insert(outcome.index, outcome.clone());
        Ok(())
    }
}

impl Sink {
    pub fn done(&self) -> BTreeSet<u32> {
        self.0.lock().unwrap().keys().copied().collect()
    }

    pub fn outcomes(&self) -> Vec<ItemOutcome> {
        self.0.lock().unwrap().values().cloned().collect()
    }

    pub fn failed(&self) -> Vec<ItemOutcome> {
        let outcomes = self.0.lock().unwrap();
        outcomes.values().filter(|outcome| outcome.state == OutcomeState::Failed).cloned().collect()
    }
}

pub async fn simulator(region: &str, content: Content) -> RunningSimulator {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = SimulatorConfig {
        content,
        // Schedules are not what is tested here.
        scheduler_tick_ms: 3_600_000,
        cluster_start_ms: 20,
        ..SimulatorConfig::new(listen, TOKEN, region)
    };
    farshore_simulator::start(config).await.unwrap()
}

pub fn client(simulator: &RunningSimulator, options: ClientOptions) -> WorkspaceClient {
    let _ = rustls::crypto::ring::default_provider().install_default();
    WorkspaceClient::new(simulator.url().parse().unwrap(), Credential::Token(TOKEN.into()), options).unwrap()
}

/// Impatient, so that a fault does not take a minute; and not held to the published limits.
pub fn impatient() -> ClientOptions {
    ClientOptions {
        request_timeout_ms: 1_500,
        max_retries: 1,
        max_retry_wait_ms: 1_500,
        honours_published_limits: false,
        jitter_seed: Some(1),
        ..ClientOptions::default()
    }
}

impl World {
    /// A filled primary and an empty secondary.
    pub async fn start() -> Self {
        let world = Self::with(Content::Empty).await;
        crate::content::fill(&world.ctx.primary.client).await;
        world.primary.control().clear_changes();
        world
    }

    pub async fn with(content: Content) -> Self {
        let primary = simulator("us-east-1", content).await;
        let secondary = simulator("us-west-2", Content::Empty).await;
        let ledger = Arc::new(MemoryLedger::new());
        let end = async |simulator: &RunningSimulator| {
            let client = client(simulator, impatient());
            let org_id = client.me().await.unwrap().org_id.unwrap();
            WorkspaceEnd { client, org_id }
        };
        let ctx = PairContext {
            pair_id: PairId(Uuid::from_u128(1)),
            group_id: GroupId(Uuid::from_u128(2)),
            primary: end(&primary).await,
            secondary: end(&secondary).await,
            ledger: ledger.clone(),
            lease: SyncLease { holder: Uuid::from_u128(3), owner: Uuid::from_u128(4), generation: 1 },
            clock: Arc::new(SystemClock),
            ids: Arc::new(Counter(AtomicU64::new(1_000))),
            options: SyncOptions::default(),
            settings: Arc::default(),
        };
        Self { primary, secondary, ctx, ledger }
    }

    /// With time for what is large, however busy the machine is.
    pub fn patient(mut self) -> Self {
        let options = || ClientOptions { request_timeout_ms: 30_000, ..impatient() };
        self.ctx.primary.client = client(&self.primary, options());
        self.ctx.secondary.client = client(&self.secondary, options());
        self
    }

    pub fn simulator(&self, side: Side) -> &RunningSimulator {
        match side {
            Side::Primary => &self.primary,
            Side::Secondary => &self.secondary,
        }
    }

    pub fn client(&self, side: Side) -> &WorkspaceClient {
        &self.ctx.end(side).client
    }

    pub async fn try_plan(&self, source: Side, policy: &SyncPolicy) -> Result<SyncPlan, PlanError> {
        make_plan(&self.ctx, source, PlanId(self.ctx.ids.next()), policy).await
    }

    /// A plan of a replication from the primary.
    pub async fn plan(&self) -> SyncPlan {
        self.try_plan(Side::Primary, &SyncPolicy::forward()).await.unwrap()
    }

    pub async fn apply(&self, plan: &SyncPlan) -> (ApplyReport, Sink) {
        let sink = Sink::default();
        let report = apply_plan(&self.ctx, plan, &BTreeSet::new(), &sink).await.unwrap();
        (report, sink)
    }

    /// A replication in which everything has to succeed.
    pub async fn sync(&self) -> SyncPlan {
        let plan = self.plan().await;
        let (report, sink) = self.apply(&plan).await;
        assert_eq!(report.failed, 0, "{:#?}", sink.failed());
        plan
    }

    /// Nothing is left to do, and looking changed nothing.
    pub async fn assert_in_sync(&self) {
        let before = (self.primary.control().changes(), self.secondary.control().changes());
        let plan = self.plan().await;
        assert_eq!(plan.counts.to_apply() + plan.counts.conflict, 0, "{}", render_text(&plan));
        assert_eq!((self.primary.control().changes(), self.secondary.control().changes()), before);
    }

    pub async fn entries(&self) -> Vec<LedgerEntry> {
        self.ledger.load(self.ctx.pair_id).await.unwrap()
    }

    pub async fn entry(&self, kind: ObjectKind, name: &str) -> LedgerEntry {
        let entries = self.entries().await;
        entries.into_iter().find(|entry| entry.object.kind == kind && *entry.name == *name).unwrap()
    }

    pub async fn id(&self, kind: ObjectKind, name: &str, side: Side) -> String {
        self.entry(kind, name).await.id_on(side).unwrap().to_owned()
    }

    pub async fn job_id(&self, name: &str, side: Side) -> i64 {
        self.id(ObjectKind::Jobs, name, side).await.parse().unwrap()
    }

    /// Edits a cluster as soon as it lets itself be edited: not while it is being terminated.
    pub async fn edit_cluster(&self, side: Side, settings: &Value) {
        let client = self.client(side);
        let id = settings["cluster_id"].as_str().expect("a cluster that is there");
        for _ in 0..200 {
            let cluster = client.get_cluster(id).await.expect("cluster");
            if matches!(cluster["state"].as_str(), Some("RUNNING" | "TERMINATED")) {
                client.edit_cluster(settings).await.expect("edited");
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the cluster {id} never comes to rest");
    }

    /// What was done to a workspace through its API, in an order that does not depend on timing.
    pub fn done_to(&self, side: Side) -> Vec<String> {
        let changes = self.simulator(side).control().changes();
        let by_api = changes.into_iter().filter(|change| change.actor == ChangeActor::Api);
        // What a policy's definition is summed up as depends on ids, which are never the same.
        let summary = |change: farshore_simulator::Change| match change.summary.split_once(": definition ") {
            Some((policy, _)) => policy.to_owned(),
            None => change.summary,
        };
        let mut summaries: Vec<String> = by_api.map(summary).collect();
        summaries.sort();
        summaries
    }
}

/// The items that change something, as action, kind and name.
pub fn to_apply(plan: &SyncPlan) -> Vec<(PlanAction, ObjectKind, String)> {
    let is_done = |item: &&PlanItem| !matches!(item.action, PlanAction::Skip | PlanAction::Conflict);
    plan.items
        .iter()
        .filter(is_done)
        .map(|item| (item.action, item.object.kind, item.name.to_string()))
        .collect()
}

pub fn item<'a>(plan: &'a SyncPlan, name: &str) -> &'a PlanItem {
    plan.items
        .iter()
        .find(|item| *item.name == *name)
        .unwrap_or_else(|| panic!("{name} in {}", render_text(plan)))
}

pub fn fault(path: &str, times: Option<u32>, effect: Effect) -> Fault {
    Fault { method: None, path_prefix: Some(path.to_owned()), times, rate: None, effect }
}

pub fn refusal(status: u16, error_code: &str) -> Effect {
    Effect::Error { status, error_code: error_code.to_owned(), message: "on purpose".to_owned() }
}
