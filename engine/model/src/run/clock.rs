//! How long a run has taken. The recovery time runs from the request until the region is operational; the wait
//! for the approval is in it, and shown apart.

use super::Run;
use crate::{DurationMs, Timestamp};

impl Run {
    /// From the request to the end of the run, or to `now`.
    pub fn total(&self, now: Timestamp) -> DurationMs {
        self.ended_at.unwrap_or(now).since(self.requested_at)
    }

    /// From the request until the region was operational; until the run's end, or `now`, when it never was.
    pub fn recovery_time(&self, now: Timestamp) -> DurationMs {
        self.operational_at.or(self.ended_at).unwrap_or(now).since(self.requested_at)
    }

    /// From the request until enough people had approved, declines and pauses in between included.
    pub fn waited_for_approval(&self, now: Timestamp) -> DurationMs {
        self.approved_at.or(self.ended_at).unwrap_or(now).since(self.requested_at)
    }

    /// The recovery time without the wait for the approval.
    pub fn recovery_time_after_approval(&self, now: Timestamp) -> DurationMs {
        DurationMs(self.recovery_time(now).0.saturating_sub(self.waited_for_approval(now).0).max(0))
    }

    /// The clock against the recovery time objective is still running.
    pub const fn is_clock_running(&self) -> bool {
        self.operational_at.is_none() && self.ended_at.is_none()
    }
}
