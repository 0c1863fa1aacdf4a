//! What cannot be created or updated because something that it refers to will not be there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use farshore_model::{
    kind::ObjectKey,
    plan::{PlanAction, PlanItem},
};

use super::Inputs;
use crate::{
    kinds::{self, Naming},
    order,
    references::referred_keys,
};

impl Inputs<'_> {
    /// Blocks what starts one another in a circle, and whatever refers to something that is not carried over
    /// and has no copy. What refers to something that waits for a choice waits with it. A part of something that
    /// is not carried is no item of its own.
    pub(super) fn hold_back_what_lacks_its_references(&self, items: &mut Vec<PlanItem>) {
        let circular = order::circular(items);
        for item in items.iter_mut().filter(|item| circular.contains(&item.object)) {
            let why =
                "it and others start one another in a circle, so that none of them can be created first";
            *item = blocked(item.clone(), why);
        }
        let mut waiting: BTreeSet<ObjectKey> = items
            .iter()
            .filter(|item| item.action == PlanAction::Conflict)
            .map(|item| item.object.clone())
            .collect();
        // One that is held back may hold back others.
        loop {
            let missing: BTreeMap<ObjectKey, Arc<str>> = items
                .iter()
                .filter(|item| {
                    matches!(item.action, PlanAction::Skip | PlanAction::Conflict) || item.is_blocked()
                })
                .filter(|item| !self.there.contains_key(&item.object))
                .map(|item| (item.object.clone(), item.name.clone()))
                .collect();
            let mut has_changed = false;
            for item in items.iter_mut().filter(|item| is_written(item) && !item.is_blocked()) {
                let mut refers_to = item.desired.as_ref().map(referred_keys).unwrap_or_default();
                refers_to.extend(owner_of(item));
                let mut lacking = refers_to.iter().filter_map(|key| Some((key, missing.get(key)?)));
                let Some(first) = lacking.next() else {
                    if let Some(why) = refers_to.iter().find_map(|key| self.why_missing(key)) {
                        *item = blocked(item.clone(), &why);
                        has_changed = true;
                    }
                    continue;
                };
                let awaited = [first].into_iter().chain(lacking).find(|(key, _)| waiting.contains(key));
                let (key, name) = awaited.unwrap_or(first);
                let what = format!("it refers to the {} \"{name}\"", key.kind.singular());
                if awaited.is_some() {
                    waiting.insert(item.object.clone());
                    wait(item, format!("{what}, which waits for a choice"));
                } else {
                    *item = blocked(item.clone(), &format!("{what}, which is not carried over"));
                }
                has_changed = true;
            }
            if !has_changed {
                break;
            }
        }
        self.leave_out_parts_of_what_is_left_out(items);
    }

    /// Why the owner is not carried is told with the owner.
    fn leave_out_parts_of_what_is_left_out(&self, items: &mut Vec<PlanItem>) {
        let is_carried = |item: &&PlanItem| is_written(item) && !item.is_blocked();
        let carried: BTreeSet<ObjectKey> =
            items.iter().filter(is_carried).map(|item| item.object.clone()).collect();
        let is_left_out = |owner: ObjectKey| !self.there.contains_key(&owner) && !carried.contains(&owner);
        items.retain(|item| !is_part(item) || !owner_of(item).is_some_and(is_left_out));
    }
}

fn is_part(item: &PlanItem) -> bool {
    kinds::of(item.object.kind).naming() == Naming::Part
}

fn owner_of(item: &PlanItem) -> Option<ObjectKey> {
    kinds::of(item.object.kind).belongs_to(&item.object.key)
}

pub(super) const fn is_written(item: &PlanItem) -> bool {
    matches!(item.action, PlanAction::Create | PlanAction::Update | PlanAction::Adopt)
}

/// The item as one that cannot be carried over. It goes on saying what would have to be done, so that it counts as
/// something that is missing on the other side.
pub(super) fn blocked(item: PlanItem, why: &str) -> PlanItem {
    let reason = Some(format!("it cannot be carried over: {why}"));
    PlanItem { reason, desired: None, activation: None, ..item }
}

fn wait(item: &mut PlanItem, why: String) {
    item.action = PlanAction::Skip;
    item.reason = Some(why);
    item.desired = None;
    item.activation = None;
}
