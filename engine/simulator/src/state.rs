//! Everything that one workspace knows.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::api::Call;
use crate::changes::{ChangeActor, ChangeLog};
use crate::config::SimulatorConfig;
use crate::faults::Faults;
use crate::seed;

pub(crate) mod blob;
pub(crate) mod cluster;
pub(crate) mod credentials;
pub(crate) mod dbfs;
pub(crate) mod directory;
pub(crate) mod init_script;
pub(crate) mod job;
pub(crate) mod library;
pub(crate) mod path_map;
pub(crate) mod policy;
pub(crate) mod pool;
pub(crate) mod run;
pub(crate) mod tree;
pub(crate) mod watched;

use blob::Blob;
use cluster::Cluster;
use credentials::Credentials;
use dbfs::Dbfs;
use directory::Directory;
use init_script::InitScript;
use job::Job;
use policy::Policy;
use pool::Pool;
use run::Run;
use tree::Tree;
use watched::Watched;

/// How many runs are remembered; the real service forgets them after 60 days.
const REMEMBERED_RUNS: usize = 1_500;

/// The whole workspace. It is written to the state file as it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) org_id: u64,
    pub(crate) region: String,
    /// How many ids were handed out; each id is derived from its number.
    sequence: u64,
    pub(crate) clock_offset_ms: i64,
    /// The simulated clock at the moment of the last look.
    #[serde(skip)]
    pub(crate) now_ms: i64,
    /// Counts changes, so that the state file can follow.
    #[serde(skip)]
    pub(crate) revision: u64,
    #[serde(skip)]
    pub(crate) cluster_start_ms: i64,
    pub(crate) is_down: bool,
    /// When the scheduler starts again after an outage; `None` while it runs, and while the workspace is down.
    pub(crate) scheduler_resumes_at_ms: Option<i64>,
    /// Nothing that fell due before this moment fires: the scheduler stood, or there was no process.
    #[serde(skip)]
    pub(crate) triggers_since_ms: i64,
    pub(crate) faults: Faults,
    pub(crate) changes: ChangeLog,
    pub(crate) credentials: Credentials,
    pub(crate) directory: Directory,
    pub(crate) tree: Tree,
    pub(crate) jobs: BTreeMap<i64, Job>,
    pub(crate) runs: BTreeMap<i64, Run>,
    /// Idempotency tokens of run-now and submit, with their runs.
    pub(crate) run_tokens: BTreeMap<String, i64>,
    pub(crate) clusters: Watched<BTreeMap<String, Cluster>>,
    pub(crate) pools: Watched<BTreeMap<String, Pool>>,
    /// When a cluster or a pool changes next without anybody calling.
    #[serde(skip)]
    pub(crate) compute_due_ms: i64,
    pub(crate) policies: BTreeMap<String, Policy>,
    /// Whether the workspace is of a tier without access control lists.
    #[serde(default)]
    pub(crate) is_without_acls: bool,
    /// Direct grants by `type/id`.
    pub(crate) grants: BTreeMap<String, Vec<Map<String, Value>>>,
    /// Who may manage and use groups and service principals, by the name of the rule set.
    #[serde(default)]
    pub(crate) rule_sets: BTreeMap<String, Vec<Value>>,
    pub(crate) instance_profiles: BTreeMap<String, Map<String, Value>>,
    pub(crate) workspace_conf: BTreeMap<String, String>,
    /// How many demo changes were made.
    pub(crate) demo_changes: u64,
    /// The runs that are not over, so that looking at them does not mean looking at all.
    #[serde(default)]
    pub(crate) active_runs: BTreeSet<i64>,
    /// Which of the files of contents beside the state file belongs to it.
    #[serde(default)]
    pub(crate) contents_generation: u64,
    /// Idempotency tokens of the creation of clusters, with those.
    #[serde(default)]
    pub(crate) cluster_tokens: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) dbfs: Dbfs,
    /// In the order in which they run.
    #[serde(default)]
    pub(crate) init_scripts: Vec<InitScript>,
}

