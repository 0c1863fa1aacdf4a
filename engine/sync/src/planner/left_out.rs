//! What is out of the scope: no sync compares or writes it. It is told by number, and its two ids are linked where
//! something may refer to it.

use std::collections::{BTreeMap, BTreeSet};

use farshore_model::{
    kind::{ObjectKey, ObjectKind},
    plan::PlanItem,
};

use super::{Inputs, Link, Planned, items};
use crate::{references::referring_kinds, scope::owner_of};

impl Inputs<'_> {
    /// Whether the object, or what it is a part of, is none of our business.
    pub(super) fn is_out_of_scope(&self, key: &ObjectKey) -> bool {
        if self.here.contains_key(key) || self.there.contains_key(key) {
            return false;
        }
        let is_out = |key: &ObjectKey| self.left_out.contains(key) || self.scope.is_excluded(key.kind);
        is_out(key) || owner_of(key).is_some_and(|owner| is_out(&owner))
    }

    /// The source has it, whether or not it is in the scope.
    pub(super) fn is_on_source(&self, key: &ObjectKey) -> bool {
        self.here.contains_key(key) || self.left_out.here.contains_key(key)
    }

    /// The target has it, whether or not it is in the scope.
    pub(super) fn is_on_target(&self, key: &ObjectKey) -> bool {
        self.there.contains_key(key) || self.left_out.there.contains_key(key)
    }

    /// Notes what the ledger is to know of what is left out.
    pub(super) fn leave_out(&self, planned: &mut Planned) {
        for (key, here) in &self.left_out.here {
            if self.was_released(key) {
                planned.released.insert(key.clone());
            }
            if let Some(there) =
                self.left_out.there.get(key).filter(|_| !referring_kinds(key.kind).is_empty())
            {
                planned.linked.insert(key.clone(), Link::between(here, there));
            }
        }
        let known = self.entries.keys().filter(|key| !self.out_of_scope.contains_key(&key.kind));
        let known = known.filter(|key| self.is_out_of_scope(key)).cloned();
        planned.left_out =
            known.chain(planned.linked.keys().filter(|key| self.left_out.contains(key)).cloned()).collect();
    }

    /// Why what refers to an object that is left out cannot be carried over: its counterpart is not there.
    pub(super) fn why_missing(&self, key: &ObjectKey) -> Option<String> {
        let seen = self.left_out.here.get(key).filter(|_| !self.is_on_target(key))?;
        let what = format!("the {} \"{}\"", key.kind.singular(), seen.name);
        let why = match (self.scope.is_excluded(key.kind), self.ambiguous.get(key)) {
            (_, Some(why)) => format!("is out of the scope and cannot be told from others: {why}"),
            (true, None) => format!("is not in {}, and {} are excluded", self.target(), key.kind.plural()),
            (false, None) => "a filter leaves out".to_owned(),
        };
        Some(format!("it refers to {what}, which {why}"))
    }

    /// What filters and exclusions leave out, by number.
    pub(super) fn groups_of_left_out(&self) -> Vec<PlanItem> {
        let excluded = self.scope.excluded().map(|kind| {
            let why = "they are excluded from the replication of this group".to_owned();
            items::group(kind, "(all)".to_owned(), format!("All {}", kind.plural()), why)
        });
        let keys: BTreeSet<&ObjectKey> =
            self.left_out.here.keys().chain(self.left_out.there.keys()).collect();
        let mut names: BTreeMap<ObjectKind, Vec<String>> = BTreeMap::new();
        for key in keys {
            if self.scope.is_excluded(key.kind) || owner_of(key).is_some() {
                continue;
            }
            names.entry(key.kind).or_default().extend(self.name_of(key));
        }
        let filtered = names.into_iter().map(|(kind, mut names)| {
            names.sort();
            let (what, them) = match names.len() {
                1 => (format!("1 {} is out of scope", kind.singular()), "it"),
                count => (format!("{count} {} are out of scope", kind.plural()), "them"),
            };
            let why = format!("a filter leaves {them} out: {}", items::named(&names));
            items::group(kind, "(out of scope)".to_owned(), what, why)
        });
        excluded.chain(filtered).collect()
    }
}
