//! What a page reads before it can be shown.

use std::{future::Future, marker::PhantomData, pin::Pin, sync::Arc};

use leptos::prelude::*;
use serde::de::DeserializeOwned;

use super::PageProblem;
use crate::{
    api::{ApiResult, Written, read_written},
    components::{Skeleton, use_seconds_since},
};

type Reading = Pin<Box<dyn Future<Output = ApiResult<String>> + Send>>;

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
    /// Reads now, and again whenever a signal changes that `arguments` looks at.
    pub fn new<A, F>(
        arguments: impl Fn() -> A + Clone + Send + Sync + 'static,
        read: impl Fn(A) -> F + Send + Sync + 'static,
    ) -> Self
    where
        A: 'static,
        F: Future<Output = ApiResult<Written<T>>> + Send + 'static,
    {
        let watched = arguments.clone();
        let watch = Box::new(move || drop(watched()));
        let read = Arc::new(move || -> Reading {
            let reading = read(untrack(&arguments));
            Box::pin(async move { reading.await.map(Written::into_json) })
        });
        Self { resource: resource(watch, read), kind: PhantomData }
    }

    /// What was read.
    pub async fn load(self) -> ApiResult<T> {
        read_written(&self.resource.await?)
    }

    /// What was read, if it was; to be looked at inside a `<Transition>`.
    pub fn get(self) -> Option<ApiResult<T>> {
        self.resource.get().map(|json| read_written(&json?))
    }

    /// Reads again.
    pub fn refetch(self) {
        self.resource.refetch();
    }
}

/// Not generic, so that there is one of it.
fn resource(
    watch: Box<dyn Fn() + Send + Sync>,
    read: Arc<dyn Fn() -> Reading + Send + Sync>,
) -> Resource<ApiResult<String>> {
    let looks = StoredValue::new(0_u64);
    let next_look = move || {
        watch();
        looks.update_value(|looks| *looks += 1);
        looks.get_value()
    };
    Resource::new(next_look, move |_| read())
}

/// Renders what `page` read, or what went wrong; grey lines before the first time. When it is read again the
/// old view stays until the new one is there, and only what differs is changed.
#[component]
pub fn Loaded<T>(page: PageData<T>, render: impl Fn(T) -> AnyView + Send + Sync + 'static) -> impl IntoView
where
    T: DeserializeOwned + 'static,
{
    let render = Arc::new(move |json: ApiResult<String>| match json.and_then(|json| read_written(&json)) {
        Ok(data) => render(data),
        Err(problem) => view! { <PageProblem problem/> }.into_any(),
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
    .into_any()
}

/// Counts up every half minute, so that a page compares ages with targets anew although nobody reported a
/// change.
pub fn slow_tick() -> Memo<i64> {
    let seconds_since = use_seconds_since();
    Memo::new(move |_| seconds_since() / 30)
}
