//! Makes a passive region the active one.

use farshore_model::run::{RunMode, StepDefinition};

use super::{put_to_work, step};

/// Forced: what was not replicated is lost, and nothing is asked of the old region but to stop. Planned: the
/// last changes are carried over first, and the old region must be seen to stop.
pub(super) fn steps(mode: RunMode) -> Vec<StepDefinition> {
    let mut steps = vec![step(
        "verify_passive_region",
        "Verify the passive region",
        "Checks that each workspace of the passive region answers and accepts its credential.",
        10,
    )];
    if mode == RunMode::Planned {
        steps.push(step(
            "final_sync",
            "Carry the last changes over",
            "Syncs once more, so that nothing that was changed until now is lost.",
            120,
        ));
    }
    steps.push(step(
        "suspend_sync",
        "Suspend syncs",
        "Stops syncs under way and lets none begin until the failback, so that the old region cannot overwrite the \
         new one.",
        15,
    ));
    steps.push(match mode {
        RunMode::Planned => step(
            "fence_primary",
            "Fence the primary region",
            "Disables pools, clusters and jobs in the primary region. The run goes on only when that has happened.",
            60,
        ),
        RunMode::Forced => step(
            "fence_primary",
            "Fence the primary region",
            "Disables pools, clusters and jobs in the primary region. A workspace that does not answer is fenced in \
             the background as soon as it does; the run does not wait for it.",
            60,
        ),
    });
    steps.extend(put_to_work());
    steps
}
