//! The last question before something destructive.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{Button, ButtonVariant, LinkButton, OptionalText, TextInput, field_id};
use crate::view;

const NAME: &str = "confirm_name";

/// Stands inside the form that does it. Says what will be destroyed, wants the thing's name typed (posted as
/// `confirm_name`; the server must check it again), and focuses Cancel. Before hydration the button works, so
/// that the form does; after it, it waits for the name.
#[component]
pub fn ConfirmByName(
    /// The name to type.
    #[prop(into)]
    expected: String,
    /// What is destroyed or cut off, as a sentence.
    #[prop(into)]
    consequence: String,
    /// The verb on the button: "Fail over now".
    #[prop(into)]
    action: String,
    #[prop(into)] cancel_href: String,
    #[prop(optional, into)] error: OptionalText,
) -> impl IntoView {
    let (typed, set_typed) = signal(None::<String>);
    Effect::new(move || set_typed.set(Some(typed_so_far())));
    let name = expected.clone();
    let why_disabled = Signal::derive(move || {
        typed.with(|typed| match typed {
            Some(typed) if typed.trim() != name => Some(format!("Type “{name}” to go on.")),
            _ => None,
        })
    });
    view! {
        <div class="confirm tone-danger">
            <p class="confirm-consequence">{consequence}</p>
            <TextInput
                name=NAME
                label=format!("Type “{expected}” to confirm")
                error
                is_required=true
                is_code=true
                on_input=move |text| set_typed.set(Some(text))
            />
            <div class="actions">
                <LinkButton href=cancel_href is_focused=true>"Cancel"</LinkButton>
                <Button variant=ButtonVariant::Danger why_disabled>{action}</Button>
            </div>
        </div>
    }
    .into_any()
}

/// What stood in the field before the page was hydrated.
fn typed_so_far() -> String {
    document()
        .get_element_by_id(&field_id(NAME))
        .and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok())
        .map(|field| field.value())
        .unwrap_or_default()
}
