//! Departments and their targets.

use farshore_model::DepartmentId;
use leptos::prelude::*;

use super::ApiResult;

/// Targets are an amount, which may be empty, and a unit: `minutes`, `hours` or `days`.
#[server(prefix = "/sfn", endpoint = "create_department")]
pub async fn create_department(
    name: String,
    rpo: String,
    rpo_unit: String,
    rto: String,
    rto_unit: String,
) -> ApiResult<()> {
    let typed = [
        ("name", name.as_str()),
        ("rpo", &rpo),
        ("rpo_unit", &rpo_unit),
        ("rto", &rto),
        ("rto_unit", &rto_unit),
    ];
    let made = async {
        let (control, actor) = super::context::signed_in()?;
        let rpo_ms = super::form::length_ms("rpo", &rpo, &rpo_unit)?;
        let rto_ms = super::form::length_ms("rto", &rto, &rto_unit)?;
        control.create_department(&actor, &name, rpo_ms, rto_ms).await?;
        Ok(())
    };
    made.await.map_err(|problem: super::ApiProblem| problem.with_typed(&typed))?;
    leptos_axum::redirect("/departments");
    Ok(())
}

/// `version` is the one that was read; see [`create_department`] for the targets.
#[server(prefix = "/sfn", endpoint = "edit_department")]
pub async fn edit_department(
    id: DepartmentId,
    version: i64,
    name: String,
    rpo: String,
    rpo_unit: String,
    rto: String,
    rto_unit: String,
) -> ApiResult<()> {
    let typed = [
        ("name", name.as_str()),
        ("rpo", &rpo),
        ("rpo_unit", &rpo_unit),
        ("rto", &rto),
        ("rto_unit", &rto_unit),
    ];
    let edited = async {
        let (control, actor) = super::context::signed_in()?;
        let edit = farshore_control::EditDepartment {
            version,
            name: name.clone(),
            rpo_ms: super::form::length_ms("rpo", &rpo, &rpo_unit)?,
            rto_ms: super::form::length_ms("rto", &rto, &rto_unit)?,
        };
        control.edit_department(&actor, id, edit).await?;
        Ok(())
    };
    edited.await.map_err(|problem: super::ApiProblem| problem.with_typed(&typed))?;
    leptos_axum::redirect("/departments");
    Ok(())
}
