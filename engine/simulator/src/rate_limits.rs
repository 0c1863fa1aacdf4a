//! The published rate limits: so many calls within any window of the length that the limit is told for.
//!
//! A window slides: a call is admitted when fewer than the limit were admitted in the second (or the minute) that
//! ends with it. What a client measures is therefore exactly what is published, whenever it looks.

use std::collections::BTreeMap;

use http::Method;
use serde::Serialize;

use crate::sliding_window::SlidingWindow;

/// One published limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PublishedLimit {
    /// The endpoints that share it, as the vendor's table calls them.
    #[serde(skip)]
    pub name: &'static str,
    /// How many calls a window admits.
    pub calls: usize,
    /// How long the window is.
    pub window_ms: i64,
}

/// The limit that a call counts against.
pub(crate) fn limit_of(method: &Method, path: &str) -> Option<PublishedLimit> {
    let is_write = method == Method::PUT || method == Method::PATCH;
    let rest = path.strip_prefix("/api/").and_then(|rest| rest.split_once('/')).map(|(_, rest)| rest)?;
    let (name, calls, window_ms) = match rest {
        "jobs/create" => ("jobs/create", 20, 1_000),
        "jobs/run-now" => ("jobs/run-now", 20, 1_000),
        "jobs/runs/get" => ("jobs/runs/get", 100, 1_000),
        "jobs/runs/submit" => ("jobs/runs/submit", 35, 1_000),
        "workspace/export" => ("workspace/export", 60, 1_000),
        "workspace/import" => ("workspace/import", 30, 1_000),
        _ if rest.starts_with("permissions/") && method == Method::GET => ("permissions/get", 100, 1_000),
        _ if rest.starts_with("permissions/") && is_write => ("permissions/set", 30, 1_000),
        _ if rest.starts_with("dbfs/") => ("dbfs", 30, 1_000),
        _ if rest.starts_with("secrets/") => ("secrets", 1_100, 60_000),
        _ if rest.contains("scim/v2/") && method == Method::GET => ("scim/get", 255, 60_000),
        _ if rest.starts_with("token/") || rest.starts_with("token-management/") => ("tokens", 40, 1_000),
        _ => return None,
    };
    Some(PublishedLimit { name, calls, window_ms })
}

/// The calls that each limit has admitted of late.
#[derive(Debug, Default)]
pub(crate) struct RateLimits(BTreeMap<&'static str, SlidingWindow>);

impl RateLimits {
    /// Whether one more call is within its limit; counts it when it is.
    pub(crate) fn admits(&mut self, limit: PublishedLimit, now_us: i64) -> bool {
        let window = self.0.entry(limit.name).or_insert_with(|| SlidingWindow::of_ms(limit.window_ms));
        let is_admitted = window.count(now_us) < limit.calls;
        if is_admitted {
            window.push(now_us);
        }
        is_admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(method: Method, path: &str) -> Option<PublishedLimit> {
        limit_of(&method, path)
    }

    #[test]
    fn no_second_has_more_than_twenty_creates() {
        let mut limits = RateLimits::default();
        let Some(create) = limit(Method::POST, "/api/2.1/jobs/create") else { panic!("no limit") };
        let mut admitted = Vec::new();
        // 50 a second for three seconds.
        for at_us in (0..3_000_000).step_by(20_000) {
            if limits.admits(create, at_us) {
                admitted.push(at_us);
            }
        }
        for from in &admitted {
            let within = admitted.iter().filter(|at| (*from..from + 1_000_000).contains(*at)).count();
            assert!(within <= 20, "{within} from {from}");
        }
        assert_eq!(admitted.len(), 60, "and none is wasted");
    }

    #[test]
    fn versions_share_a_limit_and_unpublished_endpoints_have_none() {
        assert_eq!(limit(Method::POST, "/api/2.0/jobs/create"), limit(Method::POST, "/api/2.2/jobs/create"));
        assert_eq!(limit(Method::GET, "/api/2.0/workspace/list"), None);
        assert_eq!(limit(Method::GET, "/api/2.0/permissions/jobs/1").map(|limit| limit.calls), Some(100));
        assert_eq!(limit(Method::PATCH, "/api/2.0/permissions/jobs/1").map(|limit| limit.calls), Some(30));
        assert_eq!(
            limit(Method::GET, "/api/2.0/preview/scim/v2/Me").map(|limit| limit.window_ms),
            Some(60_000)
        );
    }
}
