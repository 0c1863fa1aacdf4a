//! Whether the page still hears from the server.

use farshore_model::Timestamp;
use leptos::{either::Either, prelude::*};

use super::{Glyph, Icon, TimeText};
use crate::view;

/// "Live" while events arrive, "Stale since …" when they stopped; hidden without JavaScript, since nothing is
/// live then. Changes are read aloud.
#[component]
pub fn LiveStatus(
    /// When the stream broke; `None` while it is healthy.
    #[prop(into)]
    stale_since: Signal<Option<Timestamp>>,
) -> impl IntoView {
    view! {
        <span class="live needs-script" role="status">
            {move || match stale_since.get() {
                None => Either::Left(view! { <span class="live-word tone-ok is-moving"><span class="live-dot"></span>"Live"</span> }),
                Some(at) => Either::Right(view! {
                    <span class="live-word tone-warn"><Icon glyph=Glyph::Warning/>"Stale since "<TimeText at/></span>
                }),
            }}
        </span>
    }
    .into_any()
}
