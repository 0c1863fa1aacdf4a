//! What a simulated workspace is started with.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::seed;

/// What the workspace holds when it starts without a state file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Only what every new workspace has.
    Empty,
    /// A believable company: some 300 notebooks, 40 jobs, 8 clusters, 4 pools, 5 policies; 25 users, 8 groups, 4
    /// service principals, and what they are granted.
    Demo,
}

/// The whole configuration of one simulated workspace.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The personal access token of the workspace's administrator.
    pub token: String,
    /// The cloud region that the workspace reports, for example `us-east-1`.
    pub region: String,
    /// What is in it at the first start.
    pub content: Content,
    /// Where the whole state is kept between starts; `None` keeps it in memory only.
    pub state_file: Option<PathBuf>,
    /// The workspace id; `None` derives one from the region.
    pub org_id: Option<u64>,
    /// Client id and secret of the OAuth machine-to-machine sign-in. `None` accepts any client id whose
    /// secret is the access token.
    pub oauth_client: Option<(String, String)>,
    /// How often schedules are evaluated.
    pub scheduler_tick_ms: u64,
    /// How long a cluster or a pool instance takes to start.
    pub cluster_start_ms: u64,
}

impl SimulatorConfig {
    /// An empty workspace that keeps nothing between starts.
    pub fn new(listen: SocketAddr, token: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            listen,
            token: token.into(),
            region: region.into(),
            content: Content::Empty,
            state_file: None,
            org_id: None,
            oauth_client: None,
            scheduler_tick_ms: 200,
            cluster_start_ms: 1_500,
        }
    }

    /// The workspace id that is reported: 16 digits, as real ones have.
    pub(crate) fn effective_org_id(&self) -> u64 {
        self.org_id
            .unwrap_or_else(|| 1_000_000_000_000_000 + seed::of_text(&self.region) % 8_000_000_000_000_000)
    }
}
