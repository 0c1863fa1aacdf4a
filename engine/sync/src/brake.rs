//! The deletion brake: what a sync may delete before it waits for a person.

use farshore_model::{plan::SyncPlan, replication_settings::ReplicationSettings};

/// Why the plan must not be applied before a person has agreed to its deletions, as a sentence without a full stop;
/// None: it may. `known` is how many objects of the pair the ledger knows.
///
/// What is deactivated instead of deleted counts as well. What goes with something else, such as the access control
/// list of a job, does not: it is no item of the plan.
pub fn brake(plan: &SyncPlan, known: u32, settings: &ReplicationSettings) -> Option<String> {
    settings.brake.stops(plan.counts.delete, known)
}
