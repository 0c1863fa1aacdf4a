//! What follows where both sides have the object.

use farshore_model::{group::Side, kind::ObjectKey, ledger::LedgerEntry, plan::PlanAction};

use super::{OWN, compared, is_part, update_or_adopt};
use crate::{
    kinds::is_inactive,
    planner::{Fingerprint, Inputs, Seen, Verdict},
    policy::{OnBothChanged, OnTargetChanged},
    remark,
};

impl Inputs<'_> {
    pub(super) fn on_both_sides(
        &self,
        key: &ObjectKey,
        here: &Seen,
        there: &Seen,
        entry: Option<&LedgerEntry>,
    ) -> Verdict {
        let is_known = self.is_known(here, there, entry);
        // A part is the same one as long as it belongs to the same object, whatever its own id has become. What was
        // made anew on the source under a name that is its own is compared with the copy that the old one has.
        let is_its_copy = |entry: &&LedgerEntry| entry.id_on(self.target()) == Some(&*there.id);
        let known_by = entry.filter(|entry| is_part(key) || is_its_copy(entry));
        let base = known_by.and_then(|entry| entry.base_hash.as_deref());
        if let Fingerprint::Unreadable(why) = &here.fingerprint {
            return Verdict::because(
                update_or_adopt(is_known),
                format!("it could not be read for comparison: {why}"),
            );
        }
        let (hash_here, hash_there) =
            (compared(&here.fingerprint, known_by), compared(&there.fingerprint, known_by));
        match hash_here {
            Some(hash) if hash_there == Some(hash) => {
                self.equal(key, there, (is_known, base.is_some()), hash)
            }
            _ => self.different(key, is_known, (hash_here, hash_there), base),
        }
    }

    fn equal(
        &self,
        key: &ObjectKey,
        there: &Seen,
        (is_known, has_base): (bool, bool),
        hash: &str,
    ) -> Verdict {
        let target = self.target();
        if !is_known {
            Verdict::because(PlanAction::Adopt, format!("it is in {target} already"))
        } else if !there.is_passive() && !has_base {
            Verdict::because(PlanAction::Update, "its creation was interrupted before it was put to rest")
        } else if !there.is_passive() && self.is_still_in_force(key) {
            let why = format!("it is in force in {target}, which is passive now");
            Verdict::because(PlanAction::Update, why)
        } else if !there.is_passive() {
            Verdict::because(PlanAction::Update, format!("it was activated by hand in {target}"))
        } else if self.has_held_change(key) {
            Verdict::Do(PlanAction::Held, None)
        } else {
            Verdict::Agreed(hash.to_owned())
        }
    }

    fn different(
        &self,
        key: &ObjectKey,
        is_known: bool,
        (hash_here, hash_there): (Option<&str>, Option<&str>),
        base: Option<&str>,
    ) -> Verdict {
        let (source, target) = (self.source, self.target());
        let write = update_or_adopt(is_known);
        if self.own.contains(key) && self.here.get(key).is_some_and(|here| is_inactive(&here.form)) {
            return Verdict::because(
                PlanAction::Skip,
                format!("it is deactivated in {source}, and stays active in {target}: {OWN}"),
            );
        }
        match self.choice(key) {
            Some(side) if side == target => {
                return Verdict::because(PlanAction::Skip, remark::chosen(target));
            }
            Some(_) => return Verdict::because(write, remark::chosen(source)),
            None => {}
        }
        let Some(base) = base else {
            return match (is_known, self.policy.on_both_changed) {
                // Its creation was interrupted before both sides were known to be equal.
                (true, _) => Verdict::Do(PlanAction::Update, None),
                (false, OnBothChanged::SourceWins) => {
                    Verdict::because(PlanAction::Adopt, format!("it is in {target} already, and differs"))
                }
                (false, OnBothChanged::Ask) => Verdict::because(
                    PlanAction::Conflict,
                    format!("it was made in {source} and in {target}, and the two differ"),
                ),
            };
        };
        let (is_changed_here, is_changed_there) = (hash_here != Some(base), hash_there != Some(base));
        let write = if is_part(key) { PlanAction::Update } else { write };
        match (is_changed_here, is_changed_there) {
            (true, true) => match self.policy.on_both_changed {
                OnBothChanged::SourceWins => Verdict::because(
                    write,
                    format!(
                        "it was changed by hand in {target} too; the version in {source} is put in its place"
                    ),
                ),
                OnBothChanged::Ask => Verdict::because(
                    PlanAction::Conflict,
                    format!("it was changed in {source} and in {target} since they were last equal"),
                ),
            },
            (false, true) => self.drifted(key, write),
            (_, false) if write == PlanAction::Adopt => {
                Verdict::because(write, format!("it is in {target} already, and differs"))
            }
            (_, false) => Verdict::Do(write, None),
        }
    }

    /// It was changed on the target alone.
    fn drifted(&self, key: &ObjectKey, write: PlanAction) -> Verdict {
        let target = self.target();
        let on_drift = self.policy.on_target_changed;
        if on_drift == OnTargetChanged::Overwrite {
            return Verdict::because(write, format!("it was changed by hand in {target}"));
        }
        let was_chosen = self.was_chosen(key, target);
        let is_at_work =
            self.policy.is_source_in_force && self.there.get(key).is_some_and(|there| !there.is_passive());
        match on_drift {
            // What it is to do where it is active has changed there all the same.
            _ if was_chosen && self.has_held_change(key) => {
                Verdict::because(PlanAction::Held, remark::chosen(target))
            }
            _ if was_chosen => Verdict::because(PlanAction::Skip, remark::chosen(target)),
            // Whatever is kept, a passive side stays passive.
            OnTargetChanged::Keep if is_at_work => Verdict::because(
                PlanAction::Conflict,
                format!(
                    "it was changed by hand in {target} and is at work there, so that it cannot just stay"
                ),
            ),
            OnTargetChanged::Keep => {
                let action = if self.has_held_change(key) { PlanAction::Held } else { PlanAction::Skip };
                Verdict::because(action, format!("it was changed in {target} only, and stays so"))
            }
            OnTargetChanged::Overwrite | OnTargetChanged::Ask => Verdict::because(
                PlanAction::Conflict,
                format!("it was changed by hand in {target} since they were last equal"),
            ),
        }
    }

    /// A person has chosen that side's version before, and nothing has changed on the other one since.
    pub(super) fn was_chosen(&self, key: &ObjectKey, side: Side) -> bool {
        self.entries.get(key).is_some_and(|entry| remark::is_chosen(entry, side))
    }
}
