//! A figure to be seen from across the room.

use leptos::prelude::*;

use super::{Icon, OptionalText, Tone};
use crate::view;

/// A measured figure (the children) beside its target, in the tone of how the two compare. Without a tone only
/// the figure is shown.
#[component]
pub fn Metric(
    #[prop(into)] label: String,
    #[prop(optional)] tone: Tone,
    /// What it is measured against: "target 15 min".
    #[prop(optional, into)]
    target: OptionalText,
    /// Says in words what the tone says: "within target".
    #[prop(optional, into)]
    verdict: OptionalText,
    children: Children,
) -> impl IntoView {
    let verdict = verdict.into_option().map(|words| {
        view! { <span class="metric-verdict"><Icon glyph=tone.glyph()/>{words}</span> }
    });
    view! {
        <div class=format!("metric {}", tone.class())>
            <div class="metric-label">{label}</div>
            <div class="metric-figure">{children()}</div>
            <div class="metric-foot">
                {verdict}
                {target.into_option().map(|target| view! { <span class="metric-target">{target}</span> })}
            </div>
        </div>
    }
    .into_any()
}

/// Lays [`Metric`]s out side by side, as many as fit.
#[component]
pub fn MetricRow(children: Children) -> impl IntoView {
    view! { <div class="metric-row">{children()}</div> }.into_any()
}
