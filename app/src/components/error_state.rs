//! Something went wrong.

use leptos::prelude::*;

use super::{Glyph, Icon, OptionalText};
use crate::view;

/// Four answers: what happened, what was not lost, what to do, and the id under which the server logged it.
/// Children are the ways on: retry, back.
#[component]
pub fn ErrorState(
    #[prop(into)] what_happened: String,
    #[prop(optional, into)] not_lost: OptionalText,
    #[prop(optional, into)] what_to_do: OptionalText,
    #[prop(optional, into)] request_id: OptionalText,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let not_lost = not_lost.into_option().map(|words| {
        view! { <p class="error-line"><Icon glyph=Glyph::Shield/><span>{words}</span></p> }
    });
    let to_do = what_to_do.into_option().map(|words| {
        view! { <p class="error-line"><Icon glyph=Glyph::ArrowRight/><span>{words}</span></p> }
    });
    let id = request_id.into_option().map(|id| {
        view! { <p class="error-id">"Request " <code>{id}</code></p> }
    });
    view! {
        <div class="error-state tone-danger" role="alert">
            <p class="error-title"><Icon glyph=Glyph::CrossCircle/><span>{what_happened}</span></p>
            {not_lost}
            {to_do}
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
            {id}
        </div>
    }
    .into_any()
}
