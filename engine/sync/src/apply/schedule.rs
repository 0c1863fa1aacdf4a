//! In which order items are applied: each as soon as what it needs is done, and of each kind only so many at a
//! time, so that one kind that waits for its rate limit does not keep the others from theirs.

use std::collections::{BTreeMap, BTreeSet};

use farshore_model::{
    kind::{ObjectKey, ObjectKind},
    plan::{PlanAction, PlanItem},
};
use futures::{Future, StreamExt as _, stream::FuturesUnordered};

use crate::{inventory::parent_of, kinds, order::stages, references::referred_keys};

/// Applies what others name without a reference, then everything else that is not a deletion, and then the
/// deletions; before all of it those that make way for something else at the same path. Stops at the first error, which is one that concerns all.
pub(super) async fn run<'a, F, Work, E>(
    items: &[&'a PlanItem],
    most_of_a_kind: usize,
    apply: F,
) -> Result<(), E>
where
    F: Fn(&'a PlanItem) -> Work,
    Work: Future<Output = Result<(), E>>,
{
    let (deletes, writes): (Vec<&PlanItem>, Vec<&PlanItem>) =
        items.iter().copied().partition(|item| item.action == PlanAction::Delete);
    let (named, writes): (Vec<&PlanItem>, Vec<&PlanItem>) =
        writes.into_iter().partition(|item| kinds::of(item.object.kind).is_named_by_others());
    let replaced = paths_that_are_created(&writes);
    let (in_the_way, deletes): (Vec<&PlanItem>, Vec<&PlanItem>) =
        deletes.into_iter().partition(|item| is_in_the_way(item, &replaced));
    by_stage(&in_the_way, most_of_a_kind, &apply).await?;
    as_needed(&named, needs(&named), most_of_a_kind, &apply).await?;
    as_needed(&writes, needs(&writes), most_of_a_kind, &apply).await?;
    by_stage(&deletes, most_of_a_kind, &apply).await
}

/// What is deleted may be needed by what is deleted a stage earlier, and by nothing that was just written.
async fn by_stage<'a, F, Work, E>(deletes: &[&'a PlanItem], most_of_a_kind: usize, apply: &F) -> Result<(), E>
where
    F: Fn(&'a PlanItem) -> Work,
    Work: Future<Output = Result<(), E>>,
{
    let mut by_stage: BTreeMap<_, Vec<&PlanItem>> = BTreeMap::new();
    for (stage, item) in stages(deletes.iter().copied()).into_iter().zip(deletes) {
        by_stage.entry(stage).or_default().push(item);
    }
    for stage in by_stage.into_values() {
        as_needed(&stage, vec![BTreeSet::new(); stage.len()], most_of_a_kind, apply).await?;
    }
    Ok(())
}

fn paths_that_are_created<'a>(writes: &[&'a PlanItem]) -> BTreeSet<&'a str> {
    let is_put_there =
        |item: &&&PlanItem| item.action == PlanAction::Create && kinds::of(item.object.kind).is_in_tree();
    writes.iter().filter(is_put_there).map(|item| &*item.object.key).collect()
}

/// Whether something of another kind is to be created at its path, or at that of a folder around it: a notebook that
/// has become a file, or a folder that has become a notebook.
fn is_in_the_way(delete: &PlanItem, created: &BTreeSet<&str>) -> bool {
    let mut path = &*delete.object.key;
    if created.is_empty() || !kinds::of(delete.object.kind).is_in_tree() {
        return false;
    }
    while path != "/" && !created.contains(path) {
        path = parent_of(path);
    }
    path != "/"
}

/// For each item, the places of the items that have to be done before it.
fn needs(items: &[&PlanItem]) -> Vec<BTreeSet<usize>> {
    let place_of: BTreeMap<&ObjectKey, usize> =
        items.iter().enumerate().map(|(place, item)| (&item.object, place)).collect();
    let needs = |(place, item): (usize, &&PlanItem)| {
        let mut keys = item.desired.as_ref().map(referred_keys).unwrap_or_default();
        keys.extend(kinds::of(item.object.kind).belongs_to(&item.object.key));
        let mut needs: BTreeSet<usize> = keys.iter().filter_map(|key| place_of.get(key).copied()).collect();
        needs.remove(&place);
        needs
    };
    items.iter().enumerate().map(needs).collect()
}

