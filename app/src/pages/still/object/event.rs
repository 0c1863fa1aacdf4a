//! What one sync did to the object.

use farshore_model::{
    group::Side,
    view::{ObjectEvent, PairNames},
};
use leptos::prelude::*;

use crate::{
    components::{Badge, Glyph, Icon, StatusBadge, TimeText},
    parts::{Changes, action_words, changes_words, outcome_words, trigger_words},
    view,
};

#[component]
pub fn Event(event: ObjectEvent, pairs: Vec<PairNames>) -> impl IntoView {
    let ObjectEvent { at, sync_run_id, pair_id, source, trigger, requested_by, .. } = event;
    let (word, _, tone) = action_words(event.action);
    let (label, outcome_tone) = outcome_words(event.state);
    let pair = pairs.iter().find(|pair| pair.id == pair_id);
    let region = |side: Side| pair.map_or(side.as_str(), |pair| pair.region(side)).to_owned();
    let (from, to) = (region(source), region(source.other()));
    let by = requested_by.unwrap_or_else(|| trigger_words(trigger).to_owned());
    let changes = event.changes;
    let diff = (!changes.is_empty()).then(|| {
        view! {
            <details class="plan-diff" open=true>
                <summary>{changes_words(&changes)}</summary>
                <Changes changes/>
            </details>
        }
    });
    let remedy = event.remedy.map(|remedy| {
        view! { <p class="remedy"><Icon glyph=Glyph::ArrowRight/><span>{remedy}</span></p> }
    });
    view! {
        <li class="plan-item">
            <div class="plan-item-head">
                <Badge tone>{word}</Badge>
                <StatusBadge tone=outcome_tone label/>
                <span class="plan-name break">{event.name}</span>
                <span class="muted">
                    <TimeText at/>{format!(", {from} → {to}, ")}
                    <a href=format!("/syncs/{sync_run_id}")>{format!("sync by {by}")}</a>
                </span>
            </div>
            {event.reason.map(|reason| view! { <p class="muted">{reason}</p> })}
            {diff}
            {event.error.map(|error| view! { <p class="plan-error">{error}</p> })}
            {remedy}
        </li>
    }
}
