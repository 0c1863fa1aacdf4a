//! What is shown under which address.

mod approvals;
mod department_edit;
mod departments;
mod frame;
mod group;
mod group_edit;
mod not_found;
mod overview;
mod pairing;
mod request;
mod run;
mod sign_in;
#[cfg(feature = "ssr")]
mod still;
mod sync;

#[cfg(feature = "ssr")]
pub use still::{StillApp, takes_forms};

use crate::view;
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{Outlet, ParentRoute, Route, Routes},
    path,
};

use self::{
    approvals::Approvals,
    department_edit::DepartmentEdit,
    departments::Departments,
    frame::PageFrame,
    group::Group,
    group_edit::GroupEdit,
    not_found::NotFound,
    overview::Overview,
    pairing::{BeginPair, Pair},
    request::{RequestFailback, RequestFailover},
    run::Run,
    sign_in::SignIn,
    sync::Sync,
};

/// The table of addresses. Every page is rendered whole before it is sent, so that it reads without JavaScript.
#[component]
pub fn AppRoutes() -> impl IntoView {
    view! {
        <Routes fallback=|| view! { <PageFrame><NotFound/></PageFrame> }>
            <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async/>
            <ParentRoute path=path!("") view=Framed ssr=SsrMode::Async>
                <Route path=path!("/") view=Overview ssr=SsrMode::Async/>
                <Route path=path!("/pair") view=BeginPair ssr=SsrMode::Async/>
                <Route path=path!("/pair/:id") view=Pair ssr=SsrMode::Async/>
                <Route path=path!("/groups/:id") view=Group ssr=SsrMode::Async/>
                <Route path=path!("/groups/:id/edit") view=GroupEdit ssr=SsrMode::Async/>
                <Route path=path!("/groups/:id/failover") view=RequestFailover ssr=SsrMode::Async/>
                <Route path=path!("/groups/:id/failback") view=RequestFailback ssr=SsrMode::Async/>
                <Route path=path!("/syncs/:id") view=Sync ssr=SsrMode::Async/>
                <Route path=path!("/runs/:id") view=Run ssr=SsrMode::Async/>
                <Route path=path!("/approvals") view=Approvals ssr=SsrMode::Async/>
                <Route path=path!("/departments") view=Departments ssr=SsrMode::Async/>
                <Route path=path!("/departments/:id/edit") view=DepartmentEdit ssr=SsrMode::Async/>
            </ParentRoute>
        </Routes>
    }
}

#[component]
fn Framed() -> impl IntoView {
    view! { <PageFrame><Outlet/></PageFrame> }
}
