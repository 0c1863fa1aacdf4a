//! What decides where the three states of an object alone do not.

use std::collections::BTreeMap;

use farshore_model::{group::Side, kind::ObjectKey, replication_settings::OnDrift};

/// Only the target differs from what both sides last agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTargetChanged {
    /// It is drift: the target is made equal to the source again.
    Overwrite,
    /// The target's version stays; a later sync in the other direction carries it.
    Keep,
    /// A conflict, until a person chooses.
    Ask,
}

/// Both sides differ from what they last agreed on, and from one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnBothChanged {
    SourceWins,
    /// A conflict, until a person chooses.
    Ask,
}

/// What was deleted on the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletes {
    Propagate,
    Keep,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncPolicy {
    pub on_target_changed: OnTargetChanged,
    pub on_both_changed: OnBothChanged,
    /// For objects that a person decided about, the side whose version is kept.
    pub choices: BTreeMap<ObjectKey, Side>,
    pub deletes: Deletes,
    /// The source is meant to be in force, so that whatever still awaits its release there is worth a word.
    /// False in a failback, in which the source is fenced on the way.
    pub is_source_in_force: bool,
}

impl SyncPolicy {
    /// Replication from the effective primary: what is active wins, as far as the group's settings let it.
    pub const fn forward() -> Self {
        Self {
            on_target_changed: OnTargetChanged::Overwrite,
            on_both_changed: OnBothChanged::SourceWins,
            choices: BTreeMap::new(),
            deletes: Deletes::Propagate,
            is_source_in_force: true,
        }
    }

    /// The same, with what a person has decided about drift. Where the target's version may stay, what was changed on
    /// both sides is a conflict: nothing that was made by hand is overwritten unasked. What a failback does with its
    /// own target is no drift, and is not changed by this.
    #[must_use]
    pub(crate) fn with_drift(&self, on_drift: OnDrift) -> Self {
        let decided = match on_drift {
            _ if !self.is_source_in_force => None,
            OnDrift::Overwrite => None,
            OnDrift::Keep => Some(OnTargetChanged::Keep),
            OnDrift::Ask => Some(OnTargetChanged::Ask),
        };
        match decided {
            None => self.clone(),
            Some(on_target_changed) => {
                Self { on_target_changed, on_both_changed: OnBothChanged::Ask, ..self.clone() }
            }
        }
    }

    /// A failback: what changed on the side that was active is carried to the returned one, which keeps what
    /// changed only there; what changed on both sides waits for one of `choices`.
    pub const fn carry_back(choices: BTreeMap<ObjectKey, Side>) -> Self {
        Self {
            on_target_changed: OnTargetChanged::Keep,
            on_both_changed: OnBothChanged::Ask,
            choices,
            deletes: Deletes::Propagate,
            is_source_in_force: false,
        }
    }
}
