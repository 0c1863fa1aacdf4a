//! Brings the work back to the primary region.

use farshore_model::run::StepDefinition;

use super::{put_to_work, step};

/// What was changed while the group was failed over goes first; the rest follows once nothing works there any
/// more, so that nothing is lost in between.
pub(super) fn steps() -> Vec<StepDefinition> {
    let mut steps = vec![
        step(
            "verify_primary_region",
            "Verify the primary region",
            "Checks that each workspace of the primary region answers, accepts its credential, and is fenced.",
            10,
        ),
        step(
            "carry_back_changes",
            "Carry changes back",
            "Brings what was changed in the active region to the primary one. An object that was changed on both \
             sides stops the run for a choice.",
            180,
        ),
        step(
            "fence_secondary",
            "Fence the active region",
            "Disables pools, clusters and jobs in the region that the work is leaving.",
            60,
        ),
        step(
            "carry_back_rest",
            "Carry the last changes back",
            "Brings over what was changed while the first changes were carried back.",
            60,
        ),
    ];
    steps.extend(put_to_work());
    steps
}

/// Nothing is carried: the primary region has been the active one all the time, so that what is there is what
/// counts, and it may be at work.
pub(super) fn steps_to_take_back() -> Vec<StepDefinition> {
    let mut steps = vec![
        step(
            "verify_primary_region",
            "Verify the primary region",
            "Checks that each workspace of the primary region answers and accepts its credential, and that no fence \
             of it is still to be put up.",
            10,
        ),
        step(
            "fence_secondary",
            "Fence the passive region",
            "Disables what the abandoned failover has put to work there.",
            60,
        ),
    ];
    steps.extend(put_to_work());
    steps
}
