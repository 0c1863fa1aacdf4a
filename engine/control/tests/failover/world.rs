//! What a panel lives in: two regions, a database file, a clock that can be moved. A world can be taken down to
//! a [`Template`] and made again from it, any number of times.

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Once,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use farshore_control::{
    store::{GroupStore, LeaseStore, SealedCredential},
    vault::{Vault, VaultError},
};
use farshore_databricks::{ClientOptions, Credential, WorkspaceClient};
use farshore_model::{
    Actor, Clock, GroupId, IdSource, PairId, Role, Timestamp, UserId, WorkspaceId,
    group::{FailoverGroup, Strategy, WorkspacePair},
    ledger::LedgerEntry,
    workspace::{Cloud, Workspace},
};
use farshore_simulator::{ChangeActor, RunningSimulator, SimulatorConfig};
use farshore_store::SqlStore;
use farshore_sync::{LedgerStore, Watermarks};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use uuid::Uuid;

pub const PRIMARY: &str = "us-east-1";
pub const SECONDARY: &str = "eu-west-1";
pub const GROUP_NAME: &str = "Payments";
const TOKEN: &str = "dapi-test";

/// The machine's clock, and how far it was moved.
#[derive(Default)]
pub struct MovedClock(AtomicI64);

impl MovedClock {
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms * 1_000, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    #[allow(clippy::disallowed_methods, reason = "the tests' only source of time")]
    fn now(&self) -> Timestamp {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        Timestamp(elapsed.as_micros() as i64 + self.0.load(Ordering::SeqCst))
    }
}

pub struct RandomIds;

impl IdSource for RandomIds {
    #[allow(clippy::disallowed_methods, reason = "the tests' only source of ids")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// Keeps tokens as they are.
pub struct OpenVault;

impl Vault for OpenVault {
    fn seal(&self, _: &str, credential: &Credential) -> Result<SealedCredential, VaultError> {
        match credential {
            Credential::Token(token) => Ok(SealedCredential(token.expose_secret().as_bytes().to_vec())),
            Credential::ClientSecret { .. } => Err(VaultError::Seal),
        }
    }

    fn open(&self, _: &str, sealed: &SealedCredential) -> Result<Credential, VaultError> {
        let token = String::from_utf8(sealed.0.clone()).map_err(|_| VaultError::Open)?;
        Ok(Credential::Token(token.into()))
    }
}

pub struct World {
    pub clock: Arc<MovedClock>,
    pub primary: RunningSimulator,
    pub secondary: RunningSimulator,
    pub group: GroupId,
    pub pair: PairId,
    folder: TempDir,
}

/// A world that stands still.
pub struct Template {
    primary_state: Vec<u8>,
    secondary_state: Vec<u8>,
    group: FailoverGroup,
    pair: WorkspacePair,
    ledger: Vec<LedgerEntry>,
    watermarks: Watermarks,
}

impl World {
    /// Two empty workspaces, paired.
    pub async fn new() -> Self {
        let ids = RandomIds;
        let now = MovedClock::default().now();
        let group = FailoverGroup {
            id: GroupId(ids.next()),
            name: GROUP_NAME.to_owned(),
            strategy: Strategy::ActivePassive,
            department_id: None,
            primary_region: PRIMARY.to_owned(),
            active_region: PRIMARY.to_owned(),
            sync_interval_ms: None,
            smoke_job: None,
            suspension: None,
            version: 1,
            created_at: now,
        };
        let pair = WorkspacePair {
            id: PairId(ids.next()),
            group_id: group.id,
            primary: WorkspaceId(ids.next()),
            secondary: WorkspaceId(ids.next()),
            replication_point: None,
            created_at: now,
        };
        Self::begin(tempfile::tempdir().expect("folder"), &group, &pair).await
    }

    pub async fn restored(template: &Template) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(state_file(folder.path(), PRIMARY), &template.primary_state).expect("state");
        fs::write(state_file(folder.path(), SECONDARY), &template.secondary_state).expect("state");
        let world = Self::begin(folder, &template.group, &template.pair).await;
        let store = world.open_store().await;
        let lease = store
            .acquire_lease(Uuid::nil(), Uuid::nil(), world.clock.now(), 60_000)
            .await
            .expect("store")
            .expect("nobody else is there");
        store.put(&lease, &template.ledger).await.expect("ledger");
        store.set_watermarks(&lease, world.pair, &template.watermarks).await.expect("watermarks");
        if let Some(point) = template.pair.replication_point {
            store.set_replication_point(&lease, world.pair, point).await.expect("replication point");
        }
        store.close().await;
        for simulator in [&world.primary, &world.secondary] {
            simulator.control().clear_changes();
        }
        world
    }

