//! When the next request under one limit may be sent. Pure: the time is an argument.
//!
//! Two conditions, both of which must hold. *The window*: in no window of the limit's length are there more
//! requests than the limit, wherever it begins, even when each of them arrived as late as it can have. *The
//! pace*: requests are spread evenly, so that a workspace which counts in other windows is not surprised; a
//! short delay may be made up for.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::{ceiling::Ceiling, lateness::Lateness, meter::Meter};
use crate::{EndpointBudget, published_limits::PublishedLimit};

const SECOND: Duration = Duration::from_secs(1);
/// The pace is this much faster than the limit; the window decides in the end.
const HASTE: f64 = 1.01;
/// How much delay the pace makes up for, when the limit is per second.
const CREDIT: Duration = Duration::from_millis(50);
/// The same for limits per minute, where it is also what a few requests after a rest need not wait for.
const CREDIT_PER_MINUTE: Duration = SECOND;
/// No endpoint is slowed down to less, in requests per second, unless its published limit is low. A 429 at so low
/// a rate is not about the rate: somebody else uses it up, and a sync that crawls does not change that.
const LEAST_PER_S: f64 = 8.0;
/// Above this, in requests per second, an allowance without a published limit is none.
const AS_GOOD_AS_UNLIMITED_PER_S: f64 = 1_000.0;

/// Names one request of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    number: u64,
    pub(super) sent_at: Instant,
}

/// What the next caller has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Go,
    /// Its turn comes then.
    WaitUntil(Instant),
    /// The workspace asked for a pause until then.
    PausedUntil(Instant),
}

/// The requests under one limit.
#[derive(Debug)]
pub(super) struct Flow {
    published: Option<&'static PublishedLimit>,
    ceiling: Option<Ceiling>,
    lowered_at: Option<Instant>,
    paused_until: Option<Instant>,
    /// Since when every answer was a 429.
    refused_since: Option<Instant>,
    /// When each request that may still count was sent, and when it counts at the latest; oldest first.
    counted: VecDeque<(Instant, Instant)>,
    /// The number of the oldest in `counted`.
    first_number: u64,
    /// When the next request is due by the pace alone.
    due_at: Option<Instant>,
    lateness: Lateness,
    meter: Meter,
    waiting: u32,
    in_flight: u32,
    sent: u64,
    throttled: u64,
    last_sent_at: Option<Instant>,
    last_throttled_at: Option<Instant>,
}

/// The rate of a moment, as window and pace need it.
struct Rate {
    per_window: usize,
    spacing: Duration,
}

impl Flow {
    pub(super) fn new(published: Option<&'static PublishedLimit>, now: Instant) -> Self {
        Self {
            published,
            ceiling: None,
            lowered_at: None,
            paused_until: None,
            refused_since: None,
            counted: VecDeque::new(),
            first_number: 0,
            due_at: None,
            lateness: Lateness::default(),
            meter: Meter::new(now),
            waiting: 0,
            in_flight: 0,
            sent: 0,
            throttled: 0,
            last_sent_at: None,
            last_throttled_at: None,
        }
    }

    /// Whether a request may be sent now. `honours_published` is the caller's choice; what a 429 taught binds
    /// everybody.
    pub(super) fn next(&mut self, honours_published: bool, now: Instant) -> Next {
        if let Some(until) = self.paused_until {
            if until > now {
                return Next::PausedUntil(until);
            }
            self.paused_until = None;
        }
        self.forget_what_no_longer_counts(now);
        let Some(Rate { per_window, .. }) = self.rate(honours_published, now) else { return Next::Go };
        let mut at = now;
        if let Some(due_at) = self.due_at {
            at = at.max(due_at.checked_sub(self.credit()).unwrap_or(due_at));
        }
        if let Some(free_at) = self.free_at(per_window) {
            at = at.max(free_at);
        }
        if at <= now { Next::Go } else { Next::WaitUntil(at) }
    }

    /// A request is sent now.
    pub(super) fn sent(&mut self, honours_published: bool, now: Instant) -> Ticket {
        if let Some(Rate { spacing, .. }) = self.rate(honours_published, now) {
            self.due_at = Some(self.due_at.map_or(now, |due_at| due_at.max(now)) + spacing);
        }
        let number = self.first_number + self.counted.len() as u64;
        self.counted.push_back((now, Lateness::of_unanswered(now)));
        self.meter.count(now);
        self.sent += 1;
        self.last_sent_at = Some(now);
        self.in_flight += 1;
        Ticket { number, sent_at: now }
    }

    /// A request is over, whatever came of it.
    pub(super) fn answered(&mut self, ticket: Ticket, is_refused: bool, now: Instant) {
        if !is_refused {
            self.refused_since = None;
        }
        self.in_flight = self.in_flight.saturating_sub(1);
        let latest = self.lateness.of_answered(ticket.sent_at, now);
        let place =
            ticket.number.checked_sub(self.first_number).and_then(|place| usize::try_from(place).ok());
        if let Some((_, known)) = place.and_then(|place| self.counted.get_mut(place)) {
            *known = latest;
        }
    }

