//! The shape of what is coming.

use crate::view;
use leptos::prelude::*;

/// Grey lines in the place of text or rows that are being read; the fallback of a `<Suspense>`.
#[component]
pub fn Skeleton(#[prop(default = 3)] lines: u32) -> impl IntoView {
    let lines = (0..lines).map(|_| view! { <span class="skeleton-line"></span> }).collect_view();
    view! {
        <div class="skeleton" role="status">
            <span class="sr-only">"Reading…"</span>
            {lines}
        </div>
    }
    .into_any()
}
