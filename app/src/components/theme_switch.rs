//! Light, dark, or as the system does.

use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::{cookie, view};

/// Three buttons, hidden until the page is hydrated. The choice is a cookie, so that the server renders the next
/// page in it and nothing flashes.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let chosen = RwSignal::new(cookie::read(cookie::THEME).unwrap_or_default());
    let choice = move |theme: &'static str, glyph: Glyph, label: &'static str| {
        view! {
            <button
                type="button"
                class="theme-choice"
                data-choice=theme
                aria-label=label
                title=label
                aria-pressed=move || chosen.with(|chosen| if chosen == theme { "true" } else { "false" })
                on:click=move |_| {
                    apply(theme);
                    chosen.set(theme.to_owned());
                }
            >
                <Icon glyph/>
            </button>
        }
    };
    view! {
        <div class="theme-switch needs-script" role="group" aria-label="Theme">
            {choice("light", Glyph::Sun, "Light theme")}
            {choice("dark", Glyph::Moon, "Dark theme")}
            {choice("", Glyph::Monitor, "Theme of the system")}
        </div>
    }
    .into_any()
}

/// Sets the theme of the page and remembers it; an empty one is the system's.
fn apply(theme: &'static str) {
    let value = (!theme.is_empty()).then_some(theme);
    cookie::write(cookie::THEME, value);
    if let Some(root) = document().document_element() {
        // Neither call can fail for a well-formed attribute.
        let _ = match value {
            Some(theme) => root.set_attribute("data-theme", theme),
            None => root.remove_attribute("data-theme"),
        };
    }
}
