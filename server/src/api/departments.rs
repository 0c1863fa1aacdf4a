use axum::{Json, extract::State};
use farshore_control::EditDepartment;
use farshore_model::{DepartmentId, view::DepartmentsPage};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiResult,
    caller::{Body, Caller, Id},
};
use crate::http::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_departments, create_department)).routes(routes!(edit_department))
}

/// Departments with their targets, and beside them the measured figures of their groups.
#[utoipa::path(get, path = "/departments", tag = "departments", responses((status = OK, body = DepartmentsPage)))]
async fn list_departments(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> ApiResult<DepartmentsPage> {
    Ok(Json(state.control.departments_page(&actor).await?))
}

#[derive(Deserialize, ToSchema)]
struct NewDepartment {
    name: String,
    rpo_ms: Option<i64>,
    rto_ms: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct Created {
    department_id: DepartmentId,
}

#[utoipa::path(post, path = "/departments", tag = "departments", request_body = NewDepartment,
    responses((status = OK, body = Created)))]
async fn create_department(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(new): Body<NewDepartment>,
) -> ApiResult<Created> {
    let department_id = state.control.create_department(&actor, &new.name, new.rpo_ms, new.rto_ms).await?;
    Ok(Json(Created { department_id }))
}

#[derive(Deserialize, ToSchema)]
struct DepartmentEdit {
    /// The version that was read; 409 when somebody else has changed the department since.
    version: i64,
    name: String,
    rpo_ms: Option<i64>,
    rto_ms: Option<i64>,
}

/// Edit a department as a whole.
#[utoipa::path(put, path = "/departments/{id}", tag = "departments", params(("id" = DepartmentId, Path)),
    request_body = DepartmentEdit, responses((status = OK, body = DepartmentsPage)))]
async fn edit_department(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Id(id): Id<DepartmentId>,
    Body(edit): Body<DepartmentEdit>,
) -> ApiResult<DepartmentsPage> {
    let edit =
        EditDepartment { version: edit.version, name: edit.name, rpo_ms: edit.rpo_ms, rto_ms: edit.rto_ms };
    state.control.edit_department(&actor, id, edit).await?;
    Ok(Json(state.control.departments_page(&actor).await?))
}
