//! The words that a command wants.

use leptos::prelude::*;

use crate::components::{Field, OptionalText, described_by};

/// Posts `words`. Several forms of one page have such a field, so each brings an `id` of its own.
#[component]
pub fn ReasonField(
    id: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: OptionalText,
    #[prop(optional)] is_optional: bool,
) -> impl IntoView {
    let described = described_by(id, &hint, &OptionalText::default());
    view! {
        <Field id label hint is_optional>
            <textarea
                class="input"
                id=id
                name="words"
                rows="2"
                required=!is_optional
                aria-describedby=described
            ></textarea>
        </Field>
    }
}
