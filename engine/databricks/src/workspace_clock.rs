//! What time it is in the workspace: its notebooks are dated by its clock, not by ours.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use reqwest::header::{DATE, HeaderMap};
use tokio::time::{Instant, sleep};

use crate::WorkspaceClient;

/// How long the best answer is remembered, at least.
const PERIOD: Duration = Duration::from_secs(10);
/// An answer is dated after its request was sent, but for the rest of the second. One that is dated earlier than this
/// before it is of another time.
const SET_BACK_MS: i64 = 2_000;

/// A clock that is known this well need not be asked.
const KNOWN_WITHIN_MS: i64 = 100;
/// How often an answer is asked for to see the second change.
const ASKED_EVERY: Duration = Duration::from_millis(50);
/// After a second it has changed, and after two this is no clock.
const ASKED_AT_MOST: usize = 40;

/// An answer tells the second in which it was given, so that it is at least that late. The answer that says the most
/// is the one that was given just after a second began: with many answers, the way of one is all that is missing.
#[derive(Debug, Default)]
pub(crate) struct WorkspaceClock(Mutex<Told>);

/// What says the most of this period, and of the one before.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    current: Option<Reading>,
    previous: Option<Reading>,
    /// The answer of this period that says the most about how late it is not yet.
    latest: Option<Reading>,
    period_began_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    date_ms: i64,
    sent_at: Instant,
    arrived_at: Instant,
}

impl Reading {
    /// It is at least that late.
    fn ms_at(self, at: Instant) -> i64 {
        self.date_ms.saturating_add(ms_between(self.arrived_at, at))
    }

    /// It is earlier than this.
    fn ms_at_most(self, at: Instant) -> i64 {
        self.date_ms.saturating_add(1_000).saturating_add(ms_between(self.sent_at, at))
    }
}

fn ms_between(from: Instant, to: Instant) -> i64 {
    let ms = |length: Duration| i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    ms(to.saturating_duration_since(from)).saturating_sub(ms(from.saturating_duration_since(to)))
}

impl Told {
    fn ms_at(self, at: Instant) -> Option<i64> {
        let told = [self.current, self.previous];
        told.into_iter().flatten().map(|reading| reading.ms_at(at)).max()
    }

    /// How far the time may be ahead of what is known of it.
    fn unknown_ms_at(&self, at: Instant) -> Option<i64> {
        Some(self.latest?.ms_at_most(at).saturating_sub(self.ms_at(at)?))
    }

    fn note(&mut self, date_ms: i64, sent_at: Instant, now: Instant) {
        // Their clock was set back: what was told before is not true any more.
        if self.ms_at(sent_at).is_some_and(|sent_ms| sent_ms > date_ms + SET_BACK_MS) {
            *self = Self::default();
        }
        // Clocks do not run at one speed for ever.
        if self.period_began_at.is_none_or(|began_at| now.saturating_duration_since(began_at) > PERIOD) {
            let previous = self.current;
            *self = Self { current: None, previous, latest: None, period_began_at: Some(now) };
        }
        let reading = Reading { date_ms, sent_at, arrived_at: now };
        if self.current.is_none_or(|known| known.ms_at(now) < date_ms) {
            self.current = Some(reading);
        }
        if self.latest.is_none_or(|known| known.ms_at_most(now) > reading.ms_at_most(now)) {
            self.latest = Some(reading);
        }
    }
}

impl WorkspaceClock {
    /// Takes the date of an answer to a request that was sent then.
    pub(crate) fn note(&self, headers: &HeaderMap, sent_at: Instant) {
        let date = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        let since_1970 = date.and_then(|date| date.duration_since(UNIX_EPOCH).ok());
        if let Some(ms) = since_1970.and_then(|length| i64::try_from(length.as_millis()).ok()) {
            self.told().note(ms, sent_at, Instant::now());
        }
    }

    fn now_ms(&self) -> Option<i64> {
        self.told().ms_at(Instant::now())
    }

    fn unknown_ms(&self) -> Option<i64> {
        self.told().unknown_ms_at(Instant::now())
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WorkspaceClient {
    /// The time by the workspace's own clock, in milliseconds since 1970: never ahead of it, and at most a second and
    /// the way of an answer behind; after a second with many answers, no more than the way of the fastest one. None
    /// before the first answer with a date.
    pub fn workspace_time_ms(&self) -> Option<i64> {
        self.clock().now_ms()
    }

    /// Makes sure that [`workspace_time_ms`](Self::workspace_time_ms) is hardly more than a tenth of a second behind,
    /// and afterwards no earlier than it was in truth before: where the calls so far do not tell, it asks until the
    /// second changes. Where the workspace does not answer, or does not tell its time, it stays as it was.
    pub async fn learn_workspace_time(&self) {
        for _ in 0..ASKED_AT_MOST {
            let Some(unknown_ms) = self.clock().unknown_ms() else { return };
            if unknown_ms <= KNOWN_WITHIN_MS {
                return sleep(Duration::from_millis(unknown_ms.max(0).unsigned_abs())).await;
            }
            if self.me().await.is_err() {
                return;
            }
            sleep(ASKED_EVERY).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_date_of_an_answer_goes_on() {
        let clock = WorkspaceClock::default();
        assert_eq!(clock.now_ms(), None);
        let headers = |date: &'static str| HeaderMap::from_iter([(DATE, date.parse().unwrap())]);
        clock.note(&headers("Sun, 06 Nov 1994 08:49:37 GMT"), Instant::now());
        clock.note(&headers("yesterday"), Instant::now());
        tokio::time::advance(Duration::from_millis(1_500)).await;
        assert_eq!(clock.now_ms(), Some(784_111_777_000 + 1_500));
    }

    #[tokio::test(start_paused = true)]
    async fn the_answer_that_says_the_most_counts() {
        let mut told = Told::default();
        let began_at = Instant::now();
        let at = |ms: u64| began_at + Duration::from_millis(ms);
        // The clock of the workspace is 5.3 s when ours is 0: it tells whole seconds.
        for (date_ms, sent, arrived) in
            [(5_000, 0, 0), (5_000, 640, 650), (6_000, 700, 710), (6_000, 890, 900)]
        {
            told.note(date_ms, at(sent), at(arrived));
        }
        assert_eq!(told.ms_at(at(1_000)), Some(6_290), "10 ms on the way");
        let unknown_ms = told.unknown_ms_at(at(1_000));
        assert_eq!(unknown_ms, Some(70), "at 640 ms it was not yet 6 s, and at 710 ms it was");
        // The work took long after the answer was dated.
        told.note(6_000, at(910), at(5_000));
        assert_eq!(told.ms_at(at(5_000)), Some(10_290));
        told.note(16_000, at(10_900), at(10_900));
        assert_eq!(told.ms_at(at(11_000)), Some(16_290), "remembered for another period");
        told.note(2_000, at(11_000), at(11_000));
        assert_eq!(told.ms_at(at(11_000)), Some(2_000), "set back");
    }
}
