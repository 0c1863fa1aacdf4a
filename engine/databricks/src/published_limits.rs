//! The rate limits that the vendor publishes, per workspace.
//!
//! No number is published for clusters, pools, policies, `workspace/list` and changes through SCIM: these are
//! limited by what a 429 says, and by the number of concurrent requests.

use std::time::Duration;

use crate::call::{Endpoint, Verb};

/// How many requests a workspace accepts in a length of time, over all endpoints that the rule covers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublishedLimit {
    /// What the requests under this limit are called on a screen.
    pub(crate) name: &'static str,
    /// Which of them; none covers all.
    verbs: &'static [Verb],
    /// What the endpoint's name begins with.
    prefix: &'static str,
    pub(crate) requests: u32,
    pub(crate) per: Duration,
}

impl PublishedLimit {
    pub(crate) fn per_s(&self) -> f64 {
        f64::from(self.requests) / self.per.as_secs_f64()
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const GET: &[Verb] = &[Verb::Get];
const POST: &[Verb] = &[Verb::Post];
const WRITES: &[Verb] = &[Verb::Put, Verb::Patch];
const ALL: &[Verb] = &[];

const fn limit(
    name: &'static str,
    verbs: &'static [Verb],
    prefix: &'static str,
    requests: u32,
    per: Duration,
) -> PublishedLimit {
    PublishedLimit { name, verbs, prefix, requests, per }
}

/// The first rule that covers an endpoint counts.
static PUBLISHED_LIMITS: [PublishedLimit; 12] = [
    limit("jobs/create", POST, "jobs/create", 20, SECOND),
    limit("jobs/run-now", POST, "jobs/run-now", 20, SECOND),
    limit("jobs/runs/get", GET, "jobs/runs/get", 100, SECOND),
    limit("jobs/runs/submit", POST, "jobs/runs/submit", 35, SECOND),
    limit("permissions (reads)", GET, "permissions", 100, SECOND),
    limit("permissions (changes)", WRITES, "permissions", 30, SECOND),
    limit("workspace/export", GET, "workspace/export", 60, SECOND),
    limit("workspace/import", POST, "workspace/import", 30, SECOND),
    limit("dbfs", ALL, "dbfs/", 30, SECOND),
    limit("secrets", ALL, "secrets/", 1_100, MINUTE),
    limit("scim (reads)", GET, "preview/scim/", 255, MINUTE),
    limit("token-management", ALL, "token-management/", 40, SECOND),
];

/// All rules.
pub(crate) fn all() -> impl Iterator<Item = &'static PublishedLimit> {
    PUBLISHED_LIMITS.iter()
}

/// The rule that covers the endpoint.
pub(crate) fn rule_for(endpoint: &Endpoint) -> Option<&'static PublishedLimit> {
    PUBLISHED_LIMITS.iter().find(|rule| {
        (rule.verbs.is_empty() || rule.verbs.contains(&endpoint.verb))
            && endpoint.name().starts_with(rule.prefix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests_per_second(endpoint: Endpoint) -> Option<f64> {
        rule_for(&endpoint).map(PublishedLimit::per_s)
    }

    #[test]
    fn the_rules_find_their_endpoints() {
        assert_eq!(requests_per_second(Endpoint::once("/api/2.2/jobs/create")), Some(20.0));
        assert_eq!(requests_per_second(Endpoint::repeatable("/api/2.0/workspace/import")), Some(30.0));
        assert_eq!(requests_per_second(Endpoint::read("/api/2.0/workspace/export")), Some(60.0));
        assert_eq!(requests_per_second(Endpoint::read("/api/2.0/preview/scim/v2/Me")), Some(4.25));
        assert_eq!(requests_per_second(Endpoint::read("/api/2.0/permissions")), Some(100.0));
        assert_eq!(requests_per_second(Endpoint::put("/api/2.0/permissions")), Some(30.0));
        assert_eq!(requests_per_second(Endpoint::patch("/api/2.0/permissions")), Some(30.0));
        assert_eq!(requests_per_second(Endpoint::repeatable("/api/2.0/dbfs/delete")), Some(30.0));
        assert_eq!(requests_per_second(Endpoint::read("/api/2.0/workspace/list")), None);
        assert_eq!(requests_per_second(Endpoint::read("/api/2.1/clusters/list")), None);
        assert_eq!(requests_per_second(Endpoint::patch("/api/2.0/preview/scim/v2/Groups")), None);
    }
}
