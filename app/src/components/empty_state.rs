//! Nothing here, and what to do about it.

use leptos::prelude::*;

use super::{Glyph, Icon, OptionalText};
use crate::view;

/// Stands where a list would be. Says what is missing, why that is fine or not, and, as children, what to do
/// next: a button or a link.
#[component]
pub fn EmptyState(
    #[prop(into)] title: String,
    #[prop(optional, into)] hint: OptionalText,
    #[prop(optional, into)] glyph: Option<Glyph>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-mark"><Icon glyph=glyph.unwrap_or(Glyph::Dash)/></span>
            <p class="empty-title">{title}</p>
            {hint.into_option().map(|hint| view! { <p class="empty-hint">{hint}</p> })}
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </div>
    }
    .into_any()
}
