//! The list of the application's main pages.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{Glyph, Icon};
use crate::view;

/// One main page. It is the current one on its own address and on all below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavItem {
    pub label: String,
    pub href: String,
    pub glyph: Glyph,
    /// How much waits there; shown when it is something. May depend on a resource.
    pub count: Option<Signal<u32>>,
    /// Loaded anew: the application in the browser does not have this page.
    pub is_external: bool,
}

impl NavItem {
    pub fn new(label: impl Into<String>, href: impl Into<String>, glyph: Glyph) -> Self {
        Self { label: label.into(), href: href.into(), glyph, count: None, is_external: false }
    }

    pub fn external(self) -> Self {
        Self { is_external: true, ..self }
    }

    pub fn with_count(self, count: impl Into<Signal<u32>>) -> Self {
        Self { count: Some(count.into()), ..self }
    }
}

/// The items as links, the current one marked by colour, a bar and `aria-current`.
#[component]
pub fn Nav(items: Vec<NavItem>) -> impl IntoView {
    let path = use_location().pathname;
    let links = items
        .into_iter()
        .map(|NavItem { label, href, glyph, count, is_external }| {
            let target = href.clone();
            let current = move || path.with(|path| is_at_or_below(path, &target)).then_some("page");
            let count = count.map(|count| {
                let badge = move || {
                    let count = count.get();
                    (count > 0).then(|| view! { <span class="nav-count">{count}" waiting"</span> })
                };
                view! { <Transition>{badge}</Transition> }
            });
            view! {
                <li>
                    <a class="nav-link" href=href rel=is_external.then_some("external") aria-current=current>
                        <Icon glyph/>
                        <span class="nav-label">{label}</span>
                        {count}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <nav aria-label="Main"><ul class="nav">{links}</ul></nav> }.into_any()
}

fn is_at_or_below(path: &str, target: &str) -> bool {
    path == target || (target != "/" && path.strip_prefix(target).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::is_at_or_below;

    #[test]
    fn a_page_is_current_on_its_address_and_below() {
        assert!(is_at_or_below("/groups", "/groups"));
        assert!(is_at_or_below("/groups/7/plan", "/groups"));
        assert!(!is_at_or_below("/groups-old", "/groups"));
        assert!(!is_at_or_below("/groups", "/"));
        assert!(is_at_or_below("/", "/"));
    }
}
