//! What the rate budget of a workspace looks like at this moment, for a live page.

use serde::{Deserialize, Serialize};

use crate::{Host, rate_budget::RateBudget};

/// How the requests under one limit are doing: of one endpoint, or of a few that share a published number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointBudget {
    /// Such as `jobs/create` or `permissions (reads)`.
    pub endpoint: String,
    /// Requests per second that the vendor publishes; none for most endpoints.
    pub published_per_s: Option<f64>,
    /// Requests per second that we allow ourselves now: the published number, or less since a 429. None means
    /// as many as fit into the requests that may be under way at once.
    pub allowed_per_s: Option<f64>,
    /// Requests per second over the last five seconds.
    pub current_per_s: f64,
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
}

/// The budget of a workspace, as far as any client of this process uses it or lately did.
pub fn budget_snapshot_of(host: &Host) -> Vec<EndpointBudget> {
    RateBudget::known(host).map(|budget| budget.snapshot()).unwrap_or_default()
}
