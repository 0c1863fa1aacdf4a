//! The planner: a pure function from two inventories, the ledger and a policy to what has to be done.
//!
//! It neither calls nor writes anything, and the same input gives the same plan in the same order. What it
//! cannot decide becomes a conflict or a skip with its reason; it never guesses.

mod decide;
mod folders;
mod hold_back;
mod items;
mod left_alone;
mod left_out;
mod out_of_sight;
mod unreleased;

pub(crate) use items::{is_group, only_in};
pub(crate) use left_alone::Link;
pub(crate) use out_of_sight::Unlisted;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    plan::{PlanAction, PlanItem},
};
use serde_json::Value;

use self::left_alone::LeftEqual;
use crate::{
    id_map::Entries,
    kinds::{self, LeftTo},
    order,
    policy::SyncPolicy,
    scope::{LeftOut, Scope},
};

/// What is known of an object's canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fingerprint {
    /// Its hash.
    Known(String),
    /// What both sides last agreed on: it has not changed since.
    AsAgreed,
    /// Not read, because nothing depends on it.
    Unread,
    /// It could not be read, and why.
    Unreadable(String),
}

/// One object as one side has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) id: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) fingerprint: Fingerprint,
    /// One for all that have it alike.
    pub(crate) form: Arc<Value>,
    /// Content that was read as text and is not too long to be compared by lines.
    pub(crate) text: Option<String>,
    pub(crate) activation: Option<Value>,
    pub(crate) passive: Option<Value>,
    pub(crate) problems: Vec<String>,
    /// What the listing leaves out is as it was when the side was last verified.
    pub(crate) is_untouched: bool,
    /// Who else than a sync may bring it to both sides.
    pub(crate) left_to: Option<LeftTo>,
}

impl Seen {
    pub(crate) const fn is_loaded(&self) -> bool {
        matches!(self.fingerprint, Fingerprint::Known(_))
    }

    pub(crate) fn is_passive(&self) -> bool {
        self.activation == self.passive
    }
}

pub(crate) type Objects = BTreeMap<ObjectKey, Seen>;

/// Paths of what is not replicated, by type.
pub(crate) type Omitted = BTreeMap<String, Vec<String>>;

#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub(crate) source: Side,
    pub(crate) policy: &'a SyncPolicy,
    pub(crate) scope: Scope<'a>,
    pub(crate) entries: &'a Entries,
    pub(crate) here: &'a Objects,
    pub(crate) there: &'a Objects,
    /// What is in neither of these because a person has decided so.
    pub(crate) left_out: &'a LeftOut,
    pub(crate) ambiguous: &'a BTreeMap<ObjectKey, String>,
    /// The principals with which we work, on either side.
    pub(crate) own: &'a BTreeSet<ObjectKey>,
    /// The credential of the source is no administrator's: what it does not see there is not gone.
    pub(crate) is_source_half_blind: bool,
    /// One of the workspaces does not tell with which principal we work: no principal is deleted there, as it might be
    /// that one.
    pub(crate) is_own_untold: bool,
    /// Kinds that one of the sides does not offer, and its words about it.
    pub(crate) out_of_scope: &'a BTreeMap<ObjectKind, String>,
    pub(crate) unlisted: Unlisted<'a>,
    pub(crate) omitted_here: &'a Omitted,
    pub(crate) omitted_there: &'a Omitted,
}

/// What a plan consists of, and what the ledger learns from the look alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Planned {
    pub(crate) items: Vec<PlanItem>,
    /// Equal on both sides, with the hash of what they agree on where the ledger does not have it: most have not changed.
    pub(crate) agreed: BTreeMap<ObjectKey, Option<String>>,
    /// What was observed of objects that the ledger knows.
    pub(crate) observed: BTreeMap<ObjectKey, Value>,
    /// Found at work on the source, although the ledger has them awaiting their release there.
    pub(crate) released: BTreeSet<ObjectKey>,
    /// On the target, where whatever they are found to do is not what they are to do.
    pub(crate) held: BTreeSet<ObjectKey>,
    /// Written by no sync, and on both sides: which is which.
    pub(crate) linked: BTreeMap<ObjectKey, Link>,
    /// In the ledger, and out of the scope.
    pub(crate) left_out: BTreeSet<ObjectKey>,
    /// Where nobody could look: in the ledger or on one of the sides.
    pub(crate) out_of_sight: BTreeSet<ObjectKey>,
    /// In the ledger, and on neither side.
    pub(crate) forgotten: BTreeSet<ObjectKey>,
}

