//! The rate limits that the vendor publishes, per workspace.
//!
//! No number is published for clusters, pools, policies and `workspace/list`: these are limited by what a 429
//! says, and by the number of concurrent requests.

use std::time::Duration;

use crate::call::{Endpoint, Verb};

/// How many requests a workspace accepts in a length of time, over all endpoints that the rule covers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublishedLimit {
    /// `None` covers both.
    verb: Option<Verb>,
    /// What the endpoint's name begins with.
    prefix: &'static str,
    pub(crate) requests: u32,
    pub(crate) per: Duration,
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

const fn limit(verb: Option<Verb>, prefix: &'static str, requests: u32, per: Duration) -> PublishedLimit {
    PublishedLimit { verb, prefix, requests, per }
}

/// The first rule that covers an endpoint counts.
pub(crate) const PUBLISHED_LIMITS: [PublishedLimit; 12] = [
    limit(Some(Verb::Post), "jobs/create", 20, SECOND),
    limit(Some(Verb::Post), "jobs/run-now", 20, SECOND),
    limit(Some(Verb::Get), "jobs/runs/get", 100, SECOND),
    limit(Some(Verb::Post), "jobs/runs/submit", 35, SECOND),
    limit(Some(Verb::Get), "permissions/", 100, SECOND),
    limit(Some(Verb::Post), "permissions/", 30, SECOND),
    limit(Some(Verb::Get), "workspace/export", 60, SECOND),
    limit(Some(Verb::Post), "workspace/import", 30, SECOND),
    limit(None, "dbfs/", 30, SECOND),
    limit(None, "secrets/", 1_100, MINUTE),
    limit(Some(Verb::Get), "preview/scim/", 255, MINUTE),
    limit(None, "token-management/", 40, SECOND),
];

/// Which rule of [`PUBLISHED_LIMITS`] covers the endpoint.
pub(crate) fn rule_for(endpoint: &Endpoint) -> Option<usize> {
    PUBLISHED_LIMITS.iter().position(|rule| {
        rule.verb.is_none_or(|verb| verb == endpoint.verb) && endpoint.name().starts_with(rule.prefix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests_per_second(endpoint: Endpoint) -> Option<f64> {
        rule_for(&endpoint)
            .map(|rule| f64::from(PUBLISHED_LIMITS[rule].requests) / PUBLISHED_LIMITS[rule].per.as_secs_f64())
    }

    #[test]
    fn the_rules_find_their_endpoints() {
        assert_eq!(requests_per_second(Endpoint::once("/api/2.2/jobs/create")), Some(20.0));
        assert_eq!(requests_per_second(Endpoint::repeatable("/api/2.0/workspace/import")), Some(30.0));
        assert_eq!(requests_per_second(Endpoint::read("/api/2.0/workspace/export")), Some(60.0));
        assert_eq!(requests_per_second(Endpoint::read("/api/2.0/preview/scim/v2/Me")), Some(4.25));
        assert_eq!(requests_per_second(Endpoint::read("/api/2.0/workspace/list")), None);
        assert_eq!(requests_per_second(Endpoint::read("/api/2.1/clusters/list")), None);
    }
}
