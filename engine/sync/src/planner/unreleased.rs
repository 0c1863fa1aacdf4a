//! What a fence or a sync has put to rest, and nobody has given back: its passive form says nothing about what it
//! is to do, and the ledger keeps what it did before.

use std::collections::BTreeMap;

use farshore_model::{
    kind::ObjectKey,
    plan::{PlanAction, PlanItem},
};
use serde_json::Value;

use super::Inputs;
use crate::{
    diff,
    kinds::{self, Naming},
};

impl Inputs<'_> {
    /// The object is at rest on the source, and was not put there by a person.
    pub(super) fn is_awaiting_release(&self, key: &ObjectKey) -> bool {
        let awaits = self.entries.get(key).is_some_and(|entry| entry.awaits_release_on(self.source));
        awaits && self.here.get(key).is_some_and(super::Seen::is_passive)
    }

    /// It is not at rest on the source any more, whoever has seen to that.
    pub(super) fn was_released(&self, key: &ObjectKey) -> bool {
        let awaits = self.entries.get(key).is_some_and(|entry| entry.awaits_release_on(self.source));
        awaits && self.here.get(key).is_some_and(|here| !here.is_passive())
    }

    /// The target was active, and no fence has taken this from it: the list of a job.
    pub(super) fn is_still_in_force(&self, key: &ObjectKey) -> bool {
        let is_part = kinds::of(key.kind).naming() == Naming::Part;
        is_part && self.entries.get(key).is_some_and(|entry| !entry.awaits_release_on(self.target()))
    }

    /// The ledger does not know yet that the object awaits its release on the target.
    pub(super) fn is_newly_held(&self, key: &ObjectKey) -> bool {
        let is_unknown = self.entries.get(key).is_some_and(|entry| !entry.awaits_release_on(self.target()));
        // What is left alone has not been put to rest by a sync.
        is_unknown
            && self.left_alone(key).is_none()
            && self.there.get(key).is_some_and(|there| there.activation.is_some())
    }

    /// Says of each object that still awaits its release on a source that is meant to be in force, and had
    /// something to do before, that the ledger keeps it.
    pub(super) fn tell_what_was_never_released(&self, items: &mut Vec<PlanItem>) {
        if !self.policy.is_source_in_force {
            return;
        }
        let mut reasons: BTreeMap<&ObjectKey, String> =
            self.here.keys().filter_map(|key| Some((key, self.never_released(key)?))).collect();
        for item in items.iter_mut() {
            if let Some(why) = reasons.remove(&item.object) {
                item.reason =
                    Some(item.reason.take().map_or(why.clone(), |reason| format!("{reason}; {why}")));
            }
        }
        items.extend(reasons.into_iter().map(|(key, why)| self.item(key, PlanAction::Skip, Some(why))));
    }

    fn never_released(&self, key: &ObjectKey) -> Option<String> {
        if !self.is_awaiting_release(key) {
            return None;
        }
        let recorded = self.entries.get(key)?.activation.as_ref()?;
        let passive = self.here.get(key)?.passive.as_ref();
        let kept = diff::fields(passive.unwrap_or(&Value::Null), recorded, &|_| None);
        let kept: Vec<String> =
            kept.into_iter().filter_map(|field| Some(format!("{} {}", field.path, field.after?))).collect();
        (!kept.is_empty()).then(|| {
            format!("it was never released in {}; its recorded {} is kept", self.source, kept.join(", "))
        })
    }
}
