//! Buttons and links that look like them.

use leptos::{ev::MouseEvent, prelude::*};

use super::{Glyph, Icon, OptionalText};
use crate::view;

/// How much a button asks for attention. One primary button per screen or card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonVariant {
    Primary,
    #[default]
    Secondary,
    /// No frame until hovered: toolbars, table rows.
    Quiet,
    /// Destroys something or cuts something off.
    Danger,
}

impl ButtonVariant {
    pub(super) const fn class(self, is_small: bool) -> &'static str {
        match (self, is_small) {
            (Self::Primary, false) => "btn btn-primary",
            (Self::Primary, true) => "btn btn-small btn-primary",
            (Self::Secondary, false) => "btn",
            (Self::Secondary, true) => "btn btn-small",
            (Self::Quiet, false) => "btn btn-quiet",
            (Self::Quiet, true) => "btn btn-small btn-quiet",
            (Self::Danger, false) => "btn btn-danger",
            (Self::Danger, true) => "btn btn-small btn-danger",
        }
    }
}

/// A button; inside a form it submits, unless `on_click` is given. When `why_disabled` holds a reason it is
/// disabled and the reason stands beside it: a dead button always says why. Busy (`is_busy`) is disabled too,
/// with moving dots.
#[component]
pub fn Button(
    #[prop(optional)] variant: ButtonVariant,
    #[prop(optional)] is_small: bool,
    #[prop(optional, into)] glyph: Option<Glyph>,
    /// Name of the form value that pressing this button sends.
    #[prop(optional, into)]
    name: OptionalText,
    #[prop(optional, into)] value: OptionalText,
    /// Sends the form to another address than its own.
    #[prop(optional, into)]
    form_action: OptionalText,
    /// For buttons without words inside; icon-only buttons need it.
    #[prop(optional, into)]
    aria_label: OptionalText,
    #[prop(optional, into)] why_disabled: MaybeProp<String>,
    #[prop(optional, into)] is_busy: Signal<bool>,
    #[prop(optional, into)] on_click: Option<Callback<MouseEvent>>,
    children: Children,
) -> impl IntoView {
    let kind = if on_click.is_some() { "button" } else { "submit" };
    view! {
        <span class="btn-box">
            <button
                type=kind
                class=variant.class(is_small)
                name=name.into_option()
                value=value.into_option()
                formaction=form_action.into_option()
                aria-label=aria_label.into_option()
                aria-busy=move || is_busy.get().then_some("true")
                disabled=move || is_busy.get() || why_disabled.get().is_some()
                on:click=move |event| {
                    if let Some(on_click) = on_click {
                        on_click.run(event);
                    }
                }
            >
                {glyph.map(|glyph| view! { <Icon glyph/> })}
                {children()}
            </button>
            {move || why_disabled.get().map(|reason| view! { <span class="btn-why">{reason}</span> })}
        </span>
    }
    .into_any()
}
