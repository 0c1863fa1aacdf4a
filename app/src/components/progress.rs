//! How far something is.

use farshore_model::DurationMs;
use leptos::prelude::*;

use super::duration_text;
use crate::view;

/// A determinate bar with "n of m", the rate and the time left. All figures are signals, so that live data moves
/// the bar without rendering it again; plain values work too. The rate counts things per second.
#[component]
pub fn Progress(
    /// What is going on: "Copying objects".
    #[prop(into)]
    label: String,
    #[prop(into)] done: Signal<u64>,
    #[prop(into)] total: Signal<u64>,
    #[prop(optional, into)] per_second: Signal<Option<f64>>,
    #[prop(optional, into)] time_left: Signal<Option<DurationMs>>,
) -> impl IntoView {
    let share = move || percent(done.get(), total.get());
    let count = move || format!("{} of {}", done.get(), total.get());
    let pace = move || {
        let rate = per_second.get().map(rate_text);
        let left = time_left.get().map(|left| format!("about {} left", duration_text(left)));
        [rate, left].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    view! {
        <div class="progress">
            <div class="progress-words">
                <span class="progress-label">{label.clone()}</span>
                <span class="progress-count">{count}</span>
            </div>
            <div
                class="progress-track"
                role="progressbar"
                aria-label=label
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=share
                aria-valuetext=count
            >
                <div class="progress-fill" style:width=move || format!("{}%", share())></div>
            </div>
            <div class="progress-words progress-pace">
                <span>{move || format!("{} %", share())}</span>
                <span>{pace}</span>
            </div>
        </div>
    }
    .into_any()
}

/// `34.5 per second`, without the kilobytes that formatting a float takes in the browser.
fn rate_text(per_second: f64) -> String {
    // Rates are small and positive; what is not saturates.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let tenths = (per_second * 10.0).round() as u64;
    format!("{}.{} per second", tenths / 10, tenths % 10)
}

/// Whole percent; 100 only when everything is done, so that a full bar never lies.
fn percent(done: u64, total: u64) -> u64 {
    match total {
        0 => 100,
        total if done >= total => 100,
        total => (done.saturating_mul(100) / total).min(99),
    }
}

#[cfg(test)]
mod tests {
    use super::{percent, rate_text};

    #[test]
    fn rates_have_one_decimal() {
        assert_eq!(rate_text(34.46), "34.5 per second");
        assert_eq!(rate_text(0.04), "0.0 per second");
    }

    #[test]
    fn a_full_bar_means_done() {
        assert_eq!(percent(0, 0), 100);
        assert_eq!(percent(0, 360), 0);
        assert_eq!(percent(359, 360), 99);
        assert_eq!(percent(360, 360), 100);
    }
}
