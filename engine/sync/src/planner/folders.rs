//! A folder is deleted only when nothing stays in it, and stays deleted only when nothing goes into it.

use std::{collections::BTreeSet, sync::Arc};

use farshore_model::{
    kind::{ObjectKey, ObjectKind},
    plan::{PlanAction, PlanItem},
};

use super::{Inputs, decide::is_part, hold_back::is_written};
use crate::kinds;

impl Inputs<'_> {
    /// Turns a folder that was to stay deleted on the target into a create, where something that is written
    /// there lies in it.
    pub(super) fn bring_back_folders_that_are_needed(&self, items: &mut [PlanItem]) {
        let mut needed: BTreeSet<ObjectKey> = BTreeSet::new();
        // Its own access control list is nothing that lies in it.
        let is_carried = |item: &&PlanItem| is_written(item) && !item.is_blocked() && !is_part(&item.object);
        for item in items.iter().filter(is_carried) {
            let mut folder = kinds::of(item.object.kind).belongs_to(&item.object.key);
            while let Some(key) = folder.filter(|key| key.kind == ObjectKind::Folders) {
                folder = kinds::of(key.kind).belongs_to(&key.key);
                needed.insert(key);
            }
        }
        let is_kept_deleted = |item: &&mut PlanItem| {
            item.action == PlanAction::Skip && !item.is_left_alone && !self.there.contains_key(&item.object)
        };
        for item in items.iter_mut().filter(is_kept_deleted).filter(|item| needed.contains(&item.object)) {
            let why = format!("it was deleted in {}, and something in it is carried over", self.target());
            *item = self.item(&item.object.clone(), PlanAction::Create, Some(why));
        }
    }

    /// Turns the deletion of a folder that still holds something on the target into a skip: what the source
    /// never had, and what is out of the scope, must not go with it.
    pub(super) fn keep_folders_that_hold_something(&self, items: &mut [PlanItem]) {
        let deleted = |items: &[PlanItem]| -> BTreeSet<Arc<str>> {
            let deletes = items
                .iter()
                .filter(|item| item.action == PlanAction::Delete && kinds::of(item.object.kind).is_in_tree());
            deletes.map(|item| item.object.key.clone()).collect()
        };
        // Deepest first: a folder that stays keeps its parents.
        let mut doomed: Vec<usize> = (0..items.len())
            .filter(|at| {
                items.get(*at).is_some_and(|item| {
                    item.action == PlanAction::Delete && item.object.kind == ObjectKind::Folders
                })
            })
            .collect();
        doomed.sort_by_key(|at| std::cmp::Reverse(items.get(*at).map_or(0, |item| item.object.key.len())));
        let on_target = self.there.keys().chain(self.left_out.there.keys());
        let in_tree = on_target.filter(|key| kinds::of(key.kind).is_in_tree()).map(|key| &*key.key);
        let omitted = self.omitted_there.values().flatten().map(String::as_str);
        let present: BTreeSet<&str> = in_tree.chain(omitted).collect();
        let mut gone = deleted(items);
        for at in doomed {
            let Some(item) = items.get_mut(at) else { continue };
            let prefix = format!("{}/", item.object.key);
            let below = present.range(prefix.as_str()..).take_while(|path| path.starts_with(&prefix));
            let staying = below.filter(|path| !gone.contains(**path)).count();
            if staying > 0 {
                gone.remove(&item.object.key);
                let objects = if staying == 1 { "1 object".to_owned() } else { format!("{staying} objects") };
                item.action = PlanAction::Skip;
                item.reason = Some(format!(
                    "it was deleted in {}, but in {} it still holds {objects} that no sync deletes there",
                    self.source,
                    self.target()
                ));
            }
        }
    }
}
