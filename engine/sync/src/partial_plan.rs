//! A plan about some objects alone: what failed is run again without everything else that has changed meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use farshore_model::{
    PlanId,
    group::Side,
    kind::ObjectKey,
    plan::{PlanAction, PlanCounts, PlanItem, SyncPlan},
};

use crate::{
    context::PairContext,
    error::PlanError,
    kinds::{self, Naming},
    make_plan::{hash, make_plan},
    policy::SyncPolicy,
    references::referred_keys,
};

/// Makes the whole plan, and leaves out of it what is neither about one of `objects` nor needed by what is. Both
/// sides are compared as ever, and the ledger learns as much.
///
/// `counts.left_out` of the plan says how many changes and conflicts are not in it. With none the plan is a whole
/// one: applying it makes everything equal that was listed.
///
/// # Errors
/// As [`make_plan`].
pub async fn make_partial_plan(
    ctx: &PairContext,
    source: Side,
    plan_id: PlanId,
    policy: &SyncPolicy,
    objects: &BTreeSet<ObjectKey>,
) -> Result<SyncPlan, PlanError> {
    let plan = restricted(make_plan(ctx, source, plan_id, policy).await?, objects);
    if plan.counts.left_out > 0 {
        // What was left out is older than this listing and on one side only: it has to be looked at again, and so
        // nothing may be taken for verified up to here once the plan is applied.
        let mut watermarks = ctx.ledger.watermarks(ctx.pair_id).await?;
        watermarks.pending = None;
        ctx.ledger.set_watermarks(&ctx.lease, ctx.pair_id, &watermarks).await?;
    }
    Ok(plan)
}

fn restricted(plan: SyncPlan, objects: &BTreeSet<ObjectKey>) -> SyncPlan {
    let kept = with_what_they_need(&plan.items, objects);
    let unchanged = plan.counts.unchanged;
    let (mut items, left_out): (Vec<PlanItem>, Vec<PlanItem>) =
        plan.items.into_iter().partition(|item| kept.contains(&item.object));
    for (index, item) in (0..).zip(&mut items) {
        item.index = index;
    }
    let left_out = PlanCounts::of(&left_out, 0);
    let counts =
        PlanCounts { left_out: left_out.to_apply() + left_out.conflict, ..PlanCounts::of(&items, unchanged) };
    SyncPlan { counts, hash: hash(plan.source, &items), items, ..plan }
}

/// The objects, their parts, and whatever has to be made on the other side before any of these.
fn with_what_they_need(items: &[PlanItem], objects: &BTreeSet<ObjectKey>) -> BTreeSet<ObjectKey> {
    let by_object: BTreeMap<&ObjectKey, &PlanItem> = items.iter().map(|item| (&item.object, item)).collect();
    let is_chosen = |item: &&PlanItem| {
        objects.contains(&item.object) || owner_of_part(item).is_some_and(|owner| objects.contains(&owner))
    };
    let mut open: Vec<&PlanItem> = items.iter().filter(is_chosen).collect();
    let mut kept = BTreeSet::new();
    while let Some(item) = open.pop() {
        if !kept.insert(item.object.clone()) {
            continue;
        }
        let mut needed = item.desired.as_ref().map(referred_keys).unwrap_or_default();
        needed.extend(kinds::of(item.object.kind).belongs_to(&item.object.key));
        let is_missing = |item: &&&PlanItem| matches!(item.action, PlanAction::Create | PlanAction::Adopt);
        open.extend(needed.iter().filter_map(|key| by_object.get(key)).filter(is_missing));
    }
    kept
}

fn owner_of_part(item: &PlanItem) -> Option<ObjectKey> {
    let kind = kinds::of(item.object.kind);
    (kind.naming() == Naming::Part).then(|| kind.belongs_to(&item.object.key)).flatten()
}

#[cfg(test)]
mod tests {
    use farshore_model::{GroupId, PairId, Timestamp, kind::ObjectKind};
    use uuid::Uuid;

    use super::*;

    fn key(kind: ObjectKind, key: &str) -> ObjectKey {
        ObjectKey { kind, key: key.into() }
    }

    fn item(index: u32, object: ObjectKey, action: PlanAction) -> PlanItem {
        PlanItem {
            index,
            name: object.key.clone(),
            object,
            action,
            reason: None,
            changes: Vec::new(),
            source_id: Some("1".into()),
            target_id: None,
            desired: Some(serde_json::json!({})),
            activation: None,
            source_hash: None,
            target_hash: None,
            is_left_alone: false,
        }
    }

    fn plan(items: Vec<PlanItem>) -> SyncPlan {
        SyncPlan {
            id: PlanId(Uuid::nil()),
            group_id: GroupId(Uuid::nil()),
            pair_id: PairId(Uuid::nil()),
            source: Side::Primary,
            created_at: Timestamp(2),
            listing_began_at: Timestamp(1),
            counts: PlanCounts::of(&items, 7),
            hash: hash(Side::Primary, &items),
            items,
        }
    }

    fn names(plan: &SyncPlan) -> Vec<(u32, &str)> {
        plan.items.iter().map(|item| (item.index, &*item.name)).collect()
    }

    #[test]
    fn what_is_needed_comes_along_and_the_rest_is_counted() {
        let whole = plan(vec![
            item(0, key(ObjectKind::Folders, "/a"), PlanAction::Create),
            item(1, key(ObjectKind::Folders, "/b"), PlanAction::Create),
            item(2, key(ObjectKind::Notebooks, "/a/one"), PlanAction::Create),
            item(3, key(ObjectKind::Notebooks, "/a/two"), PlanAction::Update),
            item(4, key(ObjectKind::Jobs, "1:7"), PlanAction::Conflict),
            item(5, key(ObjectKind::Clusters, "1:8"), PlanAction::Skip),
            item(6, key(ObjectKind::Permissions, "jobs/1:7"), PlanAction::Create),
            item(7, key(ObjectKind::Permissions, "jobs/1:9"), PlanAction::Update),
        ]);
        let chosen = BTreeSet::from([key(ObjectKind::Notebooks, "/a/one"), key(ObjectKind::Jobs, "1:7")]);
        let part = restricted(whole.clone(), &chosen);
        assert_eq!(names(&part), [(0, "/a"), (1, "/a/one"), (2, "1:7"), (3, "jobs/1:7")]);
        assert_eq!((part.counts.left_out, part.counts.unchanged), (3, 7), "a skip is no change");
        assert_ne!(part.hash, whole.hash);
    }

    #[test]
    fn with_nothing_left_out_it_is_the_whole_plan() {
        let whole = plan(vec![
            item(0, key(ObjectKind::Notebooks, "/a"), PlanAction::Update),
            item(1, key(ObjectKind::Clusters, "1:8"), PlanAction::Skip),
        ]);
        let part = restricted(whole, &BTreeSet::from([key(ObjectKind::Notebooks, "/a")]));
        assert_eq!((names(&part), part.counts.left_out), (vec![(0, "/a")], 0));
    }
}
