//! Plans and their application.

use farshore_model::{GroupId, SyncRunId};
use leptos::prelude::*;

use super::ApiResult;

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

/// `decision` is `apply`, bound to the hash of the plan that was looked at, or `cancel`; of a plan that was applied
/// `again`, which runs what failed and leads to the new sync.
#[server(prefix = "/sfn", endpoint = "decide_plan")]
pub async fn decide_plan(
    id: SyncRunId,
    #[server(default)] plan_hash: String,
    decision: String,
) -> ApiResult<()> {
    let (control, actor) = super::context::signed_in()?;
    match decision.as_str() {
        "again" => {
            let again = control.run_failed_again(&actor, id).await?;
            leptos_axum::redirect(&format!("/syncs/{again}"));
        }
        "apply" => control.apply_plan(&actor, id, &plan_hash).await?,
        "cancel" => control.cancel_plan(&actor, id).await?,
        _ => return Err(farshore_model::Problem::field("decision", "Choose one of the buttons.").into()),
    }
    Ok(())
}