    async fn begin(folder: TempDir, group: &FailoverGroup, pair: &WorkspacePair) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let primary = simulate(folder.path(), PRIMARY).await;
        let secondary = simulate(folder.path(), SECONDARY).await;
        let world =
            Self { clock: Arc::default(), primary, secondary, group: group.id, pair: pair.id, folder };
        let workspaces = [
            (world.workspace(pair.primary, PRIMARY, &world.primary).await, sealed()),
            (world.workspace(pair.secondary, SECONDARY, &world.secondary).await, sealed()),
        ];
        let store = world.open_store().await;
        let new = WorkspacePair { replication_point: None, ..pair.clone() };
        store.insert_group(group, &workspaces, &[new], None).await.expect("group");
        store.close().await;
        world
    }

    async fn workspace(&self, id: WorkspaceId, region: &str, simulator: &RunningSimulator) -> Workspace {
        let me = client(simulator).me().await.expect("the simulator answers");
        Workspace {
            id,
            name: format!("payments {region}"),
            host: simulator.url(),
            org_id: me.org_id.expect("every workspace has one"),
            cloud: Cloud::Aws,
            region: region.to_owned(),
            version: 1,
            created_at: self.clock.now(),
        }
    }

    /// Stops the regions and keeps what a panel and they know.
    pub async fn into_template(self) -> Template {
        let store = self.open_store().await;
        let template = |primary_state, secondary_state, group, pair, ledger, watermarks| Template {
            primary_state,
            secondary_state,
            group,
            pair,
            ledger,
            watermarks,
        };
        let group = store.group(self.group).await.expect("store").expect("group");
        let pair = store.pair(self.pair).await.expect("store").expect("pair");
        let ledger = store.load(self.pair).await.expect("ledger");
        let watermarks = store.watermarks(self.pair).await.expect("watermarks");
        store.close().await;
        self.primary.stop().await;
        self.secondary.stop().await;
        let state = |region| fs::read(state_file(self.folder.path(), region)).expect("state");
        template(state(PRIMARY), state(SECONDARY), group, pair, ledger, watermarks)
    }

    pub async fn open_store(&self) -> SqlStore {
        SqlStore::open(&self.database()).await.expect("database")
    }

    pub fn database(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("farshore.db").display())
    }

    /// A workspace that the panel knows nothing of, and what its address and token are.
    pub async fn spare(&self) -> (RunningSimulator, &'static str) {
        (simulate(self.folder.path(), "eu-central-1").await, TOKEN)
    }

    pub fn primary_client(&self) -> WorkspaceClient {
        client(&self.primary)
    }

    pub fn secondary_client(&self) -> WorkspaceClient {
        client(&self.secondary)
    }

    /// What was changed in either workspace over its API, in an order that does not depend on what went on at
    /// the same time.
    pub fn changes(&self) -> Vec<String> {
        let mut changes = Vec::new();
        for (region, simulator) in [(PRIMARY, &self.primary), (SECONDARY, &self.secondary)] {
            let of_api =
                simulator.control().changes().into_iter().filter(|change| change.actor == ChangeActor::Api);
            changes.extend(
                of_api.map(|change| format!("{region} {} {} {}", change.method, change.path, change.summary)),
            );
        }
        changes.sort();
        changes
    }
}

pub fn operator() -> Actor {
    person(1, "Olga Operator", Role::Operator)
}

pub fn approver() -> Actor {
    person(2, "Ana Approver", Role::Approver)
}

pub fn person(number: u128, name: &str, role: Role) -> Actor {
    Actor { id: UserId(Uuid::from_u128(number)), name: name.to_owned(), role }
}

async fn simulate(folder: &Path, region: &str) -> RunningSimulator {
    let mut config = SimulatorConfig::new(([127, 0, 0, 1], 0).into(), TOKEN, region);
    config.state_file = Some(state_file(folder, region));
    config.scheduler_tick_ms = 20;
    config.cluster_start_ms = 10;
    farshore_simulator::start(config).await.expect("simulator")
}

fn state_file(folder: &Path, region: &str) -> std::path::PathBuf {
    folder.join(format!("{region}.json"))
}

fn sealed() -> SealedCredential {
    SealedCredential(TOKEN.as_bytes().to_vec())
}

fn client(simulator: &RunningSimulator) -> WorkspaceClient {
    let host = simulator.url().parse().expect("host");
    WorkspaceClient::new(host, Credential::Token(TOKEN.into()), ClientOptions::default()).expect("client")
}
