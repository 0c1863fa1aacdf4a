//! How much later than it was sent a request may have reached the workspace.

use std::time::Duration;

use tokio::time::Instant;

/// Always added: what clocks and timers are wrong by.
const GUARD: Duration = Duration::from_millis(4);
/// The most that is added for an answer that is slow as others are: it may be slow because the work took long,
/// after the request was counted in time, and the limit is to be used up.
const MOST_ORDINARY: Duration = Duration::from_millis(25);
/// The most that is added for an answer that is slower than others: a stall on the way is the likelier cause.
const MOST: Duration = Duration::from_secs(1);
/// How many times the usual delay is unusual.
const UNUSUAL_FACTOR: u32 = 4;
/// Of how many delays, about, the usual one is the mean.
const SMOOTHING: u32 = 32;
/// After this long the fastest answer is looked for anew: the network may have changed.
const MEMORY: Duration = Duration::from_secs(15);
/// Before so many answers the fastest one says nothing: all of them may have been late.
const LEAST_ANSWERS: u32 = 30;

/// Estimates lateness from the time that answers take. A request that took longer than the fastest one may have
/// spent the difference on its way, and was then counted that much later.
#[derive(Debug, Default)]
pub(super) struct Lateness {
    /// The fastest answer of this period, and of the one before.
    current: Option<Duration>,
    previous: Option<Duration>,
    period_began_at: Option<Instant>,
    answers: u32,
    /// How much longer than the fastest one an answer usually takes.
    usual: Duration,
}

impl Lateness {
    /// When a request counts of which nothing is known yet.
    pub(super) fn of_unanswered(sent_at: Instant) -> Instant {
        sent_at + GUARD + MOST_ORDINARY
    }

    /// When a request counts at the latest that was answered now.
    pub(super) fn of_answered(&mut self, sent_at: Instant, now: Instant) -> Instant {
        let took = now.saturating_duration_since(sent_at);
        let delay = took.saturating_sub(self.fastest_with(took, now));
        let unusual = self.usual * UNUSUAL_FACTOR + MOST_ORDINARY;
        let late = if delay > unusual { delay.min(MOST) } else { delay.min(MOST_ORDINARY) };
        if self.answers >= LEAST_ANSWERS {
            self.usual = (self.usual * (SMOOTHING - 1) + delay.min(unusual)) / SMOOTHING;
        }
        // It cannot have arrived after its answer.
        sent_at + GUARD + late.min(took)
    }

    fn fastest_with(&mut self, took: Duration, now: Instant) -> Duration {
        if self.period_began_at.is_none_or(|began_at| now.saturating_duration_since(began_at) > MEMORY) {
            self.period_began_at = Some(now);
            self.previous = self.current.take();
        }
        self.answers = self.answers.saturating_add(1);
        let current = self.current.map_or(took, |fastest| fastest.min(took));
        self.current = Some(current);
        match self.previous {
            _ if self.answers < LEAST_ANSWERS => Duration::ZERO,
            Some(previous) => previous.min(current),
            None => current,
        }
    }
}