    /// A request was answered with 429: nothing is sent for so long, and then less often.
    pub(super) fn throttled(&mut self, ticket: Ticket, pause: Duration, now: Instant) {
        let until = now + pause;
        self.throttled += 1;
        self.last_throttled_at = Some(now);
        self.refused_since.get_or_insert(now);
        self.paused_until = Some(self.paused_until.map_or(until, |known| known.max(until)));
        // Those that were under way together are one lesson, not many.
        if self.lowered_at.is_some_and(|lowered_at| ticket.sent_at <= lowered_at) {
            return;
        }
        let published_per_s = self.published_per_s();
        let known = published_per_s.unwrap_or_else(|| self.sent_within_a_second(ticket.sent_at));
        let rate = self.ceiling.map_or(known, |ceiling| ceiling.allowed_per_s(now).min(known));
        let least = published_per_s.map_or(LEAST_PER_S, |published| LEAST_PER_S.min(published / 20.0));
        self.ceiling = Some(Ceiling::after_429(rate, least, until));
        self.lowered_at = Some(now);
    }

    /// For how long nothing but 429s came, while somebody waited who came then.
    pub(super) fn refused_for(&self, came_at: Instant, now: Instant) -> Duration {
        let since = self.refused_since.map(|since| since.max(came_at));
        since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    pub(super) fn begins_to_wait(&mut self) {
        self.waiting += 1;
    }

    pub(super) fn ends_waiting(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// Whether nothing would be lost if this were forgotten.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        self.waiting == 0
            && self.in_flight == 0
            && self.counted.iter().all(|(_, latest)| *latest + self.window() <= now)
    }

    pub(super) fn snapshot(&self, endpoint: &str, now: Instant) -> EndpointBudget {
        let ahead = |at: Instant| Some(whole_ms(at.checked_duration_since(now)?)).filter(|ms| *ms > 0);
        let ago = |at: Instant| whole_ms(now.saturating_duration_since(at));
        let usual_per_s = self.published_per_s().unwrap_or(AS_GOOD_AS_UNLIMITED_PER_S);
        let recovers_at = self.ceiling.map(|ceiling| ceiling.reaches(usual_per_s));
        EndpointBudget {
            endpoint: endpoint.to_owned(),
            published_per_s: self.published_per_s(),
            published_requests: self.published.map(|limit| limit.requests),
            published_window_ms: self.published.map(|limit| whole_ms(limit.per)),
            allowed_per_s: self.allowed_per_s(true, now),
            current_per_s: self.meter.per_second(now),
            sent_last_minute: self.meter.last_minute(now),
            most_in_a_second: self.meter.most_in_a_second(now),
            waiting: self.waiting,
            in_flight: self.in_flight,
            sent: self.sent,
            throttled: self.throttled,
            backs_off_for_ms: self.paused_until.and_then(ahead),
            recovers_in_ms: recovers_at.and_then(ahead),
            last_sent_ms_ago: self.last_sent_at.map(ago),
            last_throttled_ms_ago: self.last_throttled_at.map(ago),
        }
    }

    fn window(&self) -> Duration {
        self.published.map_or(SECOND, |limit| limit.per)
    }

    fn credit(&self) -> Duration {
        if self.window() > SECOND { CREDIT_PER_MINUTE } else { CREDIT }
    }

    fn published_per_s(&self) -> Option<f64> {
        self.published.map(PublishedLimit::per_s)
    }

    fn allowed_per_s(&self, honours_published: bool, now: Instant) -> Option<f64> {
        let published = self.published_per_s().filter(|_| honours_published);
        let learnt = self.ceiling.map(|ceiling| ceiling.allowed_per_s(now));
        match (published, learnt) {
            (Some(published), Some(learnt)) => Some(published.min(learnt)),
            (Some(published), None) => Some(published),
            (None, learnt) => learnt.filter(|learnt| *learnt < AS_GOOD_AS_UNLIMITED_PER_S),
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
    fn rate(&self, honours_published: bool, now: Instant) -> Option<Rate> {
        let allowed_per_s = self.allowed_per_s(honours_published, now)?;
        // A whole number must not lose its last request to rounding.
        let per_window = (allowed_per_s * self.window().as_secs_f64() + 1e-6).floor().max(1.0) as usize;
        let spacing = Duration::from_secs_f64(1.0 / (allowed_per_s * HASTE));
        Some(Rate { per_window, spacing })
    }

    /// When so many of those that count no longer do that there is room for one more; none when there is.
    fn free_at(&self, per_window: usize) -> Option<Instant> {
        let surplus = self.counted.len().checked_sub(per_window)?;
        // Not in order: one that was late holds its own place for longer, not everybody's.
        let mut latest: Vec<Instant> = self.counted.iter().map(|(_, latest)| *latest).collect();
        let (_, last_to_leave, _) = latest.select_nth_unstable(surplus);
        Some(*last_to_leave + self.window())
    }

    fn forget_what_no_longer_counts(&mut self, now: Instant) {
        let window = self.window();
        while self.counted.front().is_some_and(|(_, latest)| *latest + window <= now) {
            self.counted.pop_front();
            self.first_number += 1;
        }
    }

    /// How many requests were sent in the second that ended then.
    fn sent_within_a_second(&self, end: Instant) -> f64 {
        let recent = self.counted.iter().rev().map(|(sent_at, _)| *sent_at).filter(|sent_at| *sent_at <= end);
        let recent = recent.take_while(|sent_at| end.saturating_duration_since(*sent_at) < SECOND).count();
        f64::from(u32::try_from(recent).unwrap_or(u32::MAX))
    }
}

fn whole_ms(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}
