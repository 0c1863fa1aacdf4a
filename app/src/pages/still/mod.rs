//! Still pages: rendered on the server alone. They read tables and post plain forms, for which no WASM is needed, and
//! so they add nothing to what a browser loads. The little that moves on them is `public/still.js`.
//!
//! A page that is not still leads here with `rel="external"`, because its router does not know these addresses.

mod audit;
mod choose_version;
mod compare;
mod group_form;
mod ledger;
mod object;
mod object_link;
mod people;
mod rate_budget;
mod region_map;
mod rows;
mod run_again;
mod settings;
mod workspaces;

use std::sync::Arc;

use farshore_control::Control;
use farshore_model::{Actor, Problem};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{Outlet, ParentRoute, Route, Router, Routes},
    path,
};

use self::{
    audit::Audit, compare::Compare, ledger::Ledger, object::Object, people::People, rate_budget::RateBudget,
    region_map::RegionMap, settings::Settings, workspaces::Workspaces,
};
use super::{frame::StillFrame, not_found::NotFound};
use crate::{
    PageTitle,
    api::{ApiProblem, signed_in},
    components::provide_ticker,
    live::provide_live,
    parts::{PageProblem, provide_viewer},
    view,
};

/// Whether a page answers forms that are posted to its own address, which it finds as [`PostedForm`]. The address is
/// as the router writes it, with a name for the id.
///
/// [`PostedForm`]: crate::api::PostedForm
pub fn takes_forms(address: &str) -> bool {
    address.starts_with("/groups/") && (address.ends_with("/region-map") || address.ends_with("/settings"))
}

/// Everything inside `<body>` of a still page.
#[component]
pub fn StillApp() -> impl IntoView {
    provide_meta_context();
    provide_ticker();
    provide_live();
    provide_viewer();
    view! {
        <PageTitle/>
        <Router>
            <Routes fallback=|| view! { <StillFrame><NotFound/></StillFrame> }>
                <ParentRoute path=path!("") view=Framed ssr=SsrMode::Async>
                    <Route path=path!("/audit") view=Audit ssr=SsrMode::Async/>
                    <Route path=path!("/groups/:id/ledger") view=Ledger ssr=SsrMode::Async/>
                    <Route path=path!("/groups/:id/objects") view=Object ssr=SsrMode::Async/>
                    <Route path=path!("/groups/:id/compare") view=Compare ssr=SsrMode::Async/>
                    <Route path=path!("/groups/:id/people") view=People ssr=SsrMode::Async/>
                    <Route path=path!("/groups/:id/rate-budget") view=RateBudget ssr=SsrMode::Async/>
                    <Route path=path!("/groups/:id/region-map") view=RegionMap ssr=SsrMode::Async/>
                    <Route path=path!("/groups/:id/settings") view=Settings ssr=SsrMode::Async/>
                    <Route path=path!("/workspaces") view=Workspaces ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}

#[component]
fn Framed() -> impl IntoView {
    view! { <StillFrame><Outlet/></StillFrame> }
}

/// Reads what a page shows, on behalf of the person who is signed in, and renders it, or what went wrong.
fn read_and_show<T, Reading>(
    read: impl FnOnce(Arc<Control>, Actor) -> Reading + Send + 'static,
    show: impl FnOnce(T) -> AnyView + Send + 'static,
) -> AnyView
where
    T: 'static,
    Reading: Future<Output = Result<T, Problem>> + Send + 'static,
{
    let who = signed_in();
    let page = Suspend::new(async move {
        let page = match who {
            Ok((control, actor)) => read(control, actor).await.map_err(ApiProblem::from),
            Err(problem) => Err(problem),
        };
        match page {
            Ok(page) => show(page),
            Err(problem) => view! { <PageProblem problem/> },
        }
    });
    view! { <Suspense>{page}</Suspense> }
}
