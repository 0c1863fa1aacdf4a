//! A message in the flow of a page.

use leptos::prelude::*;

use super::{Icon, OptionalText, Tone};
use crate::view;

/// A message that belongs to the page or card it stands in. Children explain; `title` alone is enough for one
/// sentence. Read aloud at once when `is_urgent`, else politely when it appears.
#[component]
pub fn Alert(
    tone: Tone,
    #[prop(optional, into)] title: OptionalText,
    #[prop(optional)] is_urgent: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=format!("alert {}", tone.class()) role=if is_urgent { "alert" } else { "status" }>
            <Icon glyph=tone.glyph()/>
            <div class="alert-words">
                {title.into_option().map(|title| view! { <p class="alert-title">{title}</p> })}
                {children.map(|children| view! { <div>{children()}</div> })}
            </div>
        </div>
    }
    .into_any()
}
