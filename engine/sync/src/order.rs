//! In which order the items of a plan are applied: what is referred to before what refers to it, and the
//! other way round for deletions.

use std::collections::{BTreeMap, BTreeSet};

use farshore_model::{
    kind::{ObjectKey, ObjectKind},
    plan::{PlanAction, PlanItem},
};

use crate::{kinds, references::referred_keys};

/// Items of one stage do not need one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stage {
    is_delete: bool,
    kind_rank: usize,
    level: usize,
}

/// The items in the order in which they are applied, with their places set.
pub(crate) fn sort(items: Vec<PlanItem>) -> Vec<PlanItem> {
    let stages = stages(items.iter());
    let mut keyed: Vec<(Stage, PlanItem)> = stages.into_iter().zip(items).collect();
    keyed.sort_by(|(left_stage, left), (right_stage, right)| {
        (left_stage, &left.name, &left.object).cmp(&(right_stage, &right.name, &right.object))
    });
    let numbered = (0..).zip(keyed);
    numbered.map(|(index, (_, item))| PlanItem { index, ..item }).collect()
}

/// The stage of each item.
pub(crate) fn stages<'a>(items: impl Iterator<Item = &'a PlanItem> + Clone) -> Vec<Stage> {
    let levels = levels(items.clone());
    let kinds = ObjectKind::ALL.len();
    let rank = |kind: ObjectKind| ObjectKind::ALL.iter().position(|other| *other == kind).unwrap_or(0);
    let stage = |item: &PlanItem| {
        let is_delete = item.action == PlanAction::Delete;
        let kind_rank = rank(item.object.kind);
        let depth = item.object.key.matches('/').count();
        match (item.object.kind, is_delete) {
            (ObjectKind::Folders, false) => Stage { is_delete, kind_rank, level: depth },
            // The deepest first.
            (ObjectKind::Folders, true) => Stage { is_delete, kind_rank: kinds, level: usize::MAX - depth },
            (_, true) => Stage { is_delete, kind_rank: kinds - kind_rank, level: 0 },
            (kind, false) if kinds::of(kind).is_ordered() => {
                Stage { is_delete, kind_rank, level: place(item) }
            }
            (_, false) => {
                Stage { is_delete, kind_rank, level: levels.get(&item.object).copied().unwrap_or(0) }
            }
        }
    };
    items.map(stage).collect()
}

/// Where a written object of an ordered kind is to be.
fn place(item: &PlanItem) -> usize {
    let position = item.desired.as_ref().and_then(|form| form.get("position")?.as_u64());
    position.and_then(|position| usize::try_from(position).ok()).unwrap_or(0)
}

/// For each written item that refers to others of its own kind that the plan creates, how many lie below it.
fn levels<'a>(items: impl Iterator<Item = &'a PlanItem>) -> BTreeMap<ObjectKey, usize> {
    let needs = needs(items);
    let mut levels = BTreeMap::new();
    // Each round settles at least one item, except in a circle, which the planner has taken out.
    for _ in 0..=needs.len() {
        let mut has_changed = false;
        for (key, others) in &needs {
            let below = others.iter().filter_map(|other| levels.get(other)).max();
            let level = below.map_or(0, |level: &usize| level + 1);
            if levels.insert(key.clone(), level) != Some(level) {
                has_changed = true;
            }
        }
        if !has_changed {
            break;
        }
    }
    levels
}

/// What each written item needs among the items of its own kind: what is created, for everything else is there.
fn needs<'a>(items: impl Iterator<Item = &'a PlanItem>) -> BTreeMap<ObjectKey, BTreeSet<ObjectKey>> {
    let mut created: BTreeSet<ObjectKey> = BTreeSet::new();
    let is_written =
        |item: &&PlanItem| matches!(item.action, PlanAction::Create | PlanAction::Update | PlanAction::Adopt);
    let mut needs: BTreeMap<ObjectKey, BTreeSet<ObjectKey>> = BTreeMap::new();
    for item in items.filter(is_written) {
        if item.action == PlanAction::Create {
            created.insert(item.object.clone());
        }
        let keys = item.desired.as_ref().map(referred_keys).unwrap_or_default();
        let same_kind = keys.into_iter().filter(|key| key.kind == item.object.kind).collect();
        needs.insert(item.object.clone(), same_kind);
    }
    for keys in needs.values_mut() {
        keys.retain(|key| created.contains(key));
    }
    needs
}

/// The creates that need one another in a circle, or need such: no order creates them.
pub(crate) fn circular(items: &[PlanItem]) -> BTreeSet<ObjectKey> {
    let mut open = needs(items.iter().filter(|item| item.action == PlanAction::Create));
    loop {
        let free: Vec<ObjectKey> =
            open.iter().filter(|(_, needs)| needs.is_empty()).map(|(key, _)| key.clone()).collect();
        if free.is_empty() {
            return open.into_keys().collect();
        }
        for key in &free {
            open.remove(key);
        }
        for needs in open.values_mut() {
            needs.retain(|key| !free.contains(key));
        }
    }
}
