//! What pages read. One server function answers all of them, with text: what lies between a use-case and a view
//! is in the WASM once, not once for each page.

use std::marker::PhantomData;

use farshore_model::{
    GroupId, PairingId, RunId, SyncRunId,
    run::RunbookKind,
    view::{
        ApprovalsPage, DepartmentsPage, GroupPage, Overview, PairingPage, PlanFilter, RequestPage, RunPage,
        SyncPage, Viewer,
    },
};
use leptos::{
    prelude::*,
    server_fn::error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{ApiProblem, ApiResult, lean_json};

/// A request for a `T`.
pub struct Asked<T> {
    what: What,
    kind: PhantomData<fn() -> T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum What {
    Viewer,
    Overview,
    Group(GroupId),
    Pairing(PairingId),
    Sync(SyncRunId, PlanFilter),
    Request(GroupId, RunbookKind),
    Run(RunId),
    Approvals,
    Departments,
}

impl<T> Asked<T> {
    const fn new(what: What) -> Self {
        Self { what, kind: PhantomData }
    }

    /// As the server function takes it.
    pub fn into_json(self) -> ApiResult<String> {
        serde_json::to_string(&self.what).map_err(|_| unreadable())
    }
}

/// Also answered when nobody is signed in: the sign-in page lists the demo's personas.
pub const fn viewer() -> Asked<Viewer> {
    Asked::new(What::Viewer)
}

pub const fn overview() -> Asked<Overview> {
    Asked::new(What::Overview)
}

pub const fn group(id: GroupId) -> Asked<GroupPage> {
    Asked::new(What::Group(id))
}

pub const fn pairing(id: PairingId) -> Asked<PairingPage> {
    Asked::new(What::Pairing(id))
}

/// One page of the plan; pages count from 1.
pub const fn sync(id: SyncRunId, filter: PlanFilter) -> Asked<SyncPage> {
    Asked::new(What::Sync(id, filter))
}

/// What stands before the request of a failover or failback.
pub const fn request(group: GroupId, kind: RunbookKind) -> Asked<RequestPage> {
    Asked::new(What::Request(group, kind))
}

pub const fn run(id: RunId) -> Asked<RunPage> {
    Asked::new(What::Run(id))
}

pub const fn approvals() -> Asked<ApprovalsPage> {
    Asked::new(What::Approvals)
}

pub const fn departments() -> Asked<DepartmentsPage> {
    Asked::new(What::Departments)
}

/// Answers an [`Asked`] with its `T`, both as JSON.
#[server(prefix = "/sfn", endpoint = "read")]
pub async fn read(asked: String) -> ApiResult<String> {
    let what = serde_json::from_str(&asked)
        .map_err(|error| ApiProblem::from_server_fn_error(ServerFnErrorErr::Args(error.to_string())))?;
    answer(what).await
}

#[cfg(feature = "ssr")]
async fn answer(what: What) -> ApiResult<String> {
    use super::context::{actor, control, signed_in};

    if what == What::Viewer {
        let zone = use_context::<super::TimeZone>().map_or_else(|| "UTC".to_owned(), |zone| zone.0);
        return written(&control()?.viewer(actor().as_ref(), zone).await?);
    }
    let (control, actor) = signed_in()?;
    match what {
        What::Viewer => Err(unreadable()),
        What::Overview => written(&control.overview(&actor).await?),
        What::Group(id) => written(&control.group_page(&actor, id).await?),
        What::Pairing(id) => written(&control.pairing_page(&actor, id).await?),
        What::Sync(id, filter) => written(&control.sync_page(&actor, id, filter).await?),
        What::Request(group, kind) => written(&control.request_page(&actor, group, kind).await?),
        What::Run(id) => written(&control.run_page(&actor, id).await?),
        What::Approvals => written(&control.approvals_page(&actor).await?),
        What::Departments => written(&control.departments_page(&actor).await?),
    }
}

#[cfg(feature = "ssr")]
fn written<T: Serialize>(page: &T) -> ApiResult<String> {
    serde_json::to_string(page).map_err(|_| unreadable())
}

/// The `T` in an answer.
pub fn parse<T: DeserializeOwned>(json: &str) -> ApiResult<T> {
    lean_json::from_str(json).map_err(|_| unreadable())
}

fn unreadable() -> ApiProblem {
    ApiProblem::from_server_fn_error(ServerFnErrorErr::Deserialization(String::new()))
}
