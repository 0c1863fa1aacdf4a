//! How patient a client is, and how hard it may press a workspace.

/// Time limits, retries and rate limits of a [`WorkspaceClient`](crate::WorkspaceClient).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientOptions {
    /// How long the TCP and TLS handshakes may take.
    pub connect_timeout_ms: u64,
    /// How long one attempt may take, from the request to the last byte of the answer. The transfer of a large
    /// notebook gets ten times as much.
    pub request_timeout_ms: u64,
    /// How often a failed call is repeated, at most.
    pub max_retries: u32,
    /// How long one call may go on for the sake of retries: none begins later than this after the first
    /// attempt. Also the longest time that a call waits for an endpoint which is throttled for everybody.
    pub max_retry_wait_ms: u64,
    /// How many requests may be under way at once, over all clients of the workspace with this same number.
    pub max_concurrent_requests: usize,
    /// Whether the client keeps to the published rate limits by itself, before it is told to by a 429.
    pub honours_published_limits: bool,
    /// Fixes the jitter of the retries, for tests; `None` takes a seed from the operating system.
    pub jitter_seed: Option<u64>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 3_000,
            request_timeout_ms: 30_000,
            max_retries: 6,
            max_retry_wait_ms: 60_000,
            max_concurrent_requests: 20,
            honours_published_limits: true,
            jitter_seed: None,
        }
    }
}

impl ClientOptions {
    /// For a workspace without limits, such as one that is simulated: a hundred requests at once, as fast as they
    /// are answered. A 429 is heeded all the same.
    pub fn unlimited() -> Self {
        Self { max_concurrent_requests: 100, honours_published_limits: false, ..Self::default() }
    }

    /// For asking "are you there?": three seconds, no second try.
    pub fn probe() -> Self {
        Self {
            connect_timeout_ms: 3_000,
            request_timeout_ms: 3_000,
            max_retries: 0,
            max_retry_wait_ms: 0,
            ..Self::default()
        }
    }
}
