//! Sends those who are not signed in to the sign-in page, before a page is rendered: a redirect out of a view
//! would carry the page as its body.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use super::Identity;

/// Middleware for pages.
pub(crate) async fn require_sign_in(request: Request, next: Next) -> Response {
    let is_signed_in = request.extensions().get::<Identity>().is_some_and(|identity| identity.0.is_some());
    let path = request.uri().path();
    if is_signed_in || path == "/sign-in" {
        return next.run(request).await;
    }
    let wanted = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let next_page = super::sign_in::encode(wanted);
    Redirect::to(&format!("/sign-in?next={next_page}")).into_response()
}
