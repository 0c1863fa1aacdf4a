//! What surrounds every page after signing in.

use leptos::{
    children::{ViewFn, ViewFnOnce},
    html,
    prelude::*,
};
use leptos_router::hooks::use_location;

use super::{Glyph, Icon, Nav, NavItem};
use crate::view;

/// Sidebar on wide screens, a bar with a fold-out menu on narrow ones (a `<details>`, so that it works without
/// JavaScript), a skip link, the page's `<main id="content">`, and the demo bar when there is one.
/// `account` stands at the end of both menus: who is signed in, theme, sign out.
#[component]
pub fn Frame(
    items: Vec<NavItem>,
    #[prop(into)] account: ViewFn,
    #[prop(optional, into)] demo_bar: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    let menu = NodeRef::<html::Details>::new();
    let path = use_location().pathname;
    Effect::new(move || {
        path.track();
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    });
    view! {
        <a class="skip-link" href="#content">"Skip to content"</a>
        <div class="frame">
            <aside class="sidebar" aria-label="Farshore">
                <Brand/>
                <Nav items=items.clone()/>
                <div class="sidebar-foot">{account.run()}</div>
            </aside>
            <header class="topbar">
                <Brand/>
                <details class="topbar-menu" node_ref=menu>
                    <summary class="topbar-toggle">
                        <Icon glyph=Glyph::Menu/>
                        "Menu"
                    </summary>
                    <div class="topbar-sheet">
                        <Nav items/>
                        <div class="sidebar-foot">{account.run()}</div>
                    </div>
                </details>
            </header>
            <div class="frame-page">
                <main id="content" tabindex="-1">{children()}</main>
                {demo_bar.map(|bar| bar.run())}
            </div>
        </div>
    }
    .into_any()
}

/// The product's mark and name, leading to the overview.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href="/">
            <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                <rect width="32" height="32" rx="7"></rect>
                <path class="brand-lines" d="M12.200 19 14 9h4l1.800 10M6 20.500c2.500 2 5 2 7.500 0s5-2 7.500 0 3.500 1.600 5 .6M6 25.500c2.500 2 5 2 7.500 0s5-2 7.500 0 3.500 1.600 5 .6"></path>
                <path class="brand-light" d="M21.500 8.500 26 7v5l-4.500-1.500zM10.500 8.500 6 7v5l4.500-1.500z"></path>
            </svg>
            <span class="brand-name">"Farshore"</span>
        </a>
    }
    .into_any()
}
