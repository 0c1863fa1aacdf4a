//! The deletion brake: what a sync may delete before it waits for a person.

use std::collections::BTreeMap;

use farshore_model::{
    kind::ObjectKind,
    plan::{PlanAction, SyncPlan},
    replication_settings::ReplicationSettings,
};

use crate::kinds::{self, Naming};

/// Why the plan must not be applied before a person has agreed to its deletions, as a sentence without a full stop;
/// None: it may. `known` is how many objects of each kind the ledger knows of the pair, those that are out of the
/// scope left out.
///
/// What is deactivated instead of deleted counts as well. What goes with something else, such as the access control
/// list of a job, does not, neither among what is deleted nor among what is known: it is no item of the plan.
pub fn brake(
    plan: &SyncPlan,
    known: &BTreeMap<ObjectKind, u32>,
    settings: &ReplicationSettings,
) -> Option<String> {
    let mut deletes: BTreeMap<ObjectKind, u32> = BTreeMap::new();
    for item in plan.items.iter().filter(|item| item.action == PlanAction::Delete) {
        *deletes.entry(item.object.kind).or_default() += 1;
    }
    let stands_by_itself = |(kind, _): &(&ObjectKind, &u32)| kinds::of(**kind).naming() != Naming::Part;
    let all_known = known.iter().filter(stands_by_itself).map(|(_, known)| known).sum();
    let by_kind = || {
        deletes.iter().find_map(|(kind, deletes)| {
            settings.brake.stops_kind(*kind, *deletes, known.get(kind).copied().unwrap_or_default())
        })
    };
    settings.brake.stops(deletes.values().sum(), all_known).or_else(by_kind)
}
