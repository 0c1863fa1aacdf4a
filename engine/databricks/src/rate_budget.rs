//! How much of a workspace's patience is left, shared by everybody who talks to it through one client.
//!
//! Three brakes, in this order: an endpoint that answered 429 is paused for all callers; an endpoint with a
//! published limit is entered evenly, in order of arrival; and only so many requests are under way at once.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, sleep},
};

use crate::{
    ClientOptions,
    call::Endpoint,
    published_limits::{PUBLISHED_LIMITS, PublishedLimit, rule_for},
};

pub(crate) struct RateBudget {
    /// One for each of [`PUBLISHED_LIMITS`]; empty when they are not honoured.
    buckets: Vec<Option<Bucket>>,
    concurrency: Semaphore,
    /// Until when each endpoint that answered 429 is left alone.
    paused_until: Mutex<HashMap<&'static str, Instant>>,
}

/// The endpoint is paused for longer than the caller can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paused {
    pub(crate) remaining: Duration,
}

impl RateBudget {
    pub(crate) fn new(options: &ClientOptions) -> Self {
        let buckets = if options.honours_published_limits {
            PUBLISHED_LIMITS.iter().map(Bucket::new).collect()
        } else {
            Vec::new()
        };
        Self {
            buckets,
            // A semaphore without a place would stop everything for ever.
            concurrency: Semaphore::new(options.max_concurrent_requests.clamp(1, Semaphore::MAX_PERMITS)),
            paused_until: Mutex::default(),
        }
    }

    /// Waits until a request to the endpoint may be sent; keep what is returned until its answer is read.
    ///
    /// # Errors
    /// [`Paused`] when the pauses alone would take longer than `patience`. Waiting for one's turn does not
    /// count: it makes progress.
    pub(crate) async fn admit(
        &self,
        endpoint: &Endpoint,
        mut patience: Duration,
    ) -> Result<Option<SemaphorePermit<'_>>, Paused> {
        self.wait_out_pause(endpoint, &mut patience).await?;
        if let Some(Some(bucket)) = rule_for(endpoint).and_then(|rule| self.buckets.get(rule)) {
            bucket.wait_for_turn().await;
        }
        loop {
            // Never closed, so there is always a permit in the end.
            let permit = self.concurrency.acquire().await.ok();
            if self.remaining_pause(endpoint).is_none() {
                return Ok(permit);
            }
            // It was paused while we stood in the queue.
            drop(permit);
            self.wait_out_pause(endpoint, &mut patience).await?;
        }
    }

    /// The endpoint answered 429: nobody calls it for this long.
    pub(crate) fn pause(&self, endpoint: &Endpoint, wait: Duration) {
        let until = Instant::now() + wait;
        let mut paused_until = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = paused_until.entry(endpoint.name()).or_insert(until);
        *entry = (*entry).max(until);
    }

    async fn wait_out_pause(&self, endpoint: &Endpoint, patience: &mut Duration) -> Result<(), Paused> {
        while let Some(remaining) = self.remaining_pause(endpoint) {
            *patience = patience.checked_sub(remaining).ok_or(Paused { remaining })?;
            sleep(remaining).await;
        }
        Ok(())
    }

    fn remaining_pause(&self, endpoint: &Endpoint) -> Option<Duration> {
        let mut paused_until = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        let remaining = paused_until.get(endpoint.name())?.saturating_duration_since(Instant::now());
        if remaining.is_zero() {
            paused_until.remove(endpoint.name());
            return None;
        }
        Some(remaining)
    }
}

/// A token bucket that holds one token: an even flow never exceeds the limit in any second.
struct Bucket {
    limiter: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
    /// Fair, so that callers pass in order and one at a time looks at the limiter.
    turn: tokio::sync::Mutex<()>,
}

impl Bucket {
    fn new(limit: &PublishedLimit) -> Option<Self> {
        let quota = Quota::with_period(limit.per / limit.requests)?.allow_burst(NonZeroU32::MIN);
        let clock = TokioClock { origin: Instant::now() };
        Some(Self {
            limiter: RateLimiter::direct_with_clock(quota, clock),
            turn: tokio::sync::Mutex::default(),
        })
    }

    async fn wait_for_turn(&self) {
        let _turn = self.turn.lock().await;
        while let Err(not_until) = self.limiter.check() {
            sleep(not_until.wait_time_from(self.limiter.clock().now())).await;
        }
    }
}

/// The runtime's clock, which tests can move.
#[derive(Clone)]
struct TokioClock {
    origin: Instant,
}

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.origin.elapsed()
    }
}

#[cfg(test)]
mod tests;
