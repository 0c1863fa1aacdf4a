//! What a 429 taught: fewer requests at once, then slowly more again.

use std::time::Duration;

use tokio::time::Instant;

/// What is left of the rate after a 429.
const KEPT_SHARE: f64 = 0.7;
/// How much of the rate at which the 429 came is given back in every second.
const REGAINED_SHARE_PER_S: f64 = 0.05;

/// An allowance that was lowered by a 429 and grows back, in requests per second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ceiling {
    lowered_to: f64,
    growth_per_s: f64,
    grows_from: Instant,
}

impl Ceiling {
    /// After a 429 at this rate; it does not grow before the pause is over. `least_per_s` is the least that
    /// is left, and the least by which it grows in a second.
    pub(super) fn after_429(rate_per_s: f64, least_per_s: f64, pause_ends_at: Instant) -> Self {
        Self {
            lowered_to: (rate_per_s * KEPT_SHARE).max(least_per_s),
            growth_per_s: (rate_per_s * REGAINED_SHARE_PER_S).max(least_per_s),
            grows_from: pause_ends_at,
        }
    }

    pub(super) fn allowed_per_s(&self, now: Instant) -> f64 {
        let grown_for: Duration = now.saturating_duration_since(self.grows_from);
        self.lowered_to + self.growth_per_s * grown_for.as_secs_f64()
    }

    /// When it has grown to this rate.
    pub(super) fn reaches(&self, rate_per_s: f64) -> Instant {
        let missing = (rate_per_s - self.lowered_to).max(0.0);
        self.grows_from + Duration::from_secs_f64(missing / self.growth_per_s)
    }
}
