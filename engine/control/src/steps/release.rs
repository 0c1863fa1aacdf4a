//! What the three releasing steps have in common: pair after pair, and an object that cannot be released does
//! not keep the others from working.

use farshore_runbook::{StepContext, StepError, StepOutcome};
use farshore_sync::{
    ReleaseError, SideContext,
    activation::{self, ReleaseReport},
};
use serde_json::json;

use super::{JournalLog, name_some, scope};
use crate::{Control, problem::chain};

/// How often those that could not be released are tried.
const TRIES: u32 = 2;

/// What is held on a passive side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Pools,
    Clusters,
    Jobs,
}

impl Held {
    /// The plural, for a sentence.
    const fn title(self) -> &'static str {
        match self {
            Self::Pools => "instance pools",
            Self::Clusters => "clusters",
            Self::Jobs => "jobs",
        }
    }

    async fn release(self, side: &SideContext, log: &JournalLog<'_>) -> Result<ReleaseReport, ReleaseError> {
        match self {
            Self::Pools => activation::release_pools(side, log).await,
            Self::Clusters => activation::release_clusters(side, log).await,
            Self::Jobs => activation::release_jobs(side, log).await,
        }
    }
}

/// Releases one kind of object in each workspace that takes over.
pub(super) async fn release_all(
    control: &Control,
    ctx: &StepContext,
    held: Held,
) -> Result<StepOutcome, StepError> {
    let (what, log) = (held.title(), JournalLog(ctx));
    let (mut changed, mut already, mut problems) = (0, 0, Vec::new());
    for pair in &scope(ctx)?.pairs {
        let side = control.taking_over(pair, ctx.lease).await?;
        let mut report = held.release(&side, &log).await.map_err(from_release)?;
        for _ in 1..TRIES {
            if report.problems.is_empty() {
                break;
            }
            report = ReleaseReport {
                changed: report.changed,
                ..held.release(&side, &log).await.map_err(from_release)?
            };
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
