//! The three states of one object, and what follows from them.

mod both_sides;

use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
    plan::PlanAction,
};

use super::{Fingerprint, Inputs, Seen, Verdict};
use crate::{
    inventory::{is_home, is_of_every_workspace},
    kinds::{self, Naming},
    policy::{Deletes, OnBothChanged, OnTargetChanged},
    references::without_dangling,
    remark,
};

const OWN: &str = "one of the two workspaces is written with its credential";

impl Inputs<'_> {
    pub(super) fn decide(&self, key: &ObjectKey) -> Verdict {
        if self.is_out_of_sight(key) {
            return Verdict::OutOfSight;
        }
        if let Some(verdict) = self.unlisted(key) {
            return verdict;
        }
        let entry = self.entries.get(key);
        if let Some(why) = self.left_alone(key) {
            return Verdict::LeftAlone(why.to_owned());
        }
        match (self.here.get(key), self.there.get(key)) {
            (None, None) => Verdict::Forget,
            (Some(here), there) => {
                // No answer could settle it: neither side is the other's version.
                if let Some(why) = self.ambiguous.get(key) {
                    return match there {
                        Some(_) => Verdict::because(PlanAction::Skip, why),
                        None => Verdict::Blocked(PlanAction::Create, why.clone()),
                    };
                }
                if !here.problems.is_empty() {
                    return self.with_problems(key, here, there, entry);
                }
                match there {
                    Some(there) => self.on_both_sides(key, here, there, entry),
                    None => self.only_here(key, here, entry),
                }
            }
            (None, Some(there)) => {
                self.unless_untold(key, self.unless_hidden(self.only_there(key, there, entry)))
            }
        }
    }

    /// What the source lacks, the target lacks as well once the deletion is carried: then the two are equal,
    /// and there is nothing to carry. Else the target does not have what the source has, and that must not pass
    /// for success.
    fn with_problems(
        &self,
        key: &ObjectKey,
        here: &Seen,
        there: Option<&Seen>,
        entry: Option<&LedgerEntry>,
    ) -> Verdict {
        let why = here.problems.join("; ");
        let Some(there) = there else { return Verdict::Blocked(PlanAction::Create, why) };
        let stays_here = |key: &ObjectKey| self.is_on_source(key);
        let stays_there = |key: &ObjectKey| {
            let is_deleted = || !stays_here(key) && self.entries.contains_key(key);
            self.left_out.there.contains_key(key) || (self.there.contains_key(key) && !is_deleted())
        };
        let is_equal =
            without_dangling(&here.form, &stays_here) == without_dangling(&there.form, &stays_there);
        if is_equal && !kinds::of(key.kind).has_content() {
            return Verdict::because(PlanAction::Skip, why);
        }
        Verdict::Blocked(update_or_adopt(self.is_known(here, there, entry)), why)
    }

    pub(super) fn is_known(&self, here: &Seen, there: &Seen, entry: Option<&LedgerEntry>) -> bool {
        entry.filter(|entry| !remark::is_only_linked(entry)).is_some_and(|entry| {
            entry.id_on(self.source) == Some(&*here.id) && entry.id_on(self.target()) == Some(&*there.id)
        })
    }

    fn only_here(&self, key: &ObjectKey, here: &Seen, entry: Option<&LedgerEntry>) -> Verdict {
        let (source, target) = (self.source, self.target());
        // It comes with what it is a part of.
        if is_part(key) {
            return Verdict::Do(PlanAction::Create, None);
        }
        let had_copy = entry.filter(|entry| entry.id_on(target).is_some());
        let Some(base) = had_copy.and_then(|entry| entry.base_hash.as_deref()) else {
            return Verdict::Do(PlanAction::Create, None);
        };
        let is_changed_here = compared(&here.fingerprint, had_copy) != Some(base);
        if !is_changed_here && is_retired(key, here) {
            return Verdict::Nothing;
        }
        match self.choice(key) {
            Some(side) if side == target => {
                return Verdict::because(PlanAction::Skip, remark::chosen(target));
            }
            Some(_) => {
                return Verdict::because(PlanAction::Create, remark::chosen(source));
            }
            None => {}
        }
        match (is_changed_here, self.policy.on_both_changed, self.policy.on_target_changed) {
            (true, OnBothChanged::Ask, _) => Verdict::because(
                PlanAction::Conflict,
                format!("it was changed in {source} and deleted in {target} since they were last equal"),
            ),
            (false, _, OnTargetChanged::Ask) if self.was_chosen(key, target) => {
                Verdict::because(PlanAction::Skip, remark::chosen(target))
            }
            (false, _, OnTargetChanged::Ask) => Verdict::because(
                PlanAction::Conflict,
                format!("it was deleted by hand in {target} since they were last equal"),
            ),
            (true, OnBothChanged::SourceWins, _) | (false, _, OnTargetChanged::Overwrite) => {
                Verdict::because(PlanAction::Create, format!("it was deleted by hand in {target}"))
            }
            (false, _, OnTargetChanged::Keep) => Verdict::because(
                PlanAction::Skip,
                format!("it was deleted in {target} only, and stays deleted there"),
            ),
        }
    }

    fn only_there(&self, key: &ObjectKey, there: &Seen, entry: Option<&LedgerEntry>) -> Verdict {
        let (source, target) = (self.source, self.target());
        // It goes and stays with what it is a part of; and what every workspace has, stays.
        if is_part(key) || (key.kind == ObjectKind::Folders && is_of_every_workspace(&key.key)) {
            return Verdict::Nothing;
        }
        let was_carried =
            entry.filter(|entry| entry.id_on(source).is_some() && entry.id_on(target).is_some());
        let Some(base) = was_carried.and_then(|entry| entry.base_hash.as_deref()) else {
            return Verdict::OnlyThere;
        };
        if entry.is_some_and(|entry| self.is_called_otherwise(entry)) {
            return Verdict::CopyOfNothing;
        }
        if is_retired(key, there) {
            return Verdict::Nothing;
        }
        if let Some(why) = self.why_it_stays(key, there) {
            return Verdict::because(PlanAction::Skip, format!("it was deleted in {source}, but {why}"));
        }
        if key.kind == ObjectKind::Folders && is_home(&key.key) {
            let why = "the home folder of a person is removed with the person, not by a sync";
            return Verdict::because(PlanAction::Skip, why);
        }
        let is_asked = self.policy.on_both_changed == OnBothChanged::Ask;
        let was_chosen = entry.is_some_and(|entry| remark::is_chosen_over_deletion(entry, target));
        match self.choice(key) {
            Some(side) if side == target => {
                return Verdict::because(PlanAction::Skip, remark::chosen_over_deletion(target));
            }
            Some(_) => {
                return Verdict::because(PlanAction::Delete, format!("its deletion in {source} was chosen"));
            }
            None if is_asked && was_chosen => {
                return Verdict::because(PlanAction::Skip, remark::chosen_over_deletion(target));
            }
            None => {}
        }
        if self.policy.deletes == Deletes::Keep {
            return Verdict::because(
                PlanAction::Skip,
                format!("it was deleted in {source}; deletions are not carried over"),
            );
        }
        let is_changed_there = compared(&there.fingerprint, was_carried) != Some(base);
        match (is_changed_there, self.policy.on_both_changed) {
            (true, OnBothChanged::Ask) => Verdict::because(
                PlanAction::Conflict,
                format!("it was deleted in {source} and changed in {target} since they were last equal"),
            ),
            (true, OnBothChanged::SourceWins) => Verdict::because(
                PlanAction::Delete,
                format!("it was deleted in {source}; in {target} it was changed by hand, which goes with it"),
            ),
            (false, _) if kinds::of(key.kind).retired(&there.form).is_some() => Verdict::because(
                PlanAction::Delete,
                format!("it was deleted in {source}; in {target} it is deactivated, and can be brought back"),
            ),
            (false, _) => Verdict::because(PlanAction::Delete, format!("it was deleted in {source}")),
        }
    }

    /// Whoever does not see everything on the source cannot say what was deleted there.
    fn unless_hidden(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Do(PlanAction::Delete | PlanAction::Conflict, _) if self.is_source_half_blind => {
                let source = self.source;
                Verdict::because(
                    PlanAction::Skip,
                    format!(
                        "it is gone from {source} or hidden there: the credential for {source} is not in the group \
                         admins, and what it does not see is not deleted"
                    ),
                )
            }
            verdict => verdict,
        }
    }

    /// Whoever does not know themselves could delete themselves.
    fn unless_untold(&self, key: &ObjectKey, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Do(PlanAction::Delete, _)
                if self.is_own_untold && kinds::of(key.kind).is_named_by_others() =>
            {
                let why = "one of the workspaces does not tell whose credential is used, and so no principal is deleted: \
                           it might be that one";
                Verdict::because(PlanAction::Skip, format!("it is gone from {}; {why}", self.source))
            }
            verdict => verdict,
        }
    }

    /// The source still has what was carried, under a name for which the map knows another one on the target since.
    fn is_called_otherwise(&self, entry: &LedgerEntry) -> bool {
        let kind = entry.object.kind;
        let is_it = |(key, seen): (&ObjectKey, &Seen)| {
            key.kind == kind && entry.id_on(self.source) == Some(&*seen.id)
        };
        kinds::of(kind).name_field().is_some() && self.here.iter().chain(&self.left_out.here).any(is_it)
    }

    /// Why the object must not be deleted on the target, if so.
    fn why_it_stays(&self, key: &ObjectKey, there: &Seen) -> Option<&'static str> {
        if self.own.contains(key) {
            return Some(OWN);
        }
        kinds::of(key.kind).why_it_stays(&there.form)
    }

    fn choice(&self, key: &ObjectKey) -> Option<Side> {
        self.policy.choices.get(key).copied()
    }
}

