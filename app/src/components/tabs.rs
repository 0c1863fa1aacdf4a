//! Views of the same thing, each with an address.

use crate::view;
use leptos::prelude::*;

/// One tab: a link, so that the state is in the URL and works without JavaScript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    pub label: String,
    pub href: String,
    pub is_current: bool,
    pub count: Option<u64>,
}

impl Tab {
    pub fn new(label: impl Into<String>, href: impl Into<String>, is_current: bool) -> Self {
        Self { label: label.into(), href: href.into(), is_current, count: None }
    }

    pub fn with_count(self, count: u64) -> Self {
        Self { count: Some(count), ..self }
    }
}

/// A row of tabs; several rows when there is no room. `is_external`: the application in the browser does
/// not have these pages.
#[component]
pub fn Tabs(
    #[prop(into)] label: String,
    tabs: Vec<Tab>,
    #[prop(optional)] is_external: bool,
) -> impl IntoView {
    let links = tabs
        .into_iter()
        .map(|tab| {
            let count = tab.count.map(|count| view! { <span class="tab-count">{count}</span> });
            view! {
                <li>
                    <a class="tab" href=tab.href rel=is_external.then_some("external") aria-current=tab.is_current.then_some("page")>
                        {tab.label}
                        {count}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label=label><ul>{links}</ul></nav> }.into_any()
}
