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
    let log = JournalLog(ctx);
    let mut total = ReleaseReport::default();
    for pair in &scope(ctx)?.pairs {
        let side = control.taking_over(pair, ctx.lease).await?;
        let mut report = held.release(&side, &log).await.map_err(from_release)?;
        for _ in 1..TRIES {
            if report.problems.is_empty() {
                break;
            }
            let again = held.release(&side, &log).await.map_err(from_release)?;
            report = tried_again(report, again);
        }
        total.changed += report.changed;
        total.already += report.already;
        total.left_at_rest += report.left_at_rest;
        total.problems.extend(report.problems);
    }
    let counts = counts(held, &total);
    ctx.log(counts.as_str()).await?;
    let problems: Vec<String> = total.problems.iter().map(|(name, why)| format!("{name} ({why})")).collect();
    let output =
        json!({"changed": total.changed, "already": total.already, "left_at_rest": total.left_at_rest});
    if problems.is_empty() {
        return Ok(StepOutcome::with_output(output));
    }
    let what = held.title();
    if total.changed + total.already == 0 {
        return Err(StepError::lasting(
            format!(
                "None of the {what} could be put to work: {}. What each of them does where it is active is kept.",
                name_some(&problems)
            ),
            "Remove the cause in the workspace, then retry the step; or skip it with a reason.",
        ));
    }
    Ok(StepOutcome::with_exception(
        output,
        format!(
            "{} of the {what} could not be put to work: {}. What each of them does where it is active is kept. {counts}",
            problems.len(),
            name_some(&problems)
        ),
    ))
}

/// Two tries as one: what the second found done is what the first has done or found, and counts once.
fn tried_again(first: ReleaseReport, second: ReleaseReport) -> ReleaseReport {
    ReleaseReport { changed: first.changed + second.changed, already: first.already, ..second }
}

/// What became of the objects, for a person. An earlier attempt of the step is nothing that this one did.
fn counts(held: Held, report: &ReleaseReport) -> String {
    let what = held.title();
    let left = match report.left_at_rest {
        0 => String::new(),
        count => format!("; put to rest by hand, and left so: {count}"),
    };
    format!(
        "Released {what}: {}; already active, from an earlier attempt or by hand: {}{left}; not released: {}.",
        report.changed,
        report.already,
        report.problems.len()
    )
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn from_release(error: ReleaseError) -> StepError {
    tracing::warn!(error = chain(&error), "objects could not be released");
    StepError::passing(format!("{error}."), error.remedy())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(changed: u32, already: u32, problems: &[&str]) -> ReleaseReport {
        let problems = problems.iter().map(|name| ((*name).to_owned(), "no".to_owned())).collect();
        ReleaseReport { changed, already, left_at_rest: 0, problems }
    }

    #[test]
    fn each_object_counts_once_however_often_it_is_tried() {
        // Of seven, one was active before; the first try releases three, the second two of the three others.
        let first = report(3, 1, &["a", "b", "c"]);
        let second = report(2, 4, &["c"]);
        assert_eq!(tried_again(first, second), report(5, 1, &["c"]));
    }

    #[test]
    fn what_an_earlier_attempt_has_released_is_said_to_be_active_already() {
        assert_eq!(
            counts(Held::Jobs, &report(2, 5, &[])),
            "Released jobs: 2; already active, from an earlier attempt or by hand: 5; not released: 0."
        );
    }
}
