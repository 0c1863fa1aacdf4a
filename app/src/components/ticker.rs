//! One clock for everything on a page that grows older.

use std::time::Duration;

use leptos::prelude::*;

/// Whole seconds since the page was taken over by the browser; stands still on the server.
#[derive(Clone, Copy)]
struct Ticker(RwSignal<i64>);

/// Starts the page's one timer. Called once, by the application.
pub(crate) fn provide_ticker() {
    let seconds = RwSignal::new(0_i64);
    provide_context(Ticker(seconds));
    Effect::new(move || {
        // A browser slows the timers of hidden pages down, so the seconds are measured, not counted.
        let begun_ms = js_sys::Date::now();
        #[allow(clippy::cast_possible_truncation)]
        let tick = move || seconds.set(((js_sys::Date::now() - begun_ms) / 1_000.0) as i64);
        // Without a timer ages stand still and keep their exact time on hover.
        let _ = set_interval_with_handle(tick, Duration::from_secs(1));
    });
}

/// A function that tells, reactively, how many seconds have passed since this call. What the server read is aged
/// by it, so that the browser's own clock, which may be wrong, is never compared with the server's.
pub fn use_seconds_since() -> impl Fn() -> i64 + Copy + Send + Sync + 'static {
    let ticker = use_context::<Ticker>();
    let begun = ticker.map_or(0, |ticker| ticker.0.get_untracked());
    move || ticker.map_or(0, |ticker| ticker.0.get() - begun)
}
