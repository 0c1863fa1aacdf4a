//! What the rate budget of a workspace looks like at this moment, for a live page.

use serde::{Deserialize, Serialize};

use crate::{Host, published_limits, rate_budget::RateBudget};

/// How the requests under one limit are doing: of one endpoint, or of a few that share a published number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointBudget {
    /// Such as `jobs/create` or `permissions (reads)`.
    pub endpoint: String,
    /// Requests per second that the vendor publishes; none for most endpoints.
    pub published_per_s: Option<f64>,
    /// The same as it is published: so many requests in each window.
    pub published_requests: Option<u32>,
    /// How long that window is.
    pub published_window_ms: Option<u64>,
    /// Requests per second that we allow ourselves now: the published number, or less since a 429. None means
    /// as many as fit into the requests that may be under way at once.
    pub allowed_per_s: Option<f64>,
    /// Requests per second over the last five seconds.
    pub current_per_s: f64,
    /// Requests over the last minute.
    pub sent_last_minute: u32,
    /// The most of them that lie within one second.
    pub most_in_a_second: u32,
    /// Calls that wait for their turn.
    pub waiting: u32,
    /// Calls that are under way.
    pub in_flight: u32,
    /// Requests sent since this process first talked to the workspace.
    pub sent: u64,
    /// How many of them were answered with 429.
    pub throttled: u64,
    /// For how many more milliseconds nothing is sent, because the workspace said so.
    pub backs_off_for_ms: Option<u64>,
    /// For how many more milliseconds less is allowed than before the last 429; None: what it took is given back.
    pub recovers_in_ms: Option<u64>,
    /// How long ago the last request was sent; None: none was.
    pub last_sent_ms_ago: Option<u64>,
    /// How long ago the last 429 came; None: none did.
    pub last_throttled_ms_ago: Option<u64>,
}

/// The budget of a workspace, by name: every published limit, whether it was used or not, and what else any client
/// of this process uses or lately did.
pub fn budget_snapshot_of(host: &Host) -> Vec<EndpointBudget> {
    let mut budgets = RateBudget::known(host).map(|budget| budget.snapshot()).unwrap_or_default();
    let unused: Vec<EndpointBudget> = published_limits::all()
        .filter(|limit| budgets.iter().all(|used| used.endpoint != limit.name))
        .map(RateBudget::unused)
        .collect();
    budgets.extend(unused);
    budgets.sort_by(|one, other| one.endpoint.cmp(&other.endpoint));
    budgets
}
