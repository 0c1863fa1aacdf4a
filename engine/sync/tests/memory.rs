//! What a large file takes of memory on its way. The workspaces run in a process of their own: they hold what they
//! have in memory, and are not what is measured.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    io::Read,
    net::{Ipv4Addr, SocketAddr},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use farshore_databricks::{ClientOptions, ContentFormat, Credential, ImportTarget, Upload, WorkspaceClient};
use farshore_model::{
    Clock, GroupId, IdSource, PairId, PlanId, Timestamp, group::Side, kind::ObjectKind, sync_run::ItemOutcome,
};
use farshore_simulator::{Content, SimulatorConfig};
use farshore_sync::{
    MemoryLedger, OutcomeSink, PairContext, SinkError, SyncLease, SyncOptions, SyncPolicy, WorkspaceEnd,
    apply_plan, make_plan,
};
use futures::{StreamExt as _, stream};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};
use uuid::Uuid;

const TOKEN: &str = "dapi-test";
const SIZE_BYTES: u64 = 60 * 1024 * 1024;
const PIECE_BYTES: usize = 256 * 1024;
/// For both files at once: what is held of each before it goes into a file, what is on its way, and the plan.
const MOST_GROWTH_BYTES: u64 = 30 * 1024 * 1024;
const FILE: &str = "/Shared/model.bin";
const JAR: &str = "/FileStore/jars/model.jar";

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

struct AllSucceed;

#[async_trait]
impl OutcomeSink for AllSucceed {
    async fn record(&self, outcome: &ItemOutcome) -> Result<(), SinkError> {
        assert_eq!(outcome.error, None, "{}", outcome.name);
        Ok(())
    }
}

#[test]
#[ignore = "the process in which the other test has its workspaces"]
fn two_workspaces() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let _running = runtime.block_on(async {
        let start = async |region: &str| {
            let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let config = SimulatorConfig {
                content: Content::Empty,
                scheduler_tick_ms: 3_600_000,
                ..SimulatorConfig::new(listen, TOKEN, region)
            };
            farshore_simulator::start(config).await.unwrap()
        };
        let pair = (start("us-east-1").await, start("us-west-2").await);
        println!("\nworkspaces {} {}", pair.0.url(), pair.1.url());
        pair
    });
    // Until the other process is done, or gone.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// The process with what it says, and the addresses of its two workspaces.
async fn workspaces() -> ((Child, Lines<BufReader<ChildStdout>>), String, String) {
    let arguments = ["--ignored", "--exact", "two_workspaces", "--nocapture"];
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((primary, secondary)) =
            line.strip_prefix("workspaces ").and_then(|urls| urls.split_once(' '))
        {
            return ((process, lines), primary.to_owned(), secondary.to_owned());
        }
    }
    panic!("the workspaces did not start");
}

async fn end(url: &str) -> WorkspaceEnd {
    let options = ClientOptions { honours_published_limits: false, ..ClientOptions::default() };
    let client =
        WorkspaceClient::new(url.parse().unwrap(), Credential::Token(TOKEN.into()), options).unwrap();
    let org_id = client.me().await.unwrap().org_id.unwrap();
    WorkspaceEnd { client, org_id }
}

const PIECES: u64 = SIZE_BYTES / PIECE_BYTES as u64;

/// No two pieces are equal.
fn piece(number: u64) -> Vec<u8> {
    number.to_le_bytes().repeat(PIECE_BYTES / 8)
}

fn content() -> Upload {
    Upload::new(SIZE_BYTES, || async {
        Ok(stream::iter((0..PIECES).map(|number| Ok(piece(number).into()))).boxed())
    })
}

fn whole() -> Vec<u8> {
    (0..PIECES).flat_map(piece).collect()
}

/// In bytes: `VmRSS`, what is resident now, or `VmHWM`, the most that ever was.
fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn two_files_of_60_mb_take_30_mb_of_memory() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (_process, primary, secondary) = workspaces().await;
    let ctx = PairContext {
        pair_id: PairId(Uuid::from_u128(1)),
        group_id: GroupId(Uuid::from_u128(2)),
        primary: end(&primary).await,
        secondary: end(&secondary).await,
        ledger: Arc::new(MemoryLedger::new()),
        lease: SyncLease { holder: Uuid::from_u128(3), owner: Uuid::from_u128(4), generation: 1 },
        clock: Arc::new(SystemClock),
        ids: Arc::new(Counter(AtomicU64::new(1_000))),
        options: SyncOptions::default(),
        settings: Arc::default(),
    };
    let (here, there) = (&ctx.primary.client, &ctx.secondary.client);
    let target =
        ImportTarget { path: FILE, format: ContentFormat::Raw, language: None, is_overwriting: true };
    here.upload(target, content()).await.unwrap();
    here.put_dbfs(JAR, &content()).await.unwrap();
    let job = json!({"name": "Nightly", "tasks": [{
        "task_key": "main", "spark_jar_task": {"main_class_name": "Main"},
        "libraries": [{"jar": format!("dbfs:{JAR}")}],
        "new_cluster": {"spark_version": "15.4.x-scala2.12", "node_type_id": "m5d.large", "num_workers": 1},
    }]});
    here.create_job(&job).await.unwrap();

    let sync = async || {
        let plan =
            make_plan(&ctx, Side::Primary, PlanId(ctx.ids.next()), &SyncPolicy::forward()).await.unwrap();
        apply_plan(&ctx, &plan, &BTreeSet::new(), &AllSucceed).await.unwrap();
        let files = [ObjectKind::Files, ObjectKind::DbfsFiles];
        plan.items.iter().filter(|item| files.contains(&item.object.kind)).count()
    };
    // The most ever is forgotten, and counts anew from here.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS:");
    assert_eq!(sync().await, 2);
    // Both sides have just changed, so that both are read and compared.
    assert_eq!(sync().await, 0);
    let growth = memory("VmHWM:").saturating_sub(before);
    println!("{} KiB more for two files of {} KiB", growth / 1024, SIZE_BYTES / 1024);
    assert!(growth < MOST_GROWTH_BYTES, "{growth} bytes");

    let copy = there.export(FILE, ContentFormat::Auto).await.unwrap();
    assert!(copy == whole(), "{} bytes", copy.len());
    let copy = there.export_dbfs(JAR).await.unwrap();
    assert!(copy == whole(), "{} bytes", copy.len());
}
