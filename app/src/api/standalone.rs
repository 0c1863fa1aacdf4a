//! Workspaces that need no counterpart.

use farshore_control::TypedStandalone;
use farshore_model::StandaloneId;
use leptos::prelude::*;

use super::{ApiProblem, ApiResult};

const PAGE: &str = "/workspaces";

/// `address` is an address or a workspace id.
#[server(prefix = "/sfn", endpoint = "add_standalone")]
pub async fn add_standalone(name: String, address: String, reason: String) -> ApiResult<()> {
    let typed = [("name", name.as_str()), ("address", &address), ("reason", &reason)];
    let added = async {
        let (control, actor) = super::signed_in()?;
        let (name, address, reason) = (name.clone(), address.clone(), reason.clone());
        control.add_standalone(&actor, TypedStandalone { name, address, reason }).await?;
        Ok(())
    };
    added.await.map_err(|problem: ApiProblem| problem.with_typed(&typed))?;
    leptos_axum::redirect(PAGE);
    Ok(())
}

/// `decision` is `remove`, or `save` for another reason; `version` is the one that was read.
#[server(prefix = "/sfn", endpoint = "decide_standalone")]
pub async fn decide_standalone(
    id: StandaloneId,
    version: i64,
    reason: String,
    decision: String,
) -> ApiResult<()> {
    let of = id.to_string();
    let typed = [("id", of.as_str()), ("reason", &reason)];
    let decided = async {
        let (control, actor) = super::signed_in()?;
        match decision.as_str() {
            "remove" => control.remove_standalone(&actor, id).await?,
            _ => control.edit_standalone(&actor, id, version, &reason).await?,
        }
        Ok(())
    };
    decided.await.map_err(|problem: ApiProblem| problem.with_typed(&typed))?;
    leptos_axum::redirect(PAGE);
    Ok(())
}
