//! Stops all work in one workspace, and tells what that found and changed.

use farshore_model::obligation::FenceReport;
use farshore_sync::{FenceError, SideContext, StepLog, passive};

use super::name_some;
use crate::problem::chain;

/// The workspace may still be working.
#[derive(Debug)]
pub(crate) struct FenceFailure {
    pub what: String,
    pub remedy: String,
}

/// Idempotent: what is passive already is left alone. An error means that the fence does not hold; what was
/// stopped until then stays stopped.
pub(crate) async fn fence_workspace(
    side: &SideContext,
    log: &dyn StepLog,
) -> Result<FenceReport, FenceFailure> {
    let report = passive::fence(side, log).await.map_err(failure)?;
    if !report.holds() {
        let names: Vec<String> =
            report.problems.iter().map(|(name, why)| format!("{name} ({why})")).collect();
        return Err(FenceFailure {
            what: format!("Still able to work: {}", name_some(&names)),
            remedy: "Stop these by hand in the workspace, or remove what keeps them from being changed."
                .to_owned(),
        });
    }
    Ok(FenceReport {
        pools_emptied: report.pools_emptied,
        clusters_terminated: report.clusters_terminated,
        jobs_held: report.jobs_held,
        runs_cancelled: u32::try_from(report.cancelled.len()).unwrap_or(u32::MAX),
        started_runs: Vec::new(),
    })
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn failure(error: FenceError) -> FenceFailure {
    tracing::warn!(error = chain(&error), "a workspace could not be fenced");
    FenceFailure { what: error.to_string(), remedy: error.remedy() }
}
