//! Text for machines.

use leptos::prelude::*;

use super::OptionalText;
use crate::view;

/// Preformatted text in a box of its own: a command, a payload, a log.
#[component]
pub fn CodeBlock(#[prop(optional, into)] label: OptionalText, #[prop(into)] text: String) -> impl IntoView {
    let label = label.into_option();
    let name = label.clone().unwrap_or("Code".into());
    view! {
        <figure class="code-box">
            {label.map(|label| view! { <figcaption>{label}</figcaption> })}
            <pre tabindex="0" role="region" aria-label=name><code>{text}</code></pre>
        </figure>
    }
    .into_any()
}
