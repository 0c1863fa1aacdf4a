//! What changes in the fields of one object.

use crate::view;
use farshore_model::plan::FieldChange;
use leptos::prelude::*;

/// Before and after, field by field. Signs and strike-through say what colour says.
#[component]
pub fn FieldDiff(changes: Vec<FieldChange>) -> impl IntoView {
    let rows = changes
        .into_iter()
        .map(|FieldChange { path, before, after, .. }| {
            view! {
                <div class="diff-field">
                    <dt><code>{path}</code></dt>
                    <dd>
                        {before.map(|text| view! { <del class="diff-old"><span class="sr-only">"before "</span>{text}</del> })}
                        {after.map(|text| view! { <ins class="diff-new"><span class="sr-only">"after "</span>{text}</ins> })}
                    </dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="diff-fields">{rows}</dl> }.into_any()
}
