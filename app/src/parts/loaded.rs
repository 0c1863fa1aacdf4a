//! A page that reads something before it can be shown.

use leptos::prelude::*;

use super::PageProblem;
use crate::{
    api::ApiResult,
    components::{Skeleton, use_seconds_since},
};

/// Renders what `page` read, or what went wrong; grey lines before the first time. When it is read again the
/// old view stays until the new one is there, and only what differs is changed.
#[component]
pub fn Loaded<T, F>(page: Resource<ApiResult<T>>, render: F) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    F: Fn(T) -> AnyView + Clone + Send + Sync + 'static,
{
    view! {
        <Transition fallback=|| view! { <Skeleton lines=8/> }>
            {move || {
                let render = render.clone();
                Suspend::new(async move {
                    match page.await {
                        Ok(data) => render(data),
                        Err(problem) => view! { <PageProblem problem/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}

/// Counts up every half minute, so that a page compares ages with targets anew although nobody reported a
/// change.
pub fn slow_tick() -> Memo<i64> {
    let seconds_since = use_seconds_since();
    Memo::new(move |_| seconds_since() / 30)
}
