//! Points in time and where they come from. Time and randomness are arguments everywhere, so that tests can
//! move the one and fix the other.

use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Microseconds since 1970-01-01T00:00:00Z.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// From milliseconds since 1970, which is how the Databricks API tells time.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms.saturating_mul(1_000))
    }

    /// Milliseconds since 1970, rounded towards zero.
    pub const fn as_ms(self) -> i64 {
        self.0 / 1_000
    }

    /// How long ago `earlier` was, seen from here; zero when it lies ahead.
    pub const fn since(self, earlier: Self) -> DurationMs {
        let micros = self.0.saturating_sub(earlier.0);
        DurationMs(if micros > 0 { micros / 1_000 } else { 0 })
    }
}

/// A length of time in milliseconds; never negative where this crate makes one.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DurationMs(pub i64);

impl DurationMs {
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000))
    }

    pub const fn as_secs(self) -> i64 {
        self.0 / 1_000
    }
}

impl Add<DurationMs> for Timestamp {
    type Output = Self;

    fn add(self, length: DurationMs) -> Self {
        Self(self.0.saturating_add(length.0.saturating_mul(1_000)))
    }
}

impl Sub<DurationMs> for Timestamp {
    type Output = Self;

    fn sub(self, length: DurationMs) -> Self {
        Self(self.0.saturating_sub(length.0.saturating_mul(1_000)))
    }
}

/// Tells the time. The server hands in the system's clock, tests one that they move.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Gives out ids that were never given before. The server hands in random ones, tests a counted sequence.
pub trait IdSource: Send + Sync {
    fn next(&self) -> Uuid;
}
