//! The principals with which we work. Whatever a plan says, none of them loses its way into a workspace.

use farshore_model::{group::Side, plan::PlanItem};

use super::{Failure, Run};
use crate::{context::PairContext, error::ApplyError, references::KeyLookup as _};

/// The id of the principal whose credential that side is called with, where the workspace tells it.
pub(super) async fn id_on(ctx: &PairContext, side: Side) -> Result<Option<String>, ApplyError> {
    let me = ctx.end(side).client.me_if_told().await;
    Ok(me.map_err(|source| ApplyError::Unreachable { side, source })?.and_then(|me| me.id))
}

impl Run<'_> {
    pub(super) fn refuse_own(&self, item: &PlanItem) -> Result<(), Failure> {
        if !self.state().keys.is_own(&item.object) {
            return Ok(());
        }
        Err(Failure::item(
            "it belongs to the credential with which one of the two workspaces is written".to_owned(),
            "Nothing was changed. Give the workspace another credential first, or leave this one active."
                .to_owned(),
        ))
    }
}
