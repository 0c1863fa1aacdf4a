//! Settling a conflict.

use farshore_model::{
    GroupId, PairId,
    group::Side,
    kind::{ObjectKey, ObjectKind},
};
use leptos::prelude::*;

use super::ApiResult;

/// Keeps the version of `side` of one object of a pair, and leads to the sync that does it.
#[server(prefix = "/sfn", endpoint = "choose_version")]
pub async fn choose_version(
    group_id: GroupId,
    pair_id: PairId,
    kind: ObjectKind,
    key: String,
    side: Side,
) -> ApiResult<()> {
    let (control, actor) = super::signed_in()?;
    let run =
        control.choose_version(&actor, group_id, pair_id, ObjectKey { kind, key: key.into() }, side).await?;
    leptos_axum::redirect(&format!("/syncs/{run}"));
    Ok(())
}
