//! A framed part of a page.

use leptos::{children::ViewFnOnce, prelude::*};

use super::OptionalText;
use crate::view;

/// A surface with an optional heading (level 2), a line below it, actions at its right and a footer.
/// `is_flush` lets a table or list reach the frame.
#[component]
pub fn Card(
    #[prop(optional, into)] title: OptionalText,
    #[prop(optional, into)] lead: OptionalText,
    #[prop(optional, into)] actions: Option<ViewFnOnce>,
    #[prop(optional, into)] footer: Option<ViewFnOnce>,
    #[prop(optional)] is_flush: bool,
    children: Children,
) -> impl IntoView {
    let head = (title.is_some() || actions.is_some()).then(|| {
        view! {
            <header class="card-head">
                <div class="card-words">
                    {title.into_option().map(|title| view! { <h2 class="card-title">{title}</h2> })}
                    {lead.into_option().map(|lead| view! { <p class="card-lead">{lead}</p> })}
                </div>
                {actions.map(|actions| view! { <div class="actions">{actions.run()}</div> })}
            </header>
        }
    });
    view! {
        <section class=if is_flush { "card card-flush" } else { "card" }>
            {head}
            <div class="card-body">{children()}</div>
            {footer.map(|footer| view! { <footer class="card-foot">{footer.run()}</footer> })}
        </section>
    }
    .into_any()
}
