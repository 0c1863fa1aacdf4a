//! The pairing wizard.
#![allow(clippy::too_many_arguments)] // a server function has as many as its form has fields

use farshore_model::PairingId;
use leptos::prelude::*;

use super::ApiResult;

/// Leads to the first page of the wizard.
#[server(prefix = "/sfn", endpoint = "begin_pairing")]
pub async fn begin_pairing() -> ApiResult<()> {
    let (control, actor) = super::context::signed_in()?;
    let id = control.begin_pairing(&actor).await?;
    leptos_axum::redirect(&format!("/pair/{id}"));
    Ok(())
}

/// Tests the connection to the workspace of one `side` and leads back to the page, which shows the checks.
/// An empty `token` is the one that was typed before; `cloud` and `region` count where they are not detected.
#[server(prefix = "/sfn", endpoint = "test_side")]
pub async fn test_side(
    id: PairingId,
    version: i64,
    side: String,
    name: String,
    host: String,
    token: String,
    #[server(default)] cloud: String,
    #[server(default)] region: String,
) -> ApiResult<()> {
    // The token is not among them: it must not come back in an address.
    let typed =
        [("side", side.as_str()), ("name", &name), ("host", &host), ("cloud", &cloud), ("region", &region)];
    let tested = async {
        let (control, actor) = super::context::signed_in()?;
        let typed_side = farshore_control::TypedSide {
            version,
            side: super::form::required("side", &side)?,
            name: name.clone(),
            host: host.clone(),
            token: token.into(),
            cloud: super::form::choice("cloud", &cloud)?,
            region: super::form::filled(region.clone()),
        };
        control.test_side(&actor, id, typed_side).await?;
        Ok(())
    };
    tested.await.map_err(|problem: super::ApiProblem| problem.with_typed(&typed))?;
    leptos_axum::redirect(&format!("/pair/{id}?step={side}"));
    Ok(())
}

/// Keeps name, schedule and smoke job, and leads to the review.
#[server(prefix = "/sfn", endpoint = "set_pairing")]
pub async fn set_pairing(
    id: PairingId,
    version: i64,
    group_name: String,
    sync_interval: String,
    smoke_job_key: String,
) -> ApiResult<()> {
    let typed = [
        ("group_name", group_name.as_str()),
        ("sync_interval", &sync_interval),
        ("smoke_job_key", &smoke_job_key),
    ];
    let set = async {
        let (control, actor) = super::context::signed_in()?;
        let settings = farshore_control::PairingSettings {
            version,
            group_name: group_name.clone(),
            sync_interval_ms: super::form::choice_ms("sync_interval", &sync_interval)?,
            smoke_job_key: super::form::filled(smoke_job_key.clone()),
        };
        control.set_pairing(&actor, id, settings).await?;
        Ok(())
    };
    set.await.map_err(|problem: super::ApiProblem| problem.with_typed(&typed))?;
    leptos_axum::redirect(&format!("/pair/{id}?step=review"));
    Ok(())
}

/// Makes the group and leads to it.
#[server(prefix = "/sfn", endpoint = "finish_pairing")]
pub async fn finish_pairing(id: PairingId) -> ApiResult<()> {
    let (control, actor) = super::context::signed_in()?;
    let group = control.finish_pairing(&actor, id).await?;
    leptos_axum::redirect(&format!("/groups/{group}"));
    Ok(())
}

#[server(prefix = "/sfn", endpoint = "discard_pairing")]
pub async fn discard_pairing(id: PairingId) -> ApiResult<()> {
    let (control, actor) = super::context::signed_in()?;
    control.discard_pairing(&actor, id).await?;
    leptos_axum::redirect("/");
    Ok(())
}
