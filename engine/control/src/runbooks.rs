//! What a failover and a failback consist of. A definition is made when the run is requested and frozen into
//! it together with its [`RunScope`], so that a forced failover needs nothing from the lost region, and a run
//! ends the way it began whatever a later version of the panel would do.

mod failback;
mod failover;
mod scope;

use farshore_model::{
    DurationMs, Role,
    run::{ApprovalRule, RunDefinition, RunMode, RunbookKind, StepDefinition},
};
use serde_json::Value;

pub use scope::{RunScope, ScopedPair, ScopedWorkspace, UnreadableScope};

/// Counts up whenever the steps of a runbook change.
const VERSION: u32 = 2;

/// One approval, by somebody else than the requester.
const APPROVAL: ApprovalRule = ApprovalRule { required: 1, role: Role::Approver };

/// The runbook of a kind; None for a kind that cannot be requested yet.
pub fn definition(kind: RunbookKind, mode: RunMode) -> Option<RunDefinition> {
    let steps = match kind {
        RunbookKind::Failover => failover::steps(mode),
        RunbookKind::Failback => failback::steps(),
        RunbookKind::Drill => return None,
    };
    Some(RunDefinition { kind, version: VERSION, steps, approval: APPROVAL })
}

/// The failback of a failover that was given up before the group was moved.
pub fn taking_back() -> RunDefinition {
    let steps = failback::steps_to_take_back();
    RunDefinition { kind: RunbookKind::Failback, version: VERSION, steps, approval: APPROVAL }
}

/// One step, planned to take so many seconds.
fn step(name: &str, title: &str, description: &str, planned_secs: i64) -> StepDefinition {
    StepDefinition {
        name: name.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        planned_ms: DurationMs::from_secs(planned_secs),
        input: Value::Null,
        marks_operational: false,
    }
}

/// The steps that put a region to work, in their order; both runbooks end with them.
fn put_to_work() -> [StepDefinition; 5] {
    let declare = step(
        "declare_operational",
        "Declare the region operational",
        "Makes the region the effective primary. The recovery clock stops.",
        5,
    );
    [
        step(
            "release_pools",
            "Release instance pools",
            "Gives each pool the number of idle instances that it has where it is active.",
            30,
        ),
        step(
            "start_clusters",
            "Start clusters",
            "Starts the clusters that were running at the last complete inventory.",
            120,
        ),
        step(
            "release_jobs",
            "Release jobs",
            "Gives each job back its own concurrency and its own pause state.",
            60,
        ),
        step(
            "run_smoke_job",
            "Run the smoke job",
            "Runs the job whose success shows that the region works, and waits for its result.",
            120,
        ),
        StepDefinition { marks_operational: true, ..declare },
    ]
}

#[cfg(test)]
mod tests {
    use farshore_model::run::{RunMode, RunbookKind};

    use super::{definition, taking_back};

    #[test]
    fn every_runbook_is_valid_and_ends_by_declaring_the_region_operational() {
        for kind in [RunbookKind::Failover, RunbookKind::Failback] {
            for &mode in RunMode::ALL {
                let definition = definition(kind, mode).expect("both kinds can be requested");
                definition.validate().expect("valid");
                let marking: Vec<_> = definition
                    .steps
                    .iter()
                    .filter(|step| step.marks_operational)
                    .map(|step| &step.name)
                    .collect();
                assert_eq!(marking, ["declare_operational"]);
                assert_eq!(
                    definition.steps.last().map(|step| step.name.as_str()),
                    Some("declare_operational")
                );
            }
        }
    }

    #[test]
    fn taking_back_carries_nothing() {
        let definition = taking_back();
        definition.validate().expect("valid");
        let names: Vec<_> = definition.steps.iter().map(|step| step.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "verify_primary_region",
                "fence_secondary",
                "release_pools",
                "start_clusters",
                "release_jobs",
                "run_smoke_job",
                "declare_operational"
            ]
        );
    }
}
