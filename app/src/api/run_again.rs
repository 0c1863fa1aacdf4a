//! Running one object again.

use farshore_model::{
    GroupId, PairId,
    kind::{ObjectKey, ObjectKind},
};
use leptos::prelude::*;

use super::ApiResult;

/// Starts a sync about one object of a pair, and leads to it.
#[server(prefix = "/sfn", endpoint = "run_object_again")]
pub async fn run_object_again(
    group_id: GroupId,
    pair_id: PairId,
    kind: ObjectKind,
    key: String,
) -> ApiResult<()> {
    let (control, actor) = super::signed_in()?;
    let run =
        control.run_object_again(&actor, group_id, pair_id, ObjectKey { kind, key: key.into() }).await?;
    leptos_axum::redirect(&format!("/syncs/{run}"));
    Ok(())
}
