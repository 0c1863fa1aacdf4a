//! What the three releasing steps have in common: pair after pair, and an object that cannot be released does
//! not keep the others from working.

use farshore_runbook::{StepContext, StepError, StepOutcome};
use farshore_sync::{ReleaseError, SideContext, activation::ReleaseReport};
use serde_json::json;

use super::{name_some, scope};
use crate::{Control, problem::chain};

/// How often those that could not be released are tried.
const TRIES: u32 = 2;

/// Releases one kind of object in each workspace that takes over. `what` is its plural.
pub(super) async fn release_all(
    control: &Control,
    ctx: &StepContext,
    what: &str,
    release: impl AsyncFn(&SideContext) -> Result<ReleaseReport, ReleaseError>,
) -> Result<StepOutcome, StepError> {
    let (mut changed, mut already, mut problems) = (0, 0, Vec::new());
    for pair in &scope(ctx)?.pairs {
        let side = control.taking_over(pair, ctx.lease).await?;
        let mut report = release(&side).await.map_err(from_release)?;
        for _ in 1..TRIES {
            if report.problems.is_empty() {
                break;
            }
            report = ReleaseReport { changed: report.changed, ..release(&side).await.map_err(from_release)? };
        }
        changed += report.changed;
        already += report.already;
        problems.extend(report.problems.into_iter().map(|(name, why)| format!("{name} ({why})")));
    }
    if problems.is_empty() {
        return Ok(StepOutcome::with_output(json!({"changed": changed, "already": already})));
    }
    if changed + already == 0 {
        return Err(StepError::lasting(
            format!("None of the {what} could be put to work: {}. Nothing was lost.", name_some(&problems)),
            "Remove the cause in the workspace, then retry the step; or skip it with a reason.",
        ));
    }
    Ok(StepOutcome::with_exception(
        json!({"changed": changed, "already": already}),
        format!("{} of the {what} could not be put to work: {}.", problems.len(), name_some(&problems)),
    ))
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn from_release(error: ReleaseError) -> StepError {
    tracing::warn!(error = chain(&error), "objects could not be released");
    StepError::passing(format!("{error}."), error.remedy())
}
