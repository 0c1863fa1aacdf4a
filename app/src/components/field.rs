//! What surrounds every form control.

use leptos::prelude::*;

use super::{Glyph, Icon, OptionalText};
use crate::view;

/// Label, control (the children), hint and error. The controls of this module bring their own; use it directly
/// only for a control of another kind, and give that control `id` and [`described_by`].
#[component]
pub fn Field(
    /// Id of the control.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: OptionalText,
    #[prop(optional, into)] error: OptionalText,
    #[prop(optional)] is_optional: bool,
    children: Children,
) -> impl IntoView {
    let hint = hint.into_option().map(|words| {
        view! { <p class="field-hint" id=format!("{id}-hint")>{words}</p> }
    });
    let error = error.into_option().map(|words| {
        view! {
            <p class="field-error" id=format!("{id}-error")>
                <Icon glyph=Glyph::Warning/>
                <span>{words}</span>
            </p>
        }
    });
    view! {
        <div class="field">
            <label class="field-label" for=id>
                {label}
                {is_optional.then(|| view! { <span class="field-optional">"optional"</span> })}
            </label>
            {hint}
            {children()}
            {error}
        </div>
    }
    .into_any()
}

/// The id of the control that posts `name`: the same in every rendering, and one per form value.
pub fn field_id(name: &str) -> String {
    format!("field-{name}")
}

/// The value of `aria-describedby` for a control inside a [`Field`].
pub fn described_by(id: &str, hint: &OptionalText, error: &OptionalText) -> Option<String> {
    match (hint.is_some(), error.is_some()) {
        (true, true) => Some(format!("{id}-hint {id}-error")),
        (true, false) => Some(format!("{id}-hint")),
        (false, true) => Some(format!("{id}-error")),
        (false, false) => None,
    }
}
