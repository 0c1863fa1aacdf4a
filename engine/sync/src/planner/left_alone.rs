//! What somebody else than a sync brings to both sides: it is compared and shown, and its two ids are linked, so
//! that what refers to it finds it on either side. Nothing of it is written to a workspace.

use std::{collections::BTreeMap, sync::Arc};

use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
    plan::{PlanAction, PlanItem},
};

use super::{Fingerprint, Inputs, Planned, Seen, decide::compared, items};
use crate::{
    kinds::{self, LeftTo},
    remark,
    scope::owner_of,
};

/// The two ids of an object that is on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) name: Arc<str>,
    source_id: Arc<str>,
    target_id: Arc<str>,
}

impl Link {
    pub(super) fn between(here: &Seen, there: &Seen) -> Self {
        Self { name: here.name.clone(), source_id: here.id.clone(), target_id: there.id.clone() }
    }

    pub(crate) fn note_in(&self, entry: &mut LedgerEntry, source: Side) {
        entry.name.clone_from(&self.name);
        entry.set_id_on(source, Some(self.source_id.clone()));
        entry.set_id_on(source.other(), Some(self.target_id.clone()));
        remark::note_linked(entry);
    }
}

/// Names of what is left alone and equal on both sides, by kind and reason.
pub(super) type LeftEqual = BTreeMap<(ObjectKind, String), Vec<String>>;

impl Inputs<'_> {
    /// Why the object is left alone: what either side says of it or of what it is a part of, or a person of all of
    /// its kind.
    pub(super) fn left_alone(&self, key: &ObjectKey) -> Option<&'static str> {
        let said_of = |key: &ObjectKey| {
            let seen = [self.here.get(key), self.there.get(key)];
            let left_to = |seen: &Seen| seen.left_to.filter(|others| self.scope.is_left_to(*others));
            let said = seen.into_iter().flatten().find_map(left_to).map(LeftTo::why);
            said.or_else(|| self.scope.why_left_alone(key.kind))
        };
        said_of(key).or_else(|| said_of(&owner_of(key)?))
    }

    /// Compares an object that is left alone for this reason, and links it with its counterpart. What differs, is
    /// missing or works on the passive side becomes an item that writes nothing; the rest is told by number.
    pub(super) fn leave_alone(
        &self,
        key: &ObjectKey,
        why: &str,
        planned: &mut Planned,
        left_equal: &mut LeftEqual,
    ) {
        let (source, target) = (self.source, self.target());
        let (here, there) = match (self.here.get(key), self.there.get(key)) {
            (Some(here), Some(there)) => (here, there),
            (None, None) => return,
            (here, _) => {
                let lacking = if here.is_some() { target } else { source };
                let objects = if here.is_some() { self.there } else { self.here };
                // It is missing with what it is a part of, of which that is told.
                if owner_of(key).is_some_and(|owner| !objects.contains_key(&owner)) {
                    return;
                }
                let what = self.ambiguous.get(key).cloned();
                let what = what.unwrap_or_else(|| format!("it is missing in {lacking}"));
                return planned.items.push(self.left_item(key, format!("{why}; {what}")));
            }
        };
        planned.linked.insert(key.clone(), Link::between(here, there));
        let entry = self.entries.get(key);
        let (hash_here, hash_there) =
            (compared(&here.fingerprint, entry), compared(&there.fingerprint, entry));
        let difference = match (&here.fingerprint, &there.fingerprint) {
            (Fingerprint::Unreadable(error), _) | (_, Fingerprint::Unreadable(error)) => {
                Some(format!("it could not be read for comparison: {error}"))
            }
            _ if hash_here != hash_there => Some("the two differ".to_owned()),
            _ => None,
        };
        let is_configured = !kinds::of(key.kind).is_activation_observed() && owner_of(key).is_none();
        let is_at_work = is_configured && !there.is_passive();
        let at_work = is_at_work.then(|| format!("in {target} it is at work, and no sync holds it there"));
        if difference.is_none()
            && let Some(hash) = hash_here
        {
            planned.agree(key, hash, self.entries);
        }
        let told: Vec<String> = difference.into_iter().chain(at_work).collect();
        if told.is_empty() {
            left_equal.entry((key.kind, why.to_owned())).or_default().push(here.name.to_string());
        } else {
            planned.items.push(self.left_item(key, format!("{why}; {}", told.join("; "))));
        }
    }

    fn left_item(&self, key: &ObjectKey, reason: String) -> PlanItem {
        let both = self.here.get(key).zip(self.there.get(key));
        let changes = both.map(|(here, there): (&Seen, &Seen)| self.differences(here, there));
        PlanItem {
            changes: changes.unwrap_or_default(),
            is_left_alone: true,
            ..self.item(key, PlanAction::Skip, Some(reason))
        }
    }

    /// What is left alone and equal, by number.
    pub(super) fn groups_of_left_equal(&self, left_equal: LeftEqual) -> Vec<PlanItem> {
        let group = |((kind, why), mut names): ((ObjectKind, String), Vec<String>)| {
            names.sort();
            let what = match names.len() {
                1 => format!("1 {} left alone", kind.singular()),
                count => format!("{count} {} left alone", kind.plural()),
            };
            let reason = format!("{why}; equal on both sides: {}", items::named(&names));
            PlanItem {
                is_left_alone: true,
                ..items::group(kind, format!("(left alone: {why})"), what, reason)
            }
        };
        left_equal.into_iter().map(group).collect()
    }
}
