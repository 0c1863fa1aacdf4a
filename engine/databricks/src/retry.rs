//! When a failed call is tried again, and how long that waits.

use std::time::Duration;

use rand::Rng;
use tokio::time::Instant;

use crate::{ApiError, ClientOptions, ErrorKind, call::Effect};

/// The longest wait before the first retry; it doubles with each.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
/// The longest wait before any retry that the workspace did not ask for.
const LONGEST_BACKOFF: Duration = Duration::from_secs(20);

/// The retries that one call has left.
#[derive(Debug)]
pub(crate) struct Retries {
    left: u32,
    used: u32,
    budget: Duration,
    began_at: Option<Instant>,
}

impl Retries {
    pub(crate) fn new(options: &ClientOptions) -> Self {
        Self {
            left: options.max_retries,
            used: 0,
            budget: Duration::from_millis(options.max_retry_wait_ms),
            began_at: None,
        }
    }

    /// The first attempt begins now, or one of the later ones.
    pub(crate) fn begin_attempt(&mut self) {
        self.began_at.get_or_insert_with(Instant::now);
    }

    /// How much longer this call may go on for the sake of retries.
    pub(crate) fn patience(&self) -> Duration {
        self.began_at.map_or(self.budget, |began_at| self.budget.saturating_sub(began_at.elapsed()))
    }

    /// How long to wait before the next attempt; `None` means that the call has failed.
    pub(crate) fn after(
        &mut self,
        error: &ApiError,
        effect: Effect,
        jitter: &mut impl Rng,
    ) -> Option<Duration> {
        if self.left == 0 || !may_repeat(error, effect) {
            return None;
        }
        let wait = error.retry_after().unwrap_or_else(|| backoff(self.used, jitter));
        if wait > self.patience() {
            return None;
        }
        self.left -= 1;
        self.used += 1;
        Some(wait)
    }
}

/// Whether a repetition can do no harm. A 429 means that nothing happened; after any other failure on the way, nobody
/// knows.
pub(crate) fn may_repeat(error: &ApiError, effect: Effect) -> bool {
    match error.kind() {
        ErrorKind::Throttled => true,
        ErrorKind::Server | ErrorKind::Unreachable | ErrorKind::TimedOut | ErrorKind::HalfAnswer => {
            effect != Effect::ChangesOnce
        }
        _ => false,
    }
}

/// Exponential with full jitter, so that callers who failed together do not come back together.
pub(crate) fn backoff(used: u32, jitter: &mut impl Rng) -> Duration {
    let longest = FIRST_BACKOFF.saturating_mul(2_u32.saturating_pow(used)).min(LONGEST_BACKOFF);
    longest.mul_f64(jitter.random::<f64>())
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    fn error(kind: ErrorKind, status: u16) -> ApiError {
        ApiError::new(kind, "jobs/create", "words").with_status(status)
    }

    #[test]
    fn what_surely_did_not_happen_is_repeated_whatever_it_was() {
        for error in [error(ErrorKind::Throttled, 429), error(ErrorKind::Throttled, 503)] {
            for effect in [Effect::Reads, Effect::ChangesRepeatably, Effect::ChangesOnce] {
                assert!(may_repeat(&error, effect), "{error} {effect:?}");
            }
        }
    }

    #[test]
    fn an_unavailable_workspace_may_have_created_what_it_was_asked_for() {
        let unavailable = error(ErrorKind::Server, 503);
        assert!(
            may_repeat(&unavailable, Effect::Reads) && may_repeat(&unavailable, Effect::ChangesRepeatably)
        );
        assert!(!may_repeat(&unavailable, Effect::ChangesOnce));
    }

    #[test]
    fn after_an_unclear_failure_nothing_is_created_twice() {
        for kind in [ErrorKind::Server, ErrorKind::Unreachable, ErrorKind::TimedOut, ErrorKind::HalfAnswer] {
            assert!(may_repeat(&error(kind, 500), Effect::Reads), "{kind:?}");
            assert!(may_repeat(&error(kind, 500), Effect::ChangesRepeatably), "{kind:?}");
            assert!(!may_repeat(&error(kind, 500), Effect::ChangesOnce), "{kind:?}");
        }
    }

    #[test]
    fn a_clear_refusal_is_not_repeated() {
        for kind in [
            ErrorKind::Unauthenticated,
            ErrorKind::Forbidden,
            ErrorKind::NotFound,
            ErrorKind::AlreadyExists,
            ErrorKind::Invalid,
            ErrorKind::TooLarge,
            ErrorKind::QuotaExceeded,
            ErrorKind::FeatureDisabled,
            ErrorKind::NotDatabricks,
            ErrorKind::Conflict,
        ] {
            assert!(!may_repeat(&error(kind, 400), Effect::Reads), "{kind:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_workspace_s_wait_is_honoured_to_the_second() {
        let mut retries = Retries::new(&ClientOptions::default());
        let throttled = error(ErrorKind::Throttled, 429).with_retry_after(Some(Duration::from_secs(7)));
        retries.begin_attempt();
        let wait = retries.after(&throttled, Effect::ChangesOnce, &mut StdRng::seed_from_u64(1));
        assert_eq!(wait, Some(Duration::from_secs(7)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_beyond_the_budget_is_not_begun() {
        let mut retries = Retries::new(&ClientOptions::default());
        let mut jitter = StdRng::seed_from_u64(1);
        let throttled = error(ErrorKind::Throttled, 429).with_retry_after(Some(Duration::from_secs(40)));
        retries.begin_attempt();
        assert!(retries.after(&throttled, Effect::Reads, &mut jitter).is_some());
        tokio::time::advance(Duration::from_secs(40)).await;
        assert!(retries.after(&throttled, Effect::Reads, &mut jitter).is_none(), "40 s of 60 s are gone");
    }

    #[tokio::test(start_paused = true)]
    async fn retries_are_counted() {
        let options = ClientOptions { max_retries: 3, ..ClientOptions::default() };
        let mut retries = Retries::new(&options);
        let mut jitter = StdRng::seed_from_u64(1);
        retries.begin_attempt();
        let given =
            std::iter::from_fn(|| retries.after(&error(ErrorKind::Server, 500), Effect::Reads, &mut jitter));
        assert_eq!(given.count(), 3);
    }

    #[test]
    fn the_backoff_is_jittered_over_its_whole_length_and_capped() {
        let mut jitter = StdRng::seed_from_u64(7);
        for used in 0..40 {
            let longest = FIRST_BACKOFF.saturating_mul(2_u32.saturating_pow(used)).min(LONGEST_BACKOFF);
            let waits: Vec<_> = (0..200).map(|_| backoff(used, &mut jitter)).collect();
            assert!(waits.iter().all(|wait| *wait <= longest));
            assert!(waits.iter().any(|wait| *wait < longest / 10), "full jitter begins near zero");
            assert!(waits.iter().any(|wait| *wait > longest / 10 * 9));
        }
    }
}
