//! Objects that do not await their release any more.

use std::{collections::BTreeSet, sync::Arc};

use farshore_model::kind::{ObjectKey, ObjectKind};

use crate::{context::SideContext, ledger::LedgerError};

/// Takes back, in every pair of the side, that the objects with these ids await their release.
pub(crate) async fn note_at_work(
    ctx: &SideContext,
    kind: ObjectKind,
    ids: &BTreeSet<Arc<str>>,
) -> Result<(), LedgerError> {
    if ids.is_empty() {
        return Ok(());
    }
    for pair in ctx.pairs() {
        let keys: Vec<ObjectKey> = ctx
            .ledger
            .load(pair)
            .await?
            .into_iter()
            .filter(|entry| entry.object.kind == kind && entry.awaits_release_on(ctx.side))
            .filter(|entry| entry.id_on(ctx.side).is_some_and(|id| ids.contains(id)))
            .map(|entry| entry.object)
            .collect();
        if !keys.is_empty() {
            ctx.ledger.mark_released(&ctx.lease, pair, ctx.side, &keys).await?;
        }
    }
    Ok(())
}
