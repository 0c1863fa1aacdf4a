//! What time it is in the workspace: its notebooks are dated by its clock, not by ours.

use std::{
    sync::{Mutex, PoisonError},
    time::UNIX_EPOCH,
};

use reqwest::header::{DATE, HeaderMap};
use tokio::time::Instant;

use crate::WorkspaceClient;

/// The date of the latest answer, and when it arrived.
#[derive(Debug, Default)]
pub(crate) struct WorkspaceClock(Mutex<Option<(i64, Instant)>>);

impl WorkspaceClock {
    pub(crate) fn note(&self, headers: &HeaderMap) {
        let date = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        let since_1970 = date.and_then(|date| date.duration_since(UNIX_EPOCH).ok());
        if let Some(ms) = since_1970.and_then(|length| i64::try_from(length.as_millis()).ok()) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((ms, Instant::now()));
        }
    }

    fn now_ms(&self) -> Option<i64> {
        let (date_ms, arrived_at) = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(date_ms.saturating_add(i64::try_from(arrived_at.elapsed().as_millis()).unwrap_or(i64::MAX)))
    }
}

impl WorkspaceClient {
    /// The time by the workspace's own clock, in milliseconds since 1970: at most a second and the way of an
    /// answer behind. None before the first answer with a date.
    pub fn workspace_time_ms(&self) -> Option<i64> {
        self.clock().now_ms()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_date_of_an_answer_goes_on() {
        let clock = WorkspaceClock::default();
        assert_eq!(clock.now_ms(), None);
        let headers = |date: &'static str| HeaderMap::from_iter([(DATE, date.parse().unwrap())]);
        clock.note(&headers("Sun, 06 Nov 1994 08:49:37 GMT"));
        clock.note(&headers("yesterday"));
        tokio::time::advance(Duration::from_millis(1_500)).await;
        assert_eq!(clock.now_ms(), Some(784_111_777_000 + 1_500));
    }
}
