//! The interface of the panel: one Leptos application, rendered on the server (`ssr`) and taken over by the
//! browser (`hydrate`). Every page reads and every form posts before WASM has loaded.
//!
//! * [`api`] – the server functions behind pages and forms.
//! * [`components`] – the design system; its module documentation lists every component with its props.
//! * [`live`] – the browser's end of the event stream.
//! * [`pages`] – what is shown under which address; [`parts`] – what several of them have in common.
//! * `shell` – the HTML document around [`App`], for the server only.

/// Leptos' `view!`, its type erased on the spot. Otherwise every list, option and choice of views is a type of its
/// own, each with the code that builds, hydrates and updates it.
macro_rules! erased_view {
    ($($tokens:tt)*) => { ::leptos::prelude::IntoAny::into_any(::leptos::prelude::view! { $($tokens)* }) };
}
pub(crate) use erased_view as view;

pub mod api;
pub mod components;
pub mod cookie;
pub mod live;
pub mod pages;
pub mod parts;
#[cfg(feature = "ssr")]
mod shell;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;
#[cfg(feature = "ssr")]
pub use pages::{StillApp, takes_forms};
#[cfg(feature = "ssr")]
pub use shell::{shell, still_shell};

use crate::{
    components::{provide_ticker, remember_zone},
    live::provide_live,
    parts::provide_viewer,
};

/// The whole application: everything inside `<body>`.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_ticker();
    provide_live();
    provide_viewer();
    Effect::new(|| {
        remember_zone();
        mark_hydrated();
    });

    view! {
        <PageTitle/>
        <Router>
            <pages::AppRoutes/>
        </Router>
    }
}

#[component]
pub(crate) fn PageTitle() -> impl IntoView {
    view! {
        <Title formatter=|page: String| {
            if page.is_empty() { "Farshore".to_owned() } else { format!("{page} · Farshore") }
        }/>
    }
}

/// Tells style sheets and browser tests that buttons are alive: a click before this moment would be lost.
fn mark_hydrated() {
    if let Some(root) = document().document_element() {
        // Refusing a well-formed attribute is not something a browser does, and nothing could be done about it.
        let _ = root.set_attribute("data-hydrated", "");
    }
}
