//! How much later than it was sent a request may have reached the workspace.

use std::time::Duration;

use tokio::time::Instant;

/// Always added: what clocks and timers are wrong by.
const GUARD: Duration = Duration::from_millis(4);
/// The most that is added for a slow answer. More would cost more of the limit than it protects: an answer may
/// also be slow because the work took long, after the request was counted in time.
const MOST: Duration = Duration::from_millis(60);
/// After this long the fastest answer is looked for anew: the network may have changed.
const MEMORY: Duration = Duration::from_secs(15);
/// Before so many answers the fastest one says nothing: all of them may have been late.
const LEAST_ANSWERS: u32 = 30;

/// Estimates lateness from the time that answers take. A request that took longer than the fastest one may have
/// spent the difference on its way, and was then counted that much later.
#[derive(Debug, Default)]
pub(super) struct Lateness {
    current: Option<Duration>,
    previous: Option<Duration>,
    began_at: Option<Instant>,
    answers: u32,
}

impl Lateness {
    /// When a request counts that is under way since `sent_at`, while nothing is known about it.
    pub(super) fn at_worst(sent_at: Instant) -> Instant {
        sent_at + GUARD + MOST
    }

    /// When a request counts at the latest that was answered now.
    pub(super) fn of_answered(&mut self, sent_at: Instant, now: Instant) -> Instant {
        let took = now.saturating_duration_since(sent_at);
        let fastest = self.learn(took, now);
        // It cannot have arrived after its answer.
        (sent_at + GUARD + took.saturating_sub(fastest).min(MOST)).min(now.max(sent_at + GUARD))
    }

    fn learn(&mut self, took: Duration, now: Instant) -> Duration {
        if self.began_at.is_none_or(|began_at| now.saturating_duration_since(began_at) > MEMORY) {
            self.began_at = Some(now);
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
