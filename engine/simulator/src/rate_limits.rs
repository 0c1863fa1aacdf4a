//! The published rate limits, as token buckets that hold one period's worth.

use std::collections::BTreeMap;

use http::Method;

/// One published limit: calls per period.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Limit {
    name: &'static str,
    calls: f64,
    period_ms: f64,
}

fn limit_of(method: &Method, path: &str) -> Option<Limit> {
    let is_write = method == Method::PUT || method == Method::PATCH;
    let rest = path.strip_prefix("/api/").and_then(|rest| rest.split_once('/')).map(|(_, rest)| rest)?;
    let (name, calls, period_ms) = match rest {
        "jobs/create" => ("jobs/create", 20.0, 1_000.0),
        "jobs/run-now" => ("jobs/run-now", 20.0, 1_000.0),
        "jobs/runs/get" => ("jobs/runs/get", 100.0, 1_000.0),
        "jobs/runs/submit" => ("jobs/runs/submit", 35.0, 1_000.0),
        "workspace/export" => ("workspace/export", 60.0, 1_000.0),
        "workspace/import" => ("workspace/import", 30.0, 1_000.0),
        _ if rest.starts_with("permissions/") && method == Method::GET => ("permissions/get", 100.0, 1_000.0),
        _ if rest.starts_with("permissions/") && is_write => ("permissions/set", 30.0, 1_000.0),
        _ if rest.starts_with("dbfs/") => ("dbfs", 30.0, 1_000.0),
        _ if rest.starts_with("secrets/") => ("secrets", 1_100.0, 60_000.0),
        _ if rest.contains("scim/v2/") && method == Method::GET => ("scim/get", 255.0, 60_000.0),
        _ if rest.starts_with("token/") || rest.starts_with("token-management/") => ("tokens", 40.0, 1_000.0),
        _ => return None,
    };
    Some(Limit { name, calls, period_ms })
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled_at_ms: i64,
}

/// The buckets of one workspace; they start full.
#[derive(Debug, Clone, Default)]
pub(crate) struct RateLimits(BTreeMap<&'static str, Bucket>);

impl RateLimits {
    /// Whether one more call is within its limit; takes a token when it is.
    pub(crate) fn admits(&mut self, method: &Method, path: &str, real_now_ms: i64) -> bool {
        let Some(limit) = limit_of(method, path) else { return true };
        let bucket =
            self.0.entry(limit.name).or_insert(Bucket { tokens: limit.calls, filled_at_ms: real_now_ms });
        let elapsed_ms = (real_now_ms - bucket.filled_at_ms).max(0) as f64;
        bucket.tokens = (bucket.tokens + elapsed_ms * limit.calls / limit.period_ms).min(limit.calls);
        bucket.filled_at_ms = real_now_ms;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_first_create_within_a_second_is_refused_and_admitted_again_later() {
        let mut limits = RateLimits::default();
        let mut create = |at_ms| limits.admits(&Method::POST, "/api/2.1/jobs/create", at_ms);
        assert!((0..20).all(|_| create(1_000)));
        assert!(!create(1_000));
        assert!(create(1_051));
        assert!(!create(1_051));
    }

    #[test]
    fn endpoints_without_a_published_number_are_not_limited() {
        let mut limits = RateLimits::default();
        assert!((0..10_000).all(|_| limits.admits(&Method::GET, "/api/2.0/workspace/list", 0)));
    }
}
