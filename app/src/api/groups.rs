//! Editing a group.

use farshore_model::GroupId;
use leptos::prelude::*;

use super::ApiResult;

/// `version` is the one that was read. An empty `department_id` is the whole organisation, an empty
/// `sync_interval` (milliseconds) no schedule, an empty `smoke_job_key` no smoke job.
#[server(prefix = "/sfn", endpoint = "edit_group")]
pub async fn edit_group(
    id: GroupId,
    version: i64,
    name: String,
    department_id: String,
    sync_interval: String,
    smoke_job_key: String,
) -> ApiResult<()> {
    let typed = [
        ("name", name.as_str()),
        ("department_id", &department_id),
        ("sync_interval", &sync_interval),
        ("smoke_job_key", &smoke_job_key),
    ];
    let edited = async {
        let (control, actor) = super::context::signed_in()?;
        let edit = farshore_control::EditGroup {
            version,
            name: name.clone(),
            department_id: super::form::choice("department_id", &department_id)?,
            sync_interval_ms: super::form::choice_ms("sync_interval", &sync_interval)?,
            smoke_job_key: super::form::filled(smoke_job_key.clone()),
        };
        control.edit_group(&actor, id, edit).await?;
        Ok(())
    };
    edited.await.map_err(|problem: super::ApiProblem| problem.with_typed(&typed))?;
    leptos_axum::redirect(&format!("/groups/{id}"));
    Ok(())
}
