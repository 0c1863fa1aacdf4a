//! What waits for an approval.

use farshore_model::view::ApprovalsPage;
use leptos::prelude::*;

use super::{ApiResult, Written};

#[server(prefix = "/sfn", endpoint = "read_approvals")]
pub async fn read_approvals() -> ApiResult<Written<ApprovalsPage>> {
    let (control, actor) = super::context::signed_in()?;
    Written::of(&control.approvals_page(&actor).await?)
}
