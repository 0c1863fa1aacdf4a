//! How many requests were sent lately.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// Requests are counted in slices of this length.
const SLICE: Duration = Duration::from_millis(250);
/// How many slices make five seconds.
const SLICES: u32 = 20;
/// How many slices make the minute that is kept.
const SLICES_KEPT: u32 = 240;
/// How many slices make one second.
const SLICES_A_SECOND: u32 = 4;

/// Counts requests over the last minute.
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
        while self.slices.front().is_some_and(|(slice, _)| slice + u128::from(SLICES_KEPT) <= current) {
            self.slices.pop_front();
        }
    }

    /// Requests per second over the last five seconds.
    pub(super) fn per_second(&self, now: Instant) -> f64 {
        let requests: u32 = self.last(SLICES, now).map(|(_, requests)| requests).sum();
        f64::from(requests) / (SLICE * SLICES).as_secs_f64()
    }

    /// Requests over the last minute.
    pub(super) fn last_minute(&self, now: Instant) -> u32 {
        self.last(SLICES_KEPT, now).map(|(_, requests)| requests).sum()
    }

    /// The most requests within one second of the last minute.
    pub(super) fn most_in_a_second(&self, now: Instant) -> u32 {
        let within = |first: u128| {
            let second = first..first + u128::from(SLICES_A_SECOND);
            self.last(SLICES_KEPT, now)
                .filter(move |(slice, _)| second.contains(slice))
                .map(|(_, requests)| requests)
        };
        self.last(SLICES_KEPT, now).map(|(first, _)| within(first).sum()).max().unwrap_or_default()
    }

    /// The last so many slices, oldest first; those without a request are left out.
    fn last(&self, slices: u32, now: Instant) -> impl Iterator<Item = (u128, u32)> {
        let oldest = self.slice_at(now).saturating_sub(u128::from(slices - 1));
        self.slices.iter().copied().filter(move |(slice, _)| *slice >= oldest)
    }

    fn slice_at(&self, now: Instant) -> u128 {
        now.saturating_duration_since(self.began_at).as_millis() / SLICE.as_millis()
    }
}
