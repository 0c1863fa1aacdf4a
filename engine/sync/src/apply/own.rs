//! The principals with which we work. Whatever a plan says, none of them loses its way into a workspace.

use farshore_model::{group::Side, plan::PlanItem};

use super::{Failure, Run};
use crate::{context::PairContext, error::ApplyError, references::KeyLookup as _};

/// The id of the principal whose credential that side is called with, where the workspace tells it.
pub(super) async fn id_on(ctx: &PairContext, side: Side) -> Result<Option<String>, ApplyError> {
    let me = ctx.end(side).client.me().await.map_err(|source| ApplyError::Unreachable { side, source })?;
    Ok(me.id)
}

impl Run<'_> {
    /// The ids of those principals on the target.
    pub(super) fn own_ids(&self) -> Vec<String> {
        let state = self.state();
        let known = state.keys.own().iter().filter_map(|key| state.entries.get(key)?.id_on(self.target()));
        known.map(str::to_owned).chain(self.own_id.clone()).collect()
    }

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
