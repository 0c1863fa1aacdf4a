//! Forms that do something on the server.
//!
//! Leptos' `ServerAction` and `ActionForm` do the same with a type for each server function, which the browser
//! takes apart and puts together again; here the fields of the form are sent as they are, by code that all forms
//! share. Without JavaScript the browser itself posts them to the same address.
//!
//! A page is rendered anew, in place, whenever it was read again or a form was refused: elements stay, and what a
//! person has typed stays in them. That holds as long as no closure is rendered inside a form, because Leptos
//! replaces what a closure has rendered: fields take [`FormAction::refused`] as a value.

use leptos::{
    ev::SubmitEvent,
    form::form_data_from_event,
    prelude::*,
    server::ServerActionError,
    server_fn::{
        ServerFn,
        error::{FromServerFnError, ServerFnErrorErr, ServerFnUrlError},
        redirect::{REDIRECT_HEADER, call_redirect_hook},
    },
    task::spawn_local,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, Headers, HtmlFormElement, RequestInit, Response, UrlSearchParams};

use crate::{
    api::{ApiProblem, ApiResult},
    view,
};

/// What a form does, and how its last attempt ended.
#[derive(Clone, Copy)]
pub struct FormAction {
    address: &'static str,
    outcome: RwSignal<Option<ApiResult<String>>>,
    attempts: RwSignal<u32>,
    is_pending: RwSignal<bool>,
}

impl FormAction {
    /// Of a server function, which takes its arguments from a form.
    pub fn of<S: ServerFn<Error = ApiProblem>>() -> Self {
        Self::at(S::PATH)
    }

    /// Without JavaScript a refusal comes back in the address of the page.
    fn at(address: &'static str) -> Self {
        let refused = use_context::<ServerActionError>()
            .filter(|refused| refused.path() == address)
            .map(|refused| Err(ServerFnUrlError::<ApiProblem>::decode_err(refused.err())));
        Self {
            address,
            outcome: RwSignal::new(refused),
            attempts: RwSignal::new(0),
            is_pending: RwSignal::new(false),
        }
    }

    /// Grows with every attempt that ended: what depends on it is read again.
    pub fn attempts(self) -> Signal<u32> {
        self.attempts.into()
    }

    pub fn is_pending(self) -> Signal<bool> {
        self.is_pending.into()
    }

    /// Why the last attempt was refused, and what had been typed then; to be asked where a page is rendered.
    pub fn refused(self) -> Option<ApiProblem> {
        self.outcome.get().and_then(Result::err)
    }

    /// Why the last attempt was refused.
    pub fn problem(self) -> Signal<Option<ApiProblem>> {
        Signal::derive(move || self.refused())
    }

    /// What the server answered, as JSON, when the last attempt succeeded.
    pub fn answer(self) -> Signal<Option<String>> {
        Signal::derive(move || self.outcome.get().and_then(Result::ok))
    }

    fn submit(self, event: &SubmitEvent) {
        if event.default_prevented() || self.is_pending.get_untracked() {
            event.prevent_default();
            return;
        }
        // Fields that cannot be read are left to the browser, which posts them itself.
        let Ok(fields) = form_data_from_event(event) else { return };
        event.prevent_default();
        self.is_pending.set(true);
        let form = event.target().and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        spawn_local(async move {
            let answer = post(self.address, &fields).await.unwrap_or_else(|_| Answer::none());
            // What was typed has arrived: from here on the fields show what is stored.
            if let Some(form) = form.filter(|_| answer.leaves_page_open()) {
                form.reset();
            }
            if let Some(address) = &answer.redirect {
                call_redirect_hook(address);
            }
            // The page may be gone by now, and its signals with it.
            self.is_pending.try_set(false);
            self.outcome.try_set(Some(answer.outcome));
            self.attempts.try_update(|attempts| *attempts = attempts.wrapping_add(1));
        });
    }
}

/// What came back, and where it leads.
struct Answer {
    outcome: ApiResult<String>,
    redirect: Option<String>,
}

impl Answer {
    const fn of(outcome: ApiResult<String>) -> Self {
        Self { outcome, redirect: None }
    }

    /// The panel could not be asked.
    fn none() -> Self {
        Self::of(Err(ApiProblem::from_server_fn_error(ServerFnErrorErr::Request(String::new()))))
    }

    /// It succeeded, and the person stays where they are.
    fn leaves_page_open(&self) -> bool {
        let here = window().location().pathname().unwrap_or_default();
        let there = self.redirect.as_ref().and_then(|address| address.split('?').next());
        self.outcome.is_ok() && there.is_none_or(|there| there == here)
    }
}

/// Sends the fields as the browser would, and asks for JSON instead of a page.
async fn post(address: &str, fields: &FormData) -> Result<Answer, JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", "application/json")?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(headers.as_ref());
    init.set_body(UrlSearchParams::new_with_str_sequence_sequence(fields)?.as_ref());
    let response = JsFuture::from(window().fetch_with_str_and_init(address, &init)).await?;
    let response: Response = response.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    if !response.ok() {
        return Ok(Answer::of(Err(ApiProblem::de(text.into()))));
    }
    let headers = response.headers();
    let redirect = if headers.has(REDIRECT_HEADER)? { headers.get("Location")? } else { None };
    Ok(Answer { outcome: Ok(text), redirect })
}

/// A form that posts to the server function of `action`.
#[component]
pub fn PostForm(action: FormAction, children: Children) -> impl IntoView {
    view! {
        <form method="post" action=action.address on:submit=move |event| action.submit(&event)>
            {children()}
        </form>
    }
}
