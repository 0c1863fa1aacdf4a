//! Pages and server functions: hands over to Leptos, with what the interface needs in its context.

use std::sync::Arc;

use app::api::{CurrentActor, PostedForm, RequestId as AppRequestId, TimeZone};
use axum::{
    Form, Router,
    body::Body,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list, render_app_async_with_context};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::{AppState, RequestId};
use crate::login::Identity;

/// Every page that the interface knows.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    let (options, control) = (state.leptos.clone(), Arc::clone(&state.control));
    let alive = Router::new().leptos_routes_with_context(
        state,
        generate_route_list(app::App),
        move || provide(&control),
        move || page(|| app::shell(options.clone())),
    );
    generate_route_list(app::StillApp).into_iter().fold(alive, |router, still| {
        let (options, control) = (state.leptos.clone(), Arc::clone(&state.control));
        let render = render_app_async_with_context(
            move || provide(&control),
            move || page(|| app::still_shell(options.clone())),
        );
        let page = get(render.clone());
        let page = match app::takes_forms(still.path()) {
            true => page.merge(post(render).layer(middleware::from_fn(read_form))),
            false => page,
        };
        router.route(still.path(), page)
    })
}

/// Middleware: puts the fields of a posted form where the page that is rendered finds them.
async fn read_form(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match Form::from_request(Request::from_parts(parts.clone(), body), &()).await {
        Ok(Form(fields)) => {
            let mut request = Request::from_parts(parts, Body::empty());
            request.extensions_mut().insert(PostedForm(fields));
            next.run(request).await
        }
        Err(unreadable) => unreadable.into_response(),
    }
}

/// `POST /sfn/…`
pub(super) async fn server_function(State(state): State<AppState>, request: Request) -> Response {
    let control = Arc::clone(&state.control);
    leptos_axum::handle_server_fns_with_context(move || provide(&control), request).await.into_response()
}

/// A file of the site's root such as the icon; otherwise the page that says that there is nothing here.
pub(super) async fn not_found_or_file(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let looked_for = Request::from_parts(parts.clone(), Body::empty());
    if let Ok(file) = ServeDir::new(&*state.leptos.site_root).oneshot(looked_for).await
        && file.status() == StatusCode::OK
    {
        return file.map(Body::new);
    }
    let control = Arc::clone(&state.control);
    let options = state.leptos.clone();
    let render = render_app_async_with_context(
        move || provide(&control),
        move || page(|| app::shell(options.clone())),
    );
    let mut response = render(Request::from_parts(parts, body)).await.into_response();
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// What the interface finds in its context: the use-cases, who asks, in which zone they live.
fn provide(control: &Arc<farshore_control::Control>) {
    provide_context(Arc::clone(control));
    let Some(parts) = use_context::<Parts>() else { return };
    let actor = parts.extensions.get::<Identity>().and_then(|identity| identity.0.clone());
    provide_context(CurrentActor(actor));
    let id = parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    provide_context(AppRequestId(id));
    provide_context(TimeZone(time_zone(&parts.headers)));
    if let Some(form) = parts.extensions.get::<PostedForm>() {
        provide_context(form.clone());
    }
}

/// As the browser's cookie names it, when it is one that there is; UTC otherwise.
fn time_zone(headers: &HeaderMap) -> String {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let named = cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, zone)| (name == app::cookie::ZONE).then_some(zone));
    match named {
        Some(zone) if jiff::tz::TimeZone::get(zone).is_ok() => zone.to_owned(),
        _ => "UTC".to_owned(),
    }
}

/// The document, with the policy that lets only its own scripts run.
fn page<V: IntoView>(shell: impl FnOnce() -> V) -> V {
    if let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) {
        let policy = format!(
            "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' \
             'unsafe-inline'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; \
             form-action 'self'; frame-ancestors 'none'"
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    shell()
}
