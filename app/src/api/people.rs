//! Having people compared.

use farshore_model::GroupId;
use leptos::prelude::*;

use super::ApiResult;

/// Asks for a comparison of all pairs of the group; leads back to what is known of them.
#[server(prefix = "/sfn", endpoint = "compare_people")]
pub async fn compare_people(group_id: GroupId) -> ApiResult<()> {
    let (control, actor) = super::signed_in()?;
    control.compare_people(&actor, group_id).await?;
    leptos_axum::redirect(&format!("/groups/{group_id}/people"));
    Ok(())
}
