//! An address where nothing lives.

use leptos::prelude::*;

use crate::{
    components::{EmptyState, Glyph, LinkButton, PageHeader},
    view,
};

#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <PageHeader title="Not found"/>
        <EmptyState
            title="Nothing lives at this address"
            hint="It may have been mistyped, or what was there has been discarded. Nothing was changed."
            glyph=Glyph::Search
        >
            <LinkButton href="/">"To the overview"</LinkButton>
        </EmptyState>
    }
}
