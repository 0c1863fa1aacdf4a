//! What cannot be created or updated because something that it refers to will not be there.

use std::collections::BTreeMap;

use farshore_model::{
    kind::ObjectKey,
    plan::{PlanAction, PlanItem},
};

use super::Inputs;
use crate::{order, references::referred_keys};

impl Inputs<'_> {
    /// Turns into skips what starts one another in a circle, and whatever refers to something that is skipped
    /// and has no copy.
    pub(super) fn hold_back_what_lacks_its_references(&self, items: &mut [PlanItem]) {
        let circular = order::circular(items);
        for item in items.iter_mut().filter(|item| circular.contains(&item.object)) {
            let why =
                "it and others start one another in a circle, so that none of them can be created first";
            skip(item, why.to_owned());
        }
        // One that is held back may hold back others.
        loop {
            let missing: BTreeMap<ObjectKey, String> = items
                .iter()
                .filter(|item| matches!(item.action, PlanAction::Skip | PlanAction::Conflict))
                .filter(|item| !self.there.contains_key(&item.object))
                .map(|item| (item.object.clone(), item.name.clone()))
                .collect();
            let mut has_changed = false;
            for item in items.iter_mut() {
                let is_written =
                    matches!(item.action, PlanAction::Create | PlanAction::Update | PlanAction::Adopt);
                let refers_to =
                    item.desired.as_ref().filter(|_| is_written).map(referred_keys).unwrap_or_default();
                let lacking = refers_to.iter().find_map(|key| Some((key, missing.get(key)?)));
                if let Some((key, name)) = lacking {
                    let kind = key.kind.singular();
                    skip(item, format!("it refers to the {kind} \"{name}\", which is itself skipped"));
                    has_changed = true;
                }
            }
            if !has_changed {
                return;
            }
        }
    }
}

fn skip(item: &mut PlanItem, why: String) {
    item.action = PlanAction::Skip;
    item.reason = Some(why);
    item.desired = None;
    item.activation = None;
}
