//! How often a sync starts by itself.

use farshore_model::DurationMs;
use leptos::prelude::*;

use crate::{
    components::{Choice, OptionalText, Select, duration_text},
    view,
};

const MINUTE_MS: i64 = 60_000;
const CHOICES_MIN: [i64; 8] = [1, 5, 15, 30, 60, 240, 720, 1_440];

/// Posts `sync_interval` in milliseconds, or nothing for "only when somebody asks". `selected` is such a value;
/// one that is not among the choices joins them.
#[component]
pub fn IntervalSelect(
    #[prop(into)] selected: String,
    #[prop(optional, into)] error: OptionalText,
) -> impl IntoView {
    let mut lengths: Vec<i64> = CHOICES_MIN.iter().map(|minutes| minutes * MINUTE_MS).collect();
    if let Ok(other) = selected.parse::<i64>()
        && !lengths.contains(&other)
    {
        lengths.push(other);
    }
    let mut choices = vec![Choice::new("", "Only when somebody asks")];
    choices.extend(
        lengths
            .into_iter()
            .map(|ms| Choice::new(ms.to_string(), format!("Every {}", duration_text(DurationMs(ms))))),
    );
    view! {
        <Select
            name="sync_interval"
            label="Sync schedule"
            hint="A sync begins at most this long after the last one. Choose well below the RPO: the length of the sync itself comes on top."
            choices
            selected
            error
        />
    }
}
