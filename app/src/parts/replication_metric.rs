//! The first axis: how much would be lost now.

use farshore_model::{
    DurationMs, Timestamp,
    view::{Replication, ReplicationState},
};
use leptos::prelude::*;

use super::{TickingLength, replication_words};
use crate::{
    components::{Metric, Tone, duration_text, use_seconds_since},
    view,
};

/// The age of the replication point, growing, beside the RPO. What was never replicated has no age.
#[component]
pub fn ReplicationMetric(replication: Replication) -> impl IntoView {
    let seconds_since = use_seconds_since();
    let Replication { state, age, rpo, point, .. } = replication;
    // The target may be missed while the page is open.
    let is_late_by_now = Memo::new(move |_| match (age, rpo, state) {
        (Some(age), Some(rpo), ReplicationState::Met) => age.0 + seconds_since() * 1_000 > rpo.0,
        _ => false,
    });
    let target = match rpo {
        Some(rpo) => format!("RPO {}", duration_text(rpo)),
        None => "no RPO set".to_owned(),
    };
    move || {
        let state = if is_late_by_now.get() { ReplicationState::Late } else { state };
        let (verdict, tone) = replication_words(state);
        view! {
            <Metric label="Replication: would be lost now" tone target=target.clone() verdict>
                {figure(age, point, tone)}
            </Metric>
        }
    }
}

fn figure(age: Option<DurationMs>, point: Option<Timestamp>, tone: Tone) -> impl IntoView {
    match (age, point) {
        (Some(base), Some(_)) => view! { <TickingLength base/> },
        _ if tone == Tone::Neutral => "—".into_any(),
        _ => "everything".into_any(),
    }
}