async fn as_needed<'a, F, Work, E>(
    items: &[&'a PlanItem],
    mut needs: Vec<BTreeSet<usize>>,
    most_of_a_kind: usize,
    apply: &F,
) -> Result<(), E>
where
    F: Fn(&'a PlanItem) -> Work,
    Work: Future<Output = Result<(), E>>,
{
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); items.len()];
    let mut lanes: BTreeMap<ObjectKind, Lane> = BTreeMap::new();
    for (place, (item, needs)) in items.iter().zip(&needs).enumerate() {
        let lane = lanes.entry(item.object.kind).or_default();
        if needs.is_empty() {
            lane.ready.insert(place);
        }
        for needed in needs {
            if let Some(by) = needed_by.get_mut(*needed) {
                by.push(place);
            }
        }
    }
    let mut running = FuturesUnordered::new();
    loop {
        for (kind, lane) in &mut lanes {
            let most = if kinds::of(*kind).is_ordered() { 1 } else { most_of_a_kind.max(1) };
            while lane.running < most
                && let Some(place) = lane.ready.pop_first()
            {
                let Some(item) = items.get(place).copied() else { continue };
                lane.running += 1;
                let work = apply(item);
                running.push(async move { (place, item.object.kind, work.await) });
            }
        }
        let Some((place, kind, result)) = running.next().await else { return Ok(()) };
        result?;
        if let Some(lane) = lanes.get_mut(&kind) {
            lane.running -= 1;
        }
        for waiting in needed_by.get(place).into_iter().flatten() {
            let Some(open) = needs.get_mut(*waiting) else { continue };
            open.remove(&place);
            if open.is_empty()
                && let Some(lane) = items.get(*waiting).and_then(|item| lanes.get_mut(&item.object.kind))
            {
                lane.ready.insert(*waiting);
            }
        }
    }
}

/// The items of one kind.
#[derive(Default)]
struct Lane {
    /// What can be begun, by place.
    ready: BTreeSet<usize>,
    running: usize,
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use serde_json::{Value, json};

    use super::*;
    use crate::references::reference;

    fn item(kind: ObjectKind, name: &str, action: PlanAction, desired: Value) -> PlanItem {
        let object = ObjectKey { kind, key: name.into() };
        let desired = Some(desired);
        PlanItem {
            index: 0,
            object,
            name: name.into(),
            action,
            reason: None,
            changes: Vec::new(),
            source_id: None,
            target_id: None,
            desired,
            activation: None,
            source_hash: None,
            target_hash: None,
            is_left_alone: false,
        }
    }

    async fn order(items: &[PlanItem], most_of_a_kind: usize) -> (Vec<String>, usize) {
        let (done, now, most) = (RefCell::new(Vec::new()), Cell::new(0_usize), Cell::new(0_usize));
        let borrowed: Vec<&PlanItem> = items.iter().collect();
        let result = run(&borrowed, most_of_a_kind, |item| {
            let (done, now, most) = (&done, &now, &most);
            async move {
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                tokio::task::yield_now().await;
                now.set(now.get() - 1);
                done.borrow_mut().push(item.object.key.to_string());
                Ok::<(), ()>(())
            }
        })
        .await;
        assert_eq!(result, Ok(()));
        (done.into_inner(), most.get())
    }

    #[tokio::test]
    async fn what_is_needed_is_done_first_and_kinds_do_not_wait_for_one_another() {
        let cluster = ObjectKey { kind: ObjectKind::Clusters, key: "c".into() };
        let other = ObjectKey { kind: ObjectKind::Jobs, key: "inner".into() };
        let create = PlanAction::Create;
        let items = [
            item(
                ObjectKind::Jobs,
                "outer",
                create,
                json!({"job": reference(&other), "cluster": reference(&cluster)}),
            ),
            item(ObjectKind::Jobs, "inner", create, json!({"cluster": reference(&cluster)})),
            item(ObjectKind::Clusters, "c", create, json!({})),
            item(ObjectKind::Notebooks, "/n", create, json!({})),
            item(ObjectKind::Clusters, "gone", PlanAction::Delete, json!({})),
        ];
        let (order, _) = order(&items, 4).await;
        let place = |name: &str| order.iter().position(|done| done == name).unwrap();
        assert!(place("c") < place("inner") && place("inner") < place("outer"), "{order:?}");
        assert!(place("/n") < place("inner"), "{order:?}");
        assert_eq!(place("gone"), 4, "{order:?}");
    }

    #[tokio::test]
    async fn of_a_kind_only_so_many_are_under_way() {
        let many: Vec<PlanItem> = (0..20)
            .map(|n| item(ObjectKind::Notebooks, &format!("/{n:02}"), PlanAction::Create, json!({})))
            .collect();
        let (done, most) = order(&many, 3).await;
        assert_eq!((done.len(), most), (20, 3));
    }
}
