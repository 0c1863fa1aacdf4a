//! What a page reads before it can be shown.

use std::{marker::PhantomData, sync::Arc};

use leptos::prelude::*;
use serde::de::DeserializeOwned;

use super::PageProblem;
use crate::{
    api::{
        ApiResult,
        read::{Asked, parse, read},
    },
    components::{Skeleton, use_seconds_since},
    view,
};

/// A resource that holds a `T`, as the text in which it arrived: all pages share one kind of resource.
pub struct PageData<T> {
    resource: Resource<ApiResult<String>>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for PageData<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for PageData<T> {}

impl<T: DeserializeOwned + 'static> PageData<T> {
    /// Reads now, and again whenever a signal changes that `ask` looks at.
    pub fn new(ask: impl Fn() -> ApiResult<Asked<T>> + Send + Sync + 'static) -> Self {
        let ask = Arc::new(move || ask()?.into_json());
        Self { resource: resource(ask), kind: PhantomData }
    }

    /// What was read.
    pub async fn load(self) -> ApiResult<T> {
        parse(&self.resource.await?)
    }

    /// What was read, if it was; to be looked at inside a `<Transition>`.
    pub fn get(self) -> Option<ApiResult<T>> {
        self.resource.get().map(|json| parse(&json?))
    }

    /// Reads again.
    pub fn refetch(self) {
        self.resource.refetch();
    }
}

/// Not generic, so that there is one of it.
fn resource(ask: Arc<dyn Fn() -> ApiResult<String> + Send + Sync>) -> Resource<ApiResult<String>> {
    let looks = StoredValue::new(0_u64);
    // Asking for the same once more is a new question: the answer may have changed.
    let question = move || {
        looks.update_value(|looks| *looks += 1);
        (looks.get_value(), ask())
    };
    Resource::new(question, |(_, asked)| async move { read(asked?).await })
}

/// Renders what `page` read, or what went wrong; grey lines before the first time. When it is read again the
/// old view stays until the new one is there, and only what differs is changed.
#[component]
pub fn Loaded<T>(page: PageData<T>, render: impl Fn(T) -> AnyView + Send + Sync + 'static) -> impl IntoView
where
    T: DeserializeOwned + 'static,
{
    let render = Arc::new(move |json: ApiResult<String>| match json.and_then(|json| parse(&json)) {
        Ok(data) => render(data),
        Err(problem) => view! { <PageProblem problem/> },
    });
    transition(page.resource, render)
}

/// Not generic, so that there is one of it.
fn transition(
    page: Resource<ApiResult<String>>,
    render: Arc<dyn Fn(ApiResult<String>) -> AnyView + Send + Sync>,
) -> AnyView {
    view! {
        <Transition fallback=|| view! { <Skeleton lines=8/> }>
            {move || {
                let render = Arc::clone(&render);
                Suspend::new(async move { render(page.await) })
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
