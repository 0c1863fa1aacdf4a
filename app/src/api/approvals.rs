//! What waits for an approval.

use farshore_model::view::ApprovalsPage;
use leptos::prelude::*;

use super::ApiResult;

#[server(prefix = "/sfn", endpoint = "read_approvals")]
pub async fn read_approvals() -> ApiResult<ApprovalsPage> {
    let (control, actor) = super::context::signed_in()?;
    Ok(control.approvals_page(&actor).await?)
}
