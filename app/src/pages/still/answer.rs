//! How a page answers a form that was posted to it.

use farshore_model::{Problem, ProblemKind};
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::{api::ApiProblem, components::ErrorState, parts::set_status, view};

/// It was done: the browser reads the page anew, so that reloading it does not do it again.
pub(super) fn see_other(address: &str) -> AnyView {
    if let Some(response) = use_context::<ResponseOptions>()
        && let Ok(address) = HeaderValue::from_str(address)
    {
        response.set_status(StatusCode::SEE_OTHER);
        response.insert_header(header::LOCATION, address);
    }
    ().into_any()
}

/// Why it was not done, above the form, and the status that says so.
pub(super) fn refused(problem: Option<Problem>) -> Option<AnyView> {
    let problem = problem?;
    set_status(problem.kind);
    let title = match problem.kind {
        ProblemKind::Invalid => "This was not saved, because something in the form does not fit.".to_owned(),
        _ => problem.what_happened.clone(),
    };
    let ApiProblem { problem, .. } = problem.into();
    Some(view! {
        <ErrorState
            what_happened=title
            not_lost="What you typed still stands in the form."
            what_to_do=problem.what_to_do
            request_id=problem.request_id
        />
    })
}

/// Why a field does not fit.
pub(super) fn field_error(problem: Option<&Problem>, field: &str) -> Option<String> {
    let (_, why) = problem?.fields.iter().find(|(name, _)| name == field)?;
    Some(why.clone())
}
