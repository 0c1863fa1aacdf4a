//! How much of each workspace's patience this process of the panel uses.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, group::FailoverGroup, workspace::Workspace};

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateBudgetPage {
    pub as_of: Timestamp,
    pub group: FailoverGroup,
    /// Those of the active region first.
    pub workspaces: Vec<WorkspaceBudget>,
}

/// The requests of this process to one workspace; another process of the panel has a budget of its own.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceBudget {
    pub workspace: Workspace,
    /// Whether it is in the region that is active now.
    pub is_active: bool,
    /// When the last request was sent; None: none was since the process was started.
    pub last_used_at: Option<Timestamp>,
    /// What has a published limit, and what else was used; what was used first, then by name.
    pub endpoints: Vec<EndpointUse>,
}

/// The requests under one limit.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointUse {
    /// Such as `jobs/create` or `permissions (reads)`.
    pub endpoint: String,
    /// The published limit: so many requests in each window; None: no number is published.
    pub published_requests: Option<u32>,
    pub published_window_ms: Option<u64>,
    /// What is allowed now, in requests per second: the published limit, or less since a 429. None: as many as fit
    /// into the requests that may be under way at once.
    pub allowed_per_s: Option<f64>,
    /// Over the last five seconds.
    pub current_per_s: f64,
    /// The busiest second of the last minute.
    pub peak_per_s: u32,
    /// The share of the published limit that the busiest window of the last minute took.
    pub peak_percent: Option<u32>,
    pub calls_last_minute: u32,
    /// Calls that wait for their turn.
    pub waiting: u32,
    /// Calls that are under way.
    pub in_flight: u32,
    /// Since the process first talked to the workspace.
    pub calls: u64,
    /// How many of them were answered with 429.
    pub throttled: u64,
    pub last_throttled_at: Option<Timestamp>,
    /// Nothing is sent until then, because the workspace said so.
    pub paused_until: Option<Timestamp>,
    /// Less is allowed until then than before the last 429.
    pub lowered_until: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}
