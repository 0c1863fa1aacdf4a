//! How many things happened within the last while.

use std::collections::VecDeque;

/// The moments of the last while, in microseconds.
#[derive(Debug)]
pub(crate) struct SlidingWindow {
    length_us: i64,
    moments_us: VecDeque<i64>,
}

impl SlidingWindow {
    pub(crate) fn of_ms(length_ms: i64) -> Self {
        Self { length_us: length_ms * 1_000, moments_us: VecDeque::new() }
    }

    /// How many are in the window that ends now. What happened exactly one length ago is no longer in it.
    pub(crate) fn count(&mut self, now_us: i64) -> usize {
        while self.moments_us.front().is_some_and(|at_us| now_us - at_us >= self.length_us) {
            self.moments_us.pop_front();
        }
        self.moments_us.len()
    }

    /// One more; returns how many the window then has.
    pub(crate) fn push(&mut self, now_us: i64) -> usize {
        self.moments_us.push_back(now_us);
        self.count(now_us)
    }
}
