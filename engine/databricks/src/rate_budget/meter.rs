//! How many requests were sent lately.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// Requests are counted in slices of this length.
const SLICE: Duration = Duration::from_millis(250);
/// How many slices are looked at: five seconds.
const SLICES: u32 = 20;

/// Counts requests over the last five seconds.
#[derive(Debug)]
pub(super) struct Meter {
    began_at: Instant,
    /// Number of the slice, requests in it; oldest first.
    slices: VecDeque<(u128, u32)>,
}

impl Meter {
    pub(super) const fn new(now: Instant) -> Self {
        Self { began_at: now, slices: VecDeque::new() }
    }

    pub(super) fn count(&mut self, now: Instant) {
        let current = self.slice_at(now);
        match self.slices.back_mut() {
            Some((slice, requests)) if *slice == current => *requests += 1,
            _ => self.slices.push_back((current, 1)),
        }
        while self.slices.front().is_some_and(|(slice, _)| slice + u128::from(SLICES) < current) {
            self.slices.pop_front();
        }
    }

    /// Requests per second over the last five seconds.
    pub(super) fn per_second(&self, now: Instant) -> f64 {
        let oldest = self.slice_at(now).saturating_sub(u128::from(SLICES - 1));
        let recent = self.slices.iter().filter(|(slice, _)| *slice >= oldest);
        let requests: u32 = recent.map(|(_, requests)| requests).sum();
        f64::from(requests) / (SLICE * SLICES).as_secs_f64()
    }

    fn slice_at(&self, now: Instant) -> u128 {
        now.saturating_duration_since(self.began_at).as_millis() / SLICE.as_millis()
    }
}
