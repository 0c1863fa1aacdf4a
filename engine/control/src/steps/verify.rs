//! Looks whether the workspaces of a region could take over.

use farshore_model::group::Side;
use farshore_runbook::{StepContext, StepError};

use super::{from_api, from_control};
use crate::{Control, runbooks::RunScope, workspaces::Patience};

/// Each workspace of the side answers and accepts its credential.
pub(super) async fn verify_region(
    control: &Control,
    ctx: &StepContext,
    scope: &RunScope,
    side: Side,
) -> Result<(), StepError> {
    for pair in &scope.pairs {
        let workspace = pair.workspace(side);
        let client = control.client(workspace.id, Patience::Probe).await.map_err(from_control)?;
        let me = client.me().await.map_err(|error| from_api(&workspace.name, &error))?;
        ctx.log(format!("{} answers; signed in as {}.", workspace.name, me.user_name)).await?;
    }
    Ok(())
}
