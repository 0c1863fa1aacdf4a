//! Signing in. The form is an ordinary one: the session is made by the server, outside of Leptos.

use farshore_model::view::{DemoStatus, Persona, Viewer};
use leptos::prelude::*;

use crate::{
    components::{Alert, Brand, Button, ButtonVariant, Card, PageHeader, TextInput, ThemeSwitch, Tone},
    parts::{use_query, use_viewer},
    view,
};

#[component]
pub fn SignIn() -> impl IntoView {
    let viewer = use_viewer();
    let next = use_query("next");
    let error = use_query("error");
    view! {
        <main id="content" class="sign-in stack">
            <Brand/>
            <PageHeader title="Sign in"/>
            {move || {
                let title = error.get();
                (!title.is_empty()).then(|| view! { <Alert tone=Tone::Danger is_urgent=true title/> })
            }}
            <Transition>
                {move || Suspend::new(async move {
                    let demo = viewer.load().await.ok().and_then(|Viewer { demo, .. }| demo);
                    demo.map(|DemoStatus { personas, .. }| view! { <Personas personas next=next.get()/> })
                })}
            </Transition>
            <Card title="With a password">
                <form method="post" action="/sign-in" class="form">
                    <input type="hidden" name="next" value=move || next.get()/>
                    <TextInput name="login" label="Name" autocomplete="username" is_required=true/>
                    <TextInput
                        name="password"
                        label="Password"
                        kind="password"
                        autocomplete="current-password"
                        is_required=true
                    />
                    <div class="actions"><Button variant=ButtonVariant::Primary>"Sign in"</Button></div>
                </form>
            </Card>
            <ThemeSwitch/>
        </main>
    }
}

/// The people that the demo offers, one for each role.
#[component]
fn Personas(personas: Vec<Persona>, next: String) -> impl IntoView {
    let rows = personas
        .into_iter()
        .map(|Persona { login, title, description }| {
            view! {
                <li class="persona">
                    <form method="post" action="/sign-in">
                        <input type="hidden" name="next" value=next.clone()/>
                        <Button name="persona" value=login aria_label=format!("Sign in as {title}")>{title}</Button>
                    </form>
                    <p class="muted">{description}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <Card
            title="The demo"
            lead="Everything runs on this machine, over two simulated workspaces. Take a role; sign out to take another."
        >
            <ul class="personas">{rows}</ul>
        </Card>
    }
}
