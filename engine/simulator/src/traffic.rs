//! What the callers do to the workspace: counted per endpoint, and held to the published limits when those are on.

use std::collections::BTreeMap;

use http::Method;
use serde::Serialize;

use crate::rate_limits::{self, PublishedLimit, RateLimits};
use crate::sliding_window::SlidingWindow;

/// The calls of one endpoint, or of those that share a published limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndpointCalls {
    /// The name of the published limit, or method and path without version and ids.
    pub endpoint: String,
    /// Every call that arrived, throttled ones included.
    pub calls: u64,
    /// How many were answered with 429.
    pub throttled: u64,
    /// The most calls that arrived within any one second.
    pub peak_per_second: usize,
    /// What is published for it, whether it is enforced or not.
    pub limit: Option<PublishedLimit>,
    /// The most calls that arrived within any one window of the published limit.
    pub peak_in_window: Option<usize>,
    /// When the first call arrived, in milliseconds since 1970 on the real clock.
    pub first_at_ms: i64,
    /// When the last call arrived.
    pub last_at_ms: i64,
}

/// All calls since the counters were cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallCounts {
    /// Every call that arrived.
    pub calls: u64,
    /// How many were answered with 429.
    pub throttled: u64,
    /// The most calls that were under way at once.
    pub peak_concurrent: usize,
    /// Endpoint by endpoint, by name.
    pub endpoints: Vec<EndpointCalls>,
}

#[derive(Debug)]
struct Counter {
    counted: EndpointCalls,
    second: SlidingWindow,
    window: Option<SlidingWindow>,
}

/// Counters and limits of one workspace.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    limits: RateLimits,
    counters: BTreeMap<String, Counter>,
    under_way: usize,
    peak_concurrent: usize,
}

/// A call that has arrived.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) endpoint: String,
    pub(crate) is_over_limit: bool,
}

impl Traffic {
    pub(crate) fn arrives(&mut self, method: &Method, path: &str, now_us: i64, is_limited: bool) -> Arrival {
        let limit = rate_limits::limit_of(method, path);
        let endpoint = limit.map_or_else(|| endpoint_of(method, path), |limit| limit.name.to_owned());
        self.under_way += 1;
        self.peak_concurrent = self.peak_concurrent.max(self.under_way);
        let counter =
            self.counters.entry(endpoint.clone()).or_insert_with(|| Counter::new(&endpoint, limit, now_us));
        counter.arrives(now_us);
        let is_over_limit = is_limited && limit.is_some_and(|limit| !self.limits.admits(limit, now_us));
        Arrival { endpoint, is_over_limit }
    }

    pub(crate) fn leaves(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    pub(crate) fn was_throttled(&mut self, endpoint: &str) {
        if let Some(counter) = self.counters.get_mut(endpoint) {
            counter.counted.throttled += 1;
        }
    }

    /// The windows of the limits begin anew; the counters go on.
    pub(crate) fn forget_limits(&mut self) {
        self.limits = RateLimits::default();
    }

    pub(crate) fn clear_counts(&mut self) {
        self.counters.clear();
        self.peak_concurrent = self.under_way;
    }

    pub(crate) fn counts(&self) -> CallCounts {
        let endpoints: Vec<EndpointCalls> =
            self.counters.values().map(|counter| counter.counted.clone()).collect();
        CallCounts {
            calls: endpoints.iter().map(|endpoint| endpoint.calls).sum(),
            throttled: endpoints.iter().map(|endpoint| endpoint.throttled).sum(),
            peak_concurrent: self.peak_concurrent,
            endpoints,
        }
    }
}

impl Counter {
    fn new(endpoint: &str, limit: Option<PublishedLimit>, now_us: i64) -> Self {
        Self {
            counted: EndpointCalls {
                endpoint: endpoint.to_owned(),
                calls: 0,
                throttled: 0,
                peak_per_second: 0,
                limit,
                peak_in_window: limit.map(|_| 0),
                first_at_ms: now_us / 1_000,
                last_at_ms: now_us / 1_000,
            },
            second: SlidingWindow::of_ms(1_000),
            window: limit.map(|limit| SlidingWindow::of_ms(limit.window_ms)),
        }
    }

    fn arrives(&mut self, now_us: i64) {
        let counted = &mut self.counted;
        counted.calls += 1;
        counted.last_at_ms = now_us / 1_000;
        counted.peak_per_second = counted.peak_per_second.max(self.second.push(now_us));
        if let (Some(peak), Some(window)) = (&mut counted.peak_in_window, &mut self.window) {
            *peak = (*peak).max(window.push(now_us));
        }
    }
}

/// Method and path without version, ids and names.
fn endpoint_of(method: &Method, path: &str) -> String {
    let rest = path.strip_prefix("/api/").and_then(|rest| rest.split_once('/')).map(|(_, rest)| rest);
    let Some(rest) = rest else { return format!("{method} {path}") };
    let kept = match rest.split('/').next().unwrap_or_default() {
        "permissions" => 2,
        "preview" => 4,
        "global-init-scripts" | "policy-families" => 1,
        "workspace-files" if rest.starts_with("workspace-files/import-file/") => 2,
        "workspace-files" => 1,
        "unity-catalog" | "account" => 2,
        _ => 4,
    };
    let names: Vec<&str> = rest.split('/').take(kept).collect();
    format!("{method} {}", names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_those_of_the_busiest_window() {
        let mut traffic = Traffic::default();
        let mut call = |at_ms: i64| {
            traffic.arrives(&Method::GET, "/api/2.2/jobs/list", at_ms * 1_000, true);
            traffic.leaves();
        };
        [0, 900, 1_000, 1_100, 5_000].into_iter().for_each(&mut call);
        let counts = traffic.counts();
        assert_eq!((counts.calls, counts.throttled, counts.peak_concurrent), (5, 0, 1));
        let list = &counts.endpoints[0];
        assert_eq!((list.endpoint.as_str(), list.peak_per_second), ("GET jobs/list", 3));
    }

    #[test]
    fn throttled_calls_count_as_arrived() {
        let mut traffic = Traffic::default();
        for _ in 0..25 {
            let arrival = traffic.arrives(&Method::POST, "/api/2.2/jobs/create", 0, true);
            if arrival.is_over_limit {
                traffic.was_throttled(&arrival.endpoint);
            }
        }
        let create = &traffic.counts().endpoints[0];
        assert_eq!((create.calls, create.throttled, create.peak_in_window), (25, 5, Some(25)));
        traffic.clear_counts();
        assert!(traffic.counts().endpoints.is_empty());
    }

    #[test]
    fn ids_and_names_are_not_part_of_an_endpoint() {
        for (path, endpoint) in [
            ("/api/2.0/global-init-scripts/ABC", "GET global-init-scripts"),
            ("/api/2.0/workspace-files/Users/a/b", "GET workspace-files"),
            ("/api/2.1/clusters/list", "GET clusters/list"),
            ("/oidc/v1/token", "GET /oidc/v1/token"),
        ] {
            assert_eq!(endpoint_of(&Method::GET, path), endpoint);
        }
    }
}
