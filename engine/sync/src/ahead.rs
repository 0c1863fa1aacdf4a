//! What a plan leaves on the target that the source does not have.

use farshore_model::plan::{PlanAction, PlanItem, SyncPlan};

use crate::planner::{is_group, only_in};

/// Whether the target has, after the plan, something that the source lacks: changed or made only there and
/// kept, or kept because a person chose so. Carried back, such a plan does not make the two sides equal: the
/// version that was kept has yet to be replicated.
pub fn leaves_target_ahead(plan: &SyncPlan) -> bool {
    let only_there = only_in(plan.source.other());
    let is_equal = |item: &PlanItem| item.source_hash.is_some() && item.source_hash == item.target_hash;
    let is_kept = |item: &PlanItem| {
        item.action == PlanAction::Skip
            && !item.is_left_alone
            && !is_equal(item)
            && (!is_group(item) || *item.object.key == *only_there)
    };
    plan.items.iter().any(is_kept)
}