impl Planned {
    fn agree(&mut self, key: &ObjectKey, hash: &str, entries: &Entries) {
        let known = entries.get(key).and_then(|entry| entry.base_hash.as_deref());
        self.agreed.insert(key.clone(), (known != Some(hash)).then(|| hash.to_owned()));
    }
}

/// What is to happen with one object.
pub(crate) enum Verdict {
    Agreed(String),
    Nothing,
    /// Nobody knows whether it is there.
    OutOfSight,
    Forget,
    /// Nobody has ever carried it, and it is not on the source.
    OnlyThere,
    /// It was the copy of something that the map gives another name now.
    CopyOfNothing,
    Do(PlanAction, Option<String>),
    /// Somebody else sees to it on both sides; and why.
    LeftAlone(String),
    /// This would have to be done, and cannot be; and why.
    Blocked(PlanAction, String),
}

impl Verdict {
    fn because(action: PlanAction, reason: impl Into<String>) -> Self {
        Self::Do(action, Some(reason.into()))
    }
}

pub(crate) fn plan(inputs: Inputs<'_>) -> Planned {
    let mut planned = Planned::default();
    let (mut only_there, mut left_equal) = (Vec::new(), LeftEqual::new());
    let keys: BTreeSet<&ObjectKey> =
        inputs.here.keys().chain(inputs.there.keys()).chain(inputs.entries.keys()).collect();
    let is_looked_at =
        |key: &&ObjectKey| !inputs.out_of_scope.contains_key(&key.kind) && !inputs.is_out_of_scope(key);
    for key in keys.into_iter().filter(is_looked_at) {
        match inputs.decide(key) {
            Verdict::Agreed(hash) => {
                planned.agree(key, &hash, inputs.entries);
            }
            Verdict::Forget => {
                planned.forgotten.insert(key.clone());
            }
            Verdict::Nothing => {}
            Verdict::OutOfSight => {
                planned.out_of_sight.insert(key.clone());
            }
            Verdict::OnlyThere => only_there.push(key),
            Verdict::CopyOfNothing => {
                planned.forgotten.insert(key.clone());
                only_there.push(key);
            }
            Verdict::LeftAlone(why) => inputs.leave_alone(key, &why, &mut planned, &mut left_equal),
            Verdict::Do(action, reason) => planned.items.push(inputs.item(key, action, reason)),
            Verdict::Blocked(action, why) => {
                planned.items.push(hold_back::blocked(inputs.item(key, action, None), &why));
            }
        }
        if let Some(activation) = inputs.observation(key) {
            planned.observed.insert(key.clone(), activation);
        }
        if inputs.was_released(key) {
            planned.released.insert(key.clone());
        }
        if inputs.is_newly_held(key) {
            planned.held.insert(key.clone());
        }
    }
    inputs.leave_out(&mut planned);
    inputs.tell_what_was_never_released(&mut planned.items);
    inputs.keep_folders_that_hold_something(&mut planned.items);
    inputs.bring_back_folders_that_are_needed(&mut planned.items);
    inputs.hold_back_what_lacks_its_references(&mut planned.items);
    planned.items.extend(inputs.groups_of_skipped(&only_there));
    planned.items.extend(inputs.groups_of_left_equal(left_equal));
    planned.items.extend(inputs.groups_of_left_out());
    planned.items = order::sort(planned.items);
    planned
}

impl Inputs<'_> {
    pub(crate) const fn target(&self) -> Side {
        self.source.other()
    }

    /// What the object is to do where it is active, as far as this look can tell.
    pub(crate) fn activation_to_keep(&self, key: &ObjectKey) -> Option<Value> {
        let known = self.entries.get(key).and_then(|entry| entry.activation.clone());
        match self.here.get(key) {
            // Not loaded, because nothing about it has changed.
            Some(here) if here.fingerprint == Fingerprint::AsAgreed => known,
            Some(here) if self.is_awaiting_release(key) => known.or_else(|| here.activation.clone()),
            Some(here) => here.activation.clone(),
            None => known,
        }
    }

    /// What is observed rather than configured goes straight into the ledger.
    fn observation(&self, key: &ObjectKey) -> Option<Value> {
        let entry = self.entries.get(key)?;
        self.here.get(key)?;
        let activation = self.activation_to_keep(key)?;
        let is_new = entry.activation.as_ref() != Some(&activation);
        (kinds::of(key.kind).is_activation_observed() && is_new).then_some(activation)
    }

    /// Whether a change of what is held has to be noted by an item.
    pub(crate) fn has_held_change(&self, key: &ObjectKey) -> bool {
        let known = self.entries.get(key).and_then(|entry| entry.activation.as_ref());
        !kinds::of(key.kind).is_activation_observed() && self.activation_to_keep(key).as_ref() != known
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
