//! What lies in a folder whose content one of the sides does not tell. It stays as it is on both sides, whatever the
//! other one shows, and the folder is an outcome that says why.

use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    plan::PlanAction,
};

use super::{Inputs, Verdict, decide::update_or_adopt};
use crate::{inventory::UnlistedFolders, kinds, scope::owner_of};

/// The folders that could not be listed.
#[derive(Clone, Copy)]
pub(crate) struct Unlisted<'a> {
    pub(crate) here: &'a UnlistedFolders,
    pub(crate) there: &'a UnlistedFolders,
}

impl Inputs<'_> {
    /// Whether nobody knows if the object, or what it is a part of, is there.
    pub(super) fn is_out_of_sight(&self, key: &ObjectKey) -> bool {
        let Unlisted { here, there } = self.unlisted;
        if here.is_empty() && there.is_empty() {
            return false;
        }
        let owner = owner_of(key);
        let key = owner.as_ref().unwrap_or(key);
        kinds::of(key.kind).is_in_tree() && (here.hide(&key.key) || there.hide(&key.key))
    }

    /// What follows for a folder that could not be listed; None for all else.
    pub(super) fn unlisted(&self, key: &ObjectKey) -> Option<Verdict> {
        if key.kind != ObjectKind::Folders {
            return None;
        }
        let why_on = |side: Side| {
            let folders = if side == self.source { self.unlisted.here } else { self.unlisted.there };
            folders.why(&key.key).map(|answer| (side, answer))
        };
        let (side, answer) = why_on(self.source).or_else(|| why_on(self.target()))?;
        let why = format!(
            "what is in it could not be listed in {side}, and stays as it is on both sides ({answer})"
        );
        Some(match (self.here.get(key), self.there.get(key)) {
            (Some(_), None) => Verdict::Blocked(PlanAction::Create, why),
            (Some(here), Some(there)) => {
                let is_known = self.is_known(here, there, self.entries.get(key));
                Verdict::Blocked(update_or_adopt(is_known), why)
            }
            (None, Some(_)) => Verdict::because(
                PlanAction::Skip,
                format!("it is not in {}, but stays in {}: {why}", self.source, self.target()),
            ),
            (None, None) => Verdict::Nothing,
        })
    }
}
