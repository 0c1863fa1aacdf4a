//! Quartz cron expressions in a time zone, as job schedules use them.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A schedule that can be evaluated.
pub(crate) struct Quartz {
    cron: Cron,
    zone: TimeZone,
}

impl Quartz {
    /// Reads `seconds minutes hours day-of-month month day-of-week [year]`. As Quartz has it, exactly one of
    /// the two day fields is `?`. The error is the sentence to show.
    pub(crate) fn parse(expression: &str, timezone_id: &str) -> Result<Self, String> {
        let zone = TimeZone::get(timezone_id).map_err(|_| format!("Invalid timezone_id: {timezone_id}."))?;
        let invalid = |why: &str| format!("Invalid quartz cron expression: '{expression}'. {why}");
        let fields: Vec<&str> = expression.split_whitespace().collect();
        let [_, _, _, day_of_month, _, day_of_week, ..] = fields[..] else {
            return Err(invalid("Expected six or seven fields."));
        };
        if fields.len() > 7 {
            return Err(invalid("Expected six or seven fields."));
        }
        if (day_of_month == "?") == (day_of_week == "?") {
            return Err(invalid("Exactly one of day-of-month and day-of-week must be '?'."));
        }
        let pattern = fields.join(" ").replace('?', "*");
        let parser = CronParser::builder()
            .seconds(Seconds::Required)
            .year(Year::Optional)
            .alternative_weekdays(true)
            .sloppy_ranges(true)
            .build();
        let cron = parser.parse(&pattern).map_err(|error| invalid(&error.to_string()))?;
        Ok(Self { cron, zone })
    }

    /// The first moment strictly after `after_ms` at which the schedule is due, in milliseconds since 1970.
    pub(crate) fn next_after_ms(&self, after_ms: i64) -> Option<i64> {
        let after = Timestamp::from_millisecond(after_ms).ok()?.to_zoned(self.zone.clone());
        let next = self.cron.find_next_occurrence(&after, false).ok()?;
        Some(next.timestamp().as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().map(|moment| moment.as_millisecond()).unwrap_or_default()
    }

    fn next(expression: &str, zone: &str, after: &str) -> Option<i64> {
        Quartz::parse(expression, zone).ok()?.next_after_ms(at(after))
    }

    #[test]
    fn fields_follow_quartz_and_not_unix() {
        // 2026-11-22 is a Sunday, which Quartz counts as day 1.
        assert_eq!(next("0 30 6 ? * 2", "UTC", "2026-11-22T00:00:00Z"), Some(at("2026-11-23T06:30:00Z")));
        assert_eq!(
            next("0 30 6 ? * MON-FRI", "UTC", "2026-11-21T00:00:00Z"),
            Some(at("2026-11-23T06:30:00Z"))
        );
        assert_eq!(next("0/20 * * * * ?", "UTC", "2026-11-22T00:00:05Z"), Some(at("2026-11-22T00:00:20Z")));
        assert_eq!(next("0 5/15 * * * ?", "UTC", "2026-11-22T00:06:00Z"), Some(at("2026-11-22T00:20:00Z")));
        assert_eq!(next("0 0 0 1 1 ? 2030", "UTC", "2026-11-22T00:00:00Z"), Some(at("2030-01-01T00:00:00Z")));
        assert_eq!(next("0 0 1 L * ?", "UTC", "2026-11-22T00:00:00Z"), Some(at("2026-11-30T01:00:00Z")));
    }

    #[test]
    fn the_zone_decides_across_daylight_saving() {
        assert_eq!(
            next("0 0 9 * * ?", "America/New_York", "2026-07-01T00:00:00Z"),
            Some(at("2026-07-01T13:00:00Z"))
        );
        assert_eq!(
            next("0 0 9 * * ?", "America/New_York", "2026-12-01T00:00:00Z"),
            Some(at("2026-12-01T14:00:00Z"))
        );
    }

    #[test]
    fn what_quartz_refuses_is_refused() {
        for expression in
            ["", "0 * * * *", "* * * * * *", "0 0 0 ? * ?", "0 61 * * * ?", "not a cron at all ?"]
        {
            assert!(Quartz::parse(expression, "UTC").is_err(), "{expression}");
        }
        assert!(Quartz::parse("0 0 0 * * ?", "Mars/Olympus").is_err());
    }
}
