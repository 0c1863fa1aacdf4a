//! Facts about one thing.

use crate::view;
use leptos::prelude::*;

/// A list of [`KeyValue`]s. `is_wide` lays them out in two columns where there is room.
#[component]
pub fn KeyValues(#[prop(optional)] is_wide: bool, children: Children) -> impl IntoView {
    view! { <dl class=if is_wide { "facts facts-wide" } else { "facts" }>{children()}</dl> }.into_any()
}

/// One fact: what it is, and its value as children.
#[component]
pub fn KeyValue(#[prop(into)] label: String, children: Children) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{label}</dt>
            <dd>{children()}</dd>
        </div>
    }
    .into_any()
}