impl State {
    /// A workspace as it is after it was deployed.
    pub(crate) fn new(org_id: u64, region: &str, now_ms: i64) -> Self {
        let mut state = Self {
            org_id,
            region: region.to_owned(),
            sequence: 0,
            clock_offset_ms: 0,
            now_ms,
            revision: 0,
            cluster_start_ms: 0,
            is_down: false,
            scheduler_resumes_at_ms: None,
            triggers_since_ms: now_ms,
            faults: Faults::default(),
            changes: ChangeLog::default(),
            credentials: Credentials::default(),
            directory: Directory::default(),
            tree: Tree::default(),
            jobs: BTreeMap::new(),
            runs: BTreeMap::new(),
            run_tokens: BTreeMap::new(),
            clusters: Watched::default(),
            pools: Watched::default(),
            compute_due_ms: now_ms,
            policies: BTreeMap::new(),
            is_without_acls: false,
            grants: BTreeMap::new(),
            rule_sets: BTreeMap::new(),
            instance_profiles: BTreeMap::new(),
            workspace_conf: BTreeMap::new(),
            demo_changes: 0,
            active_runs: BTreeSet::new(),
            contents_generation: 1,
            cluster_tokens: BTreeMap::new(),
            dbfs: Dbfs::default(),
            init_scripts: Vec::new(),
        };
        directory::deploy(&mut state);
        tree::deploy(&mut state);
        dbfs::deploy(&mut state);
        state
    }

    /// Takes over what is configured rather than stored.
    pub(crate) fn resume(&mut self, config: &SimulatorConfig, real_now_ms: i64) {
        self.now_ms = real_now_ms + self.clock_offset_ms;
        self.triggers_since_ms = self.now_ms;
        self.cluster_start_ms = i64::try_from(config.cluster_start_ms).unwrap_or(i64::MAX);
        self.credentials.configure(&config.token, config.oauth_client.clone());
        self.revision = 1;
    }

    /// Marks the state as changed.
    pub(crate) fn touch(&mut self) {
        self.revision += 1;
    }

    /// A number that was not handed out before: 15 digits, as job, run and object ids have.
    pub(crate) fn next_number(&mut self) -> i64 {
        self.sequence += 1;
        let spread = seed::mix(self.org_id ^ seed::mix(self.sequence)) % 900_000_000_000_000;
        i64::try_from(100_000_000_000_000 + spread).unwrap_or(i64::MAX)
    }

    /// How many ids were handed out so far: a total order of what was created.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Writes down that a call has changed something.
    pub(crate) fn record(&mut self, call: &Call, summary: String, object_id: Option<String>) {
        let seen = (call.method.as_str(), call.path.as_str());
        self.changes.push(self.now_ms, ChangeActor::Api, seen, summary, object_id);
        self.touch();
    }

    /// Everything whose bytes are too many for the state file.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = &Blob> {
        self.tree.blobs().chain(self.dbfs.blobs())
    }

    pub(crate) fn blobs_mut(&mut self) -> impl Iterator<Item = &mut Blob> {
        self.tree.blobs_mut().chain(self.dbfs.blobs_mut())
    }

    pub(crate) fn is_scheduler_running(&self) -> bool {
        !self.is_down && self.scheduler_resumes_at_ms.is_none()
    }

    /// Forgets the oldest runs that are over.
    pub(crate) fn forget_old_runs(&mut self) {
        if self.runs.len() <= REMEMBERED_RUNS {
            return;
        }
        let mut over: Vec<(u64, i64)> =
            self.runs.values().filter(|run| !run.is_active()).map(|run| (run.sequence, run.run_id)).collect();
        over.sort_unstable();
        for (_, run_id) in over.into_iter().take(self.runs.len() - REMEMBERED_RUNS) {
            self.runs.remove(&run_id);
        }
    }
}
