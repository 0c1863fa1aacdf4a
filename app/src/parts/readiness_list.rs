//! The second axis: would a failover work now, and if not, why not.

use farshore_model::{
    Timestamp,
    readiness::{Readiness, ReadinessCheck, ReadinessState},
};
use leptos::prelude::*;

use super::{counted, readiness_words};
use crate::{
    components::{Glyph, Icon, Metric, RelativeAge, StatusBadge},
    view,
};

/// The state of all checks together.
#[component]
pub fn ReadinessBadge(readiness: Readiness) -> impl IntoView {
    let state = readiness.state();
    let (words, tone) = readiness_words(state);
    let open = readiness.checks.iter().filter(|check| check.state != ReadinessState::Passed).count();
    let verdict = match u32::try_from(open).unwrap_or(u32::MAX) {
        0 if readiness.checks.is_empty() => "not evaluated yet".to_owned(),
        0 => "every check passed".to_owned(),
        open => counted(open, "check is open", "checks are open"),
    };
    view! { <Metric label="Readiness: would a failover work" tone verdict>{words}</Metric> }
}

/// Every check with its result and, where it did not pass, what to do about it; the open ones first.
#[component]
pub fn ReadinessList(readiness: Readiness, as_of: Timestamp) -> impl IntoView {
    let mut checks = readiness.checks;
    checks.sort_by_key(|check| std::cmp::Reverse(check.state));
    let rows = checks
        .into_iter()
        .map(|ReadinessCheck { title, state, detail, remedy, .. }| {
            let (label, tone) = readiness_words(state);
            let label = if state == ReadinessState::Passed { "Passed" } else { label };
            view! {
                <li class="check-row">
                    <StatusBadge tone label/>
                    <div class="stack-tight">
                        <strong>{title}</strong>
                        <p class="muted">{detail}</p>
                        {remedy.map(|remedy| view! {
                            <p class="remedy"><Icon glyph=Glyph::ArrowRight/><span>{remedy}</span></p>
                        })}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="check-list">{rows}</ul>
        <p class="muted">"Evaluated "<RelativeAge at=readiness.evaluated_at now=as_of/></p>
    }
}