pub(super) fn is_part(key: &ObjectKey) -> bool {
    kinds::of(key.kind).naming() == Naming::Part
}

/// Whether the object is all that a deletion would leave of it.
fn is_retired(key: &ObjectKey, seen: &Seen) -> bool {
    kinds::of(key.kind).retired(&seen.form).as_ref() == Some(&*seen.form)
}

pub(super) const fn update_or_adopt(is_known: bool) -> PlanAction {
    if is_known { PlanAction::Update } else { PlanAction::Adopt }
}

/// What the two sides are compared by: the hash, where it is known.
pub(super) fn compared<'a>(
    fingerprint: &'a Fingerprint,
    known_by: Option<&'a LedgerEntry>,
) -> Option<&'a str> {
    let base = known_by.and_then(|entry| entry.base_hash.as_deref());
    known(fingerprint, base).map(|hash| known_by.map_or(hash, |entry| entry.compared(hash)))
}

/// The hash, where it is known; what was not read counts as changed.
pub(super) fn known<'a>(fingerprint: &'a Fingerprint, base: Option<&'a str>) -> Option<&'a str> {
    match fingerprint {
        Fingerprint::Known(hash) => Some(hash),
        Fingerprint::AsAgreed => base,
        Fingerprint::Unread | Fingerprint::Unreadable(_) => None,
    }
}
