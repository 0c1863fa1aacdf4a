//! How long recovery took, beside how long it may take.

use farshore_model::view::RecoveryTime;
use leptos::prelude::*;

use crate::{
    components::{DurationText, Metric, Tone, duration_text},
    view,
};

/// The last measured recovery time, with a link to the run in which it was measured, beside the RTO.
#[component]
pub fn RecoveryMetric(recovery: RecoveryTime) -> impl IntoView {
    let RecoveryTime { rto, measured, measured_in } = recovery;
    let target = match rto {
        Some(rto) => format!("RTO {}", duration_text(rto)),
        None => "no RTO set".to_owned(),
    };
    let (verdict, tone) = match (measured, rto) {
        (None, _) => ("never measured", Tone::Neutral),
        (Some(_), None) => ("no target set", Tone::Neutral),
        (Some(measured), Some(rto)) if measured <= rto => ("within target", Tone::Ok),
        _ => ("longer than the target", Tone::Danger),
    };
    let figure = match (measured, measured_in) {
        (Some(length), Some(run)) => view! {
            <a href=format!("/runs/{run}") title="The run in which it was measured"><DurationText length/></a>
        },
        _ => "—".into_any(),
    };
    view! { <Metric label="Recovery: took last time" tone target verdict>{figure}</Metric> }
}
