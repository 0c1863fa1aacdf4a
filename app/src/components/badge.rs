//! A small label.

use leptos::prelude::*;

use super::Tone;
use crate::view;

/// A word or a count in a rounded box: kinds, counts, attributes. For a state use
/// [`StatusBadge`](super::StatusBadge).
#[component]
pub fn Badge(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    view! { <span class=format!("badge {}", tone.class())>{children()}</span> }.into_any()
}
