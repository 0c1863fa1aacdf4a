//! A length of time that grows while one looks at it.

use farshore_model::DurationMs;
use leptos::prelude::*;

use crate::{
    components::{duration_text, use_seconds_since},
    view,
};

/// `4 min 5 s`, one second more each second while `is_running`. `base` is as the server measured it.
#[component]
pub fn TickingLength(base: DurationMs, #[prop(default = true)] is_running: bool) -> impl IntoView {
    let seconds_since = use_seconds_since();
    let text = move || {
        let more = if is_running { seconds_since() } else { 0 };
        duration_text(DurationMs(base.0 + more * 1_000))
    };
    view! { <span class="time num">{text}</span> }
}
