//! The state of something.

use leptos::prelude::*;

use super::{Glyph, Icon, Tone};
use crate::view;

/// A state as icon, words and colour, so that each of the three says it alone. `is_moving` makes the icon pulse
/// while something is under way.
#[component]
pub fn StatusBadge(
    tone: Tone,
    #[prop(into)] label: String,
    /// Instead of the tone's own icon.
    #[prop(optional, into)]
    glyph: Option<Glyph>,
    #[prop(optional)] is_moving: bool,
) -> impl IntoView {
    let motion = if is_moving { " is-moving" } else { "" };
    view! {
        <span class=format!("status {}{motion}", tone.class())>
            <Icon glyph=glyph.unwrap_or_else(|| tone.glyph())/>
            <span>{label}</span>
        </span>
    }
    .into_any()
}
