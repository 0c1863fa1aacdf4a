//! What is shown under which address.

use leptos::prelude::*;
use leptos_router::{
    components::{FlatRoutes, Route},
    path,
};

use crate::components::{EmptyState, Glyph, PageHeader};

/// The table of addresses.
#[component]
pub fn AppRoutes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| view! { <EmptyState title="Nothing lives at this address" glyph=Glyph::Search/> }>
            <Route path=path!("/") view=Home/>
        </FlatRoutes>
    }
}

#[component]
fn Home() -> impl IntoView {
    view! { <main id="content"><PageHeader title="Overview"/></main> }
}
