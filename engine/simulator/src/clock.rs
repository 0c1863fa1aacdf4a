//! The one place that reads the machine's clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970. The simulated clock is this plus the offset that the control endpoint moves.
pub(crate) fn real_now_ms() -> i64 {
    real_now_us() / 1_000
}

/// Microseconds since 1970, for what is counted within windows.
#[allow(clippy::disallowed_methods, reason = "the simulator's only source of time")]
pub(crate) fn real_now_us() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)
}

/// A moment as the parts of a cluster id: `MMDD-HHMMSS`.
pub(crate) fn cluster_id_stamp(ms: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment.to_zoned(jiff::tz::TimeZone::UTC).strftime("%m%d-%H%M%S").to_string()
}

/// A moment as ISO 8601 in UTC.
pub(crate) fn iso(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

/// A moment as a `Date` header.
pub(crate) fn http_date(ms: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
