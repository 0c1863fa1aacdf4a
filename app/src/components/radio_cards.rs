//! A choice whose consequences deserve a sentence each.

use leptos::prelude::*;

use super::{Glyph, Icon, OptionalText, field_id};
use crate::view;

/// One card of [`RadioCards`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RadioCard {
    pub value: String,
    pub title: String,
    /// What choosing it means.
    pub detail: String,
    /// A reason makes the card unavailable and is shown on it.
    pub why_disabled: Option<String>,
}

impl RadioCard {
    pub fn new(value: impl Into<String>, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { value: value.into(), title: title.into(), detail: detail.into(), why_disabled: None }
    }

    pub fn disabled(self, why: impl Into<String>) -> Self {
        Self { why_disabled: Some(why.into()), ..self }
    }
}

/// Radio buttons that post `name`, each a card with a title and an explanation. `legend` asks the question.
/// `selected` is the value chosen at first; without it nothing is.
#[component]
pub fn RadioCards(
    #[prop(into)] name: String,
    #[prop(into)] legend: String,
    cards: Vec<RadioCard>,
    #[prop(optional, into)] selected: OptionalText,
    #[prop(optional, into)] error: OptionalText,
    #[prop(optional)] is_required: bool,
    #[prop(optional, into)] on_change: Option<Callback<String>>,
) -> impl IntoView {
    let selected = selected.into_option();
    let cards = cards
        .into_iter()
        .map(|card| {
            let id = format!("{}-{}", field_id(&name), card.value);
            let is_selected = selected.as_deref() == Some(card.value.as_str());
            let why = card.why_disabled.clone();
            view! {
                <div class="radio-card">
                    <input
                        type="radio"
                        id=id.clone()
                        name=name.clone()
                        value=card.value
                        checked=is_selected
                        required=is_required
                        disabled=why.is_some()
                        aria-describedby=format!("{id}-detail")
                        on:change=move |event| {
                            if let Some(on_change) = on_change {
                                on_change.run(event_target_value(&event));
                            }
                        }
                    />
                    <label for=id.clone()>{card.title}</label>
                    <p id=format!("{id}-detail") class="radio-detail">
                        {card.detail}
                        {why.map(|why| view! { <span class="btn-why">{why}</span> })}
                    </p>
                </div>
            }
        })
        .collect_view();
    let error = error.into_option().map(|words| {
        view! { <p class="field-error"><Icon glyph=Glyph::Warning/><span>{words}</span></p> }
    });
    view! {
        <fieldset class="field radio-cards">
            <legend class="field-label">{legend}</legend>
            <div class="radio-grid">{cards}</div>
            {error}
        </fieldset>
    }
    .into_any()
}
