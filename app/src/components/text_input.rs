//! One line of text.

use leptos::prelude::*;

use super::{Field, OptionalText, described_by, field_id};
use crate::view;

/// A labelled text field that posts `name`. `kind` is the HTML type: `text` (default), `password`, `url`,
/// `email`, `number`, `time`, `search`. `on_input` receives each change.
#[component]
pub fn TextInput(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: OptionalText,
    #[prop(optional, into)] hint: OptionalText,
    #[prop(optional, into)] error: OptionalText,
    #[prop(optional, into)] placeholder: OptionalText,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    /// `numeric`, `decimal`, …: the keyboard that a phone shows.
    #[prop(optional)]
    input_mode: Option<&'static str>,
    #[prop(optional)] is_required: bool,
    /// Marks the label "optional".
    #[prop(optional)]
    is_optional: bool,
    /// For hosts, ids and tokens.
    #[prop(optional)]
    is_code: bool,
    #[prop(optional, into)] on_input: Option<Callback<String>>,
) -> impl IntoView {
    let id = field_id(&name);
    let described = described_by(&id, &hint, &error);
    let is_invalid = error.is_some();
    view! {
        <Field id=id.clone() label hint error is_optional>
            <input
                class=if is_code { "input is-code" } else { "input" }
                id=id
                name=name
                type=kind
                value=value.into_option()
                placeholder=placeholder.into_option()
                autocomplete=autocomplete
                inputmode=input_mode
                spellcheck=is_code.then_some("false")
                required=is_required
                aria-describedby=described
                aria-invalid=is_invalid.then_some("true")
                on:input=move |event| {
                    if let Some(on_input) = on_input {
                        on_input.run(event_target_value(&event));
                    }
                }
            />
        </Field>
    }
    .into_any()
}
