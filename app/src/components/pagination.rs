//! Leafing through a long list.

use leptos::{either::Either, prelude::*};

use super::{Glyph, Icon};
use crate::view;

/// Previous, next, and where one is. Pages count from 1; `href` gives the address of a page, so that the state
/// is in the URL. Shows nothing but the total when there is one page only.
#[component]
pub fn Pagination<F>(
    page: u32,
    pages: u32,
    /// How many entries there are on all pages together.
    total: u64,
    /// What the entries are, in the plural: "objects".
    #[prop(into)]
    noun: String,
    href: F,
) -> impl IntoView
where
    F: Fn(u32) -> String + 'static,
{
    let step = |target: Option<u32>, glyph: Glyph, label: &'static str| match target {
        Some(target) => Either::Left(view! {
            <a class="btn btn-small" href=href(target) aria-label=label><Icon glyph/></a>
        }),
        None => Either::Right(view! {
            <span class="btn btn-small is-off" aria-hidden="true"><Icon glyph/></span>
        }),
    };
    let steps = (pages > 1).then(|| {
        view! {
            {step((page > 1).then(|| page - 1), Glyph::ChevronLeft, "Previous page")}
            <span class="pagination-where">{format!("Page {page} of {pages}")}</span>
            {step((page < pages).then(|| page + 1), Glyph::ChevronRight, "Next page")}
        }
    });
    view! {
        <nav class="pagination" aria-label=format!("Pages of {noun}")>
            <span class="pagination-total">{match total { 1 => "1 in all".to_owned(), _ => format!("{total} {noun}") }}</span>
            <span class="pagination-steps">{steps}</span>
        </nav>
    }
    .into_any()
}
