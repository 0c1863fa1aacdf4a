//! The strip that only the demo has.

use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::view;

/// Controls of the simulated workspaces, which no real installation has: striped, folded in and out, below the
/// page. Children are forms with small buttons.
#[component]
pub fn DemoBar(#[prop(optional)] is_open: bool, children: Children) -> impl IntoView {
    view! {
        <aside class="demo-bar" aria-label="Demo controls">
            <details open=is_open>
                <summary>
                    <span class="demo-word"><Icon glyph=Glyph::Flask/>"Demo"</span>
                    <span class="demo-hint">"Simulated workspaces: break a region, change content"</span>
                    <Icon glyph=Glyph::ChevronDown/>
                </summary>
                <div class="demo-controls">{children()}</div>
            </details>
        </aside>
    }
    .into_any()
}
