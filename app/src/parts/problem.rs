//! What went wrong, on a page and beside a form.

use farshore_model::ProblemKind;
use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

use crate::{
    api::ApiProblem,
    components::{ErrorState, LinkButton, PageHeader},
    view,
};

/// Stands in the place of a page that could not be read.
#[component]
pub fn PageProblem(problem: ApiProblem) -> impl IntoView {
    #[cfg(feature = "ssr")]
    set_status(problem.kind);
    let title = match problem.kind {
        ProblemKind::NotFound => "Not found",
        ProblemKind::Forbidden => "Not for your role",
        ProblemKind::SignedOut => "Signed out",
        _ => "This page could not be read",
    };
    let way_on = match problem.kind {
        ProblemKind::SignedOut => {
            let next = use_location().pathname.get_untracked();
            view! { <LinkButton href=format!("/sign-in?next={next}") is_external=true>"Sign in"</LinkButton> }
        }
        _ => view! { <LinkButton href="/">"To the overview"</LinkButton> },
    };
    view! {
        <PageHeader title/>
        <ErrorState
            what_happened=problem.what_happened.clone()
            not_lost=problem.not_lost.clone()
            what_to_do=problem.what_to_do.clone()
            request_id=problem.request_id.clone()
        >
            {way_on}
        </ErrorState>
    }
}

/// Answers with the status of a problem.
#[cfg(feature = "ssr")]
pub fn set_status(kind: ProblemKind) {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>()
        && let Ok(status) = http::StatusCode::from_u16(kind.http_status())
    {
        response.set_status(status);
    }
}

/// Why a form was refused; comes into view when it appears.
#[component]
pub fn FormProblem(#[prop(into)] problem: Signal<Option<ApiProblem>>) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    Effect::new(move || {
        if problem.with(Option::is_some)
            && let Some(place) = place.get_untracked()
        {
            place.scroll_into_view_with_bool(false);
        }
    });
    view! {
        <div node_ref=place class="form-problem">
            {move || problem.get().map(|ApiProblem { problem, .. }| view! {
                <ErrorState
                    what_happened=problem.what_happened
                    not_lost=problem.not_lost
                    what_to_do=problem.what_to_do
                    request_id=problem.request_id
                />
            })}
        </div>
    }
}
