//! A link that looks like a button.

use leptos::{html, prelude::*};

use super::{ButtonVariant, Glyph, Icon, OptionalText};
use crate::view;

/// Goes somewhere; changes nothing. `is_external` leaves the application (downloads, other hosts).
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] variant: ButtonVariant,
    #[prop(optional)] is_small: bool,
    #[prop(optional)] is_external: bool,
    #[prop(optional, into)] glyph: Option<Glyph>,
    #[prop(optional, into)] aria_label: OptionalText,
    /// Receives the focus when the page opens: the harmless way out of a destructive one.
    #[prop(optional)]
    is_focused: bool,
    children: Children,
) -> impl IntoView {
    let link = NodeRef::<html::A>::new();
    if is_focused {
        // `autofocus` only works on a page load, not after a navigation inside the application.
        Effect::new(move || {
            if let Some(link) = link.get() {
                let _ = link.focus();
            }
        });
    }
    view! {
        <a
            node_ref=link
            href=href
            class=variant.class(is_small)
            rel=is_external.then_some("external")
            autofocus=is_focused
            aria-label=aria_label.into_option()
        >
            {glyph.map(|glyph| view! { <Icon glyph/> })}
            {children()}
        </a>
    }
    .into_any()
}
