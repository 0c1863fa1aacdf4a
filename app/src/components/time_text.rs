//! Points and lengths of time in words.
//!
//! No time crate goes to the browser: the server writes the text, in the zone that the browser's cookie names or
//! in UTC, always labelled, and after hydration the browser writes it again with `Intl`.

use farshore_model::{DurationMs, Timestamp};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::use_seconds_since;
use crate::{cookie, view};

/// A point in time, to the minute, in the reader's zone with the zone printed; exact and in UTC on hover.
#[component]
pub fn TimeText(at: Timestamp) -> impl IntoView {
    let text = RwSignal::new(server_text(at));
    Effect::new(move || {
        if let Some(local) = browser_text(at) {
            text.set(local);
        }
    });
    let exact = utc_exact(at);
    view! { <time class="time" datetime=exact.clone() title=exact>{move || text.get()}</time> }.into_any()
}

/// How long ago `at` was, seen from `now`, which the server read together with the data; in the browser it grows
/// by itself. Exact on hover.
#[component]
pub fn RelativeAge(at: Timestamp, now: Timestamp) -> impl IntoView {
    let seconds_since = use_seconds_since();
    let text = Memo::new(move |_| {
        let age = (now + DurationMs::from_secs(seconds_since())).since(at);
        format!("{} ago", coarse_duration_text(age))
    });
    let exact = utc_exact(at);
    view! { <time class="time" datetime=exact.clone() title=exact>{move || text.get()}</time> }.into_any()
}

/// A length of time: `4 min 5 s`. Exact on hover.
#[component]
pub fn DurationText(length: DurationMs) -> impl IntoView {
    view! { <span class="time" title=format!("{} ms", length.0)>{duration_text(length)}</span> }.into_any()
}

/// The two largest units: `850 ms`, `12 s`, `4 min 5 s`, `2 h 14 min`, `3 d 4 h`.
pub fn duration_text(length: DurationMs) -> String {
    let ms = length.0.max(0);
    let secs = ms / 1_000;
    let pair = |large: i64, large_unit: &str, small: i64, small_unit: &str| match small {
        0 => format!("{large} {large_unit}"),
        small => format!("{large} {large_unit} {small} {small_unit}"),
    };
    match secs {
        0 if ms > 0 => format!("{ms} ms"),
        0..60 => format!("{secs} s"),
        60..3_600 => pair(secs / 60, "min", secs % 60, "s"),
        3_600..86_400 => pair(secs / 3_600, "h", secs % 3_600 / 60, "min"),
        _ => pair(secs / 86_400, "d", secs % 86_400 / 3_600, "h"),
    }
}

/// An age for reading at a glance: seconds below a minute, one unit below an hour.
fn coarse_duration_text(age: DurationMs) -> String {
    match age.as_secs() {
        secs @ ..60 => format!("{} s", secs.max(0)),
        secs @ 60..3_600 => format!("{} min", secs / 60),
        _ => duration_text(age),
    }
}

/// `2026-11-22T18:51:30Z`
pub fn utc_exact(at: Timestamp) -> String {
    let civil = Civil::of(at);
    let Civil { year, month, day, hour, minute, second } = civil;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `22 Nov 2026, 18:51 UTC`
pub fn utc_text(at: Timestamp) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Civil { year, month, day, hour, minute, .. } = Civil::of(at);
    let name = MONTHS.iter().zip(1..).find_map(|(name, number)| (number == month).then_some(*name));
    format!("{day} {} {year}, {hour:02}:{minute:02} UTC", name.unwrap_or_default())
}

#[cfg(feature = "ssr")]
fn server_text(at: Timestamp) -> String {
    let in_zone = || {
        let zone = jiff::tz::TimeZone::get(&cookie::read(cookie::ZONE)?).ok()?;
        let local = jiff::Timestamp::from_microsecond(at.0).ok()?.to_zoned(zone);
        Some(local.strftime("%-d %b %Y, %H:%M %Z").to_string())
    };
    in_zone().unwrap_or_else(|| utc_text(at))
}

#[cfg(not(feature = "ssr"))]
fn server_text(at: Timestamp) -> String {
    utc_text(at)
}

/// The text in the browser's own zone. British English, because that is the language of the interface.
fn browser_text(at: Timestamp) -> Option<String> {
    let options = js_sys::Object::new();
    for (key, value) in [
        ("day", "numeric"),
        ("month", "short"),
        ("year", "numeric"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("timeZoneName", "short"),
    ] {
        js_sys::Reflect::set(&options, &JsValue::from_str(key), &JsValue::from_str(value)).ok()?;
    }
    // Milliseconds since 1970 stay exact in a double for the next 285 000 years.
    #[allow(clippy::cast_precision_loss)]
    let date = js_sys::Date::new(&JsValue::from_f64(at.as_ms() as f64));
    date.to_locale_date_string("en-GB", &options).as_string()
}

/// Tells the server in which zone to write from the next page on. Only called in the browser.
pub(crate) fn remember_zone() {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    let zone = js_sys::Reflect::get(&format.resolved_options(), &JsValue::from_str("timeZone"));
    if let Some(zone) = zone.ok().and_then(|zone| zone.as_string()) {
        cookie::write(cookie::ZONE, Some(&zone));
    }
}

/// A point in time taken apart, in UTC.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Civil {
    /// Days to year, month and day as in Howard Hinnant's `civil_from_days`: eras of 400 years that begin on
    /// 1 March, so that the leap day is the last of its year.
    const fn of(at: Timestamp) -> Self {
        let secs = at.0.div_euclid(1_000_000);
        let days = secs.div_euclid(86_400) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let second_of_day = secs.rem_euclid(86_400);
        Self {
            year: year_of_era + era * 400 + if month <= 2 { 1 } else { 0 },
            month,
            day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
            hour: second_of_day / 3_600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_utc() {
        let at = |secs: i64| Timestamp(secs * 1_000_000);
        assert_eq!(utc_exact(at(0)), "1970-01-01T00:00:00Z");
        assert_eq!(utc_exact(at(951_782_400)), "2000-02-29T00:00:00Z");
        assert_eq!(utc_exact(at(-1)), "1969-12-31T23:59:59Z");
        assert_eq!(utc_text(at(1_795_373_490)), "22 Nov 2026, 18:51 UTC");
    }

    #[test]
    fn writes_lengths_in_their_two_largest_units() {
        let text = |ms| duration_text(DurationMs(ms));
        assert_eq!(text(-5), "0 s");
        assert_eq!(text(850), "850 ms");
        assert_eq!(text(12_900), "12 s");
        assert_eq!(text(245_000), "4 min 5 s");
        assert_eq!(text(240_000), "4 min");
        assert_eq!(text(8_040_000), "2 h 14 min");
        assert_eq!(text(273_600_000), "3 d 4 h");
    }
}
