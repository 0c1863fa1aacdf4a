//! Built files. Their names carry a hash of their content, so a browser may keep them for ever.

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{self, Next},
    response::Response,
};
use tower_http::services::ServeDir;

use super::AppState;

pub(super) fn routes(state: &AppState) -> Router<AppState> {
    let folder = format!("{}/{}", state.leptos.site_root, state.leptos.site_pkg_dir);
    let files = ServeDir::new(folder).precompressed_br();
    let kept = if state.leptos.hash_files { "public, max-age=31536000, immutable" } else { "no-cache" };
    Router::new()
        .nest_service(&format!("/{}", state.leptos.site_pkg_dir), files)
        .layer(middleware::from_fn(move |request: Request, next: Next| keep(request, next, kept)))
}

async fn keep(request: Request, next: Next, kept: &'static str) -> Response {
    let mut response = next.run(request).await;
    if response.status().is_success() {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    }
    response
}
