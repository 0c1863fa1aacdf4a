//! Yes or no.

use leptos::prelude::*;

use super::{OptionalText, field_id};
use crate::view;

/// A box that posts `name=value` when ticked and nothing when not. Give `value` when several boxes share a name.
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: OptionalText,
    #[prop(default = "true".to_owned(), into)] value: String,
    #[prop(optional)] is_checked: bool,
    #[prop(optional)] is_required: bool,
    #[prop(optional, into)] on_change: Option<Callback<bool>>,
) -> impl IntoView {
    let id = format!("{}-{value}", field_id(&name));
    let hint_id = format!("{id}-hint");
    let hint = hint.into_option();
    let described = hint.is_some().then(|| hint_id.clone());
    view! {
        <div class="check">
            <input
                type="checkbox"
                id=id.clone()
                name=name
                value=value
                checked=is_checked
                required=is_required
                aria-describedby=described
                on:change=move |event| {
                    if let Some(on_change) = on_change {
                        on_change.run(event_target_checked(&event));
                    }
                }
            />
            <div>
                <label for=id>{label}</label>
                {hint.map(|words| view! { <p class="field-hint" id=hint_id>{words}</p> })}
            </div>
        </div>
    }
    .into_any()
}
