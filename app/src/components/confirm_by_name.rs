//! The last question before something destructive.

use leptos::prelude::*;

use super::{Button, ButtonVariant, LinkButton, OptionalText, TextInput};

/// Stands inside the form that does it. Says what will be destroyed, wants the thing's name typed (posted as
/// `confirm_name`; the server must check it again), and focuses Cancel. Before hydration the button works and
/// the browser itself refuses another name by `pattern`.
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
                name="confirm_name"
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
}
