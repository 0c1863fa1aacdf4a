//! A choice out of a list.

use leptos::prelude::*;

use super::{Field, OptionalText, described_by, field_id};
use crate::view;

/// One entry of a [`Select`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// A labelled drop-down that posts `name`. `selected` is the value chosen at first.
#[component]
pub fn Select(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    choices: Vec<Choice>,
    #[prop(optional, into)] selected: OptionalText,
    #[prop(optional, into)] hint: OptionalText,
    #[prop(optional, into)] error: OptionalText,
    #[prop(optional)] is_optional: bool,
    #[prop(optional, into)] on_change: Option<Callback<String>>,
) -> impl IntoView {
    let id = field_id(&name);
    let described = described_by(&id, &hint, &error);
    let is_invalid = error.is_some();
    let selected = selected.into_option().unwrap_or_default();
    let options = choices
        .into_iter()
        .map(|Choice { value, label }| {
            let is_selected = value == selected;
            view! { <option value=value selected=is_selected>{label}</option> }
        })
        .collect_view();
    view! {
        <Field id=id.clone() label hint error is_optional>
            <select
                class="input"
                id=id
                name=name
                aria-describedby=described
                aria-invalid=is_invalid.then_some("true")
                on:change=move |event| {
                    if let Some(on_change) = on_change {
                        on_change.run(event_target_value(&event));
                    }
                }
            >
                {options}
            </select>
        </Field>
    }
    .into_any()
}
