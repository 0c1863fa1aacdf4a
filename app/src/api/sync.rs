//! Plans and their application.

use farshore_model::{GroupId, SyncRunId, view::SyncPage};
use leptos::prelude::*;

use super::{ApiResult, Written};

/// Plans a sync of every pair of the group, and applies it without a further question when
/// `is_applied_at_once`. Leads to the plan, or to the group when there are several.
#[server(prefix = "/sfn", endpoint = "request_sync")]
pub async fn request_sync(group_id: GroupId, is_applied_at_once: bool) -> ApiResult<()> {
    let (control, actor) = super::context::signed_in()?;
    let runs = control.request_sync(&actor, group_id, is_applied_at_once).await?;
    match runs.as_slice() {
        [run] => leptos_axum::redirect(&format!("/syncs/{run}")),
        _ => leptos_axum::redirect(&format!("/groups/{group_id}")),
    }
    Ok(())
}

/// One page of the plan. Empty texts filter nothing; pages count from 1.
#[server(prefix = "/sfn", endpoint = "read_sync")]
pub async fn read_sync(
    id: SyncRunId,
    kind: String,
    action: String,
    text: String,
    is_failed_only: bool,
    page: u32,
) -> ApiResult<Written<SyncPage>> {
    let (control, actor) = super::context::signed_in()?;
    let filter = farshore_model::view::PlanFilter {
        // What somebody wrote into the address and means nothing filters nothing.
        kind: kind.parse().ok(),
        action: action.parse().ok(),
        text: super::form::filled(text),
        is_failed_only,
        page: page.max(1),
    };
    Written::of(&control.sync_page(&actor, id, filter).await?)
}

/// `decision` is `apply`, bound to the hash of the plan that was looked at, or `cancel`.
#[server(prefix = "/sfn", endpoint = "decide_plan")]
pub async fn decide_plan(id: SyncRunId, plan_hash: String, decision: String) -> ApiResult<()> {
    let (control, actor) = super::context::signed_in()?;
    match decision.as_str() {
        "apply" => control.apply_plan(&actor, id, &plan_hash).await?,
        "cancel" => control.cancel_plan(&actor, id).await?,
        _ => return Err(farshore_model::Problem::field("decision", "Apply the plan or cancel it.").into()),
    }
    Ok(())
}
