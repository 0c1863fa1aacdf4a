//! A sync plan: the stored, immutable difference between two sides, specific enough to leave no choice to
//! whoever applies it.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    GroupId, PairId, PlanId, Timestamp,
    group::Side,
    kind::{ObjectKey, ObjectKind},
};

/// What is to be done with one object. Objects that are equal on both sides are counted, not listed.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanAction {
    Create,
    Update,
    Delete,
    /// The same object was there already: it is taken into the ledger, and made equal if it differs.
    Adopt,
    /// Changed on both sides since they last agreed: a person chooses.
    Conflict,
    /// Only what is held on the passive side changed (a job's concurrency, a pool's min-idle): it is noted
    /// for the day of a failover, and not put in force.
    Held,
    Skip,
}

impl PlanAction {
    pub const ALL: [Self; 7] =
        [Self::Create, Self::Update, Self::Delete, Self::Adopt, Self::Conflict, Self::Held, Self::Skip];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Adopt => "adopt",
            Self::Conflict => "conflict",
            Self::Held => "held",
            Self::Skip => "skip",
        }
    }
}

impl fmt::Display for PlanAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PlanAction {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|action| action.as_str() == text)
            .ok_or_else(|| UnknownAction(text.to_owned()))
    }
}

/// The text names no plan action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no plan action named {0:?}")]
pub struct UnknownAction(pub String);

/// One field before and after, both as a person reads them; None: the field is absent.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub path: String,
    /// Of a text of several lines: those that go. Long values are cut.
    pub before: Option<String>,
    /// Of a text of several lines: those that come.
    pub after: Option<String>,
    /// Of a text of several lines alone. Plans that were stored before it was told have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<TextChange>))]
    pub text: Option<Box<TextChange>>,
}

/// What changes in a text of several lines.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextChange {
    /// How many lines go, and how many come, shown or not.
    pub removed: u32,
    pub added: u32,
    /// The changed lines in their place, as a unified diff without names of files. It is for reading: long lines
    /// are cut, and where it is not all, its last line begins with `\` and says how many more lines differ.
    pub diff: String,
}

#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanItem {
    /// Place in the plan, from 0: the order in which items are applied.
    pub index: u32,
    pub object: ObjectKey,
    /// What a person calls it: a path, or a name.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: Arc<str>,
    pub action: PlanAction,
    /// Why, where the action alone does not say it.
    pub reason: Option<String>,
    pub changes: Vec<FieldChange>,
    /// Ids on the side that is read and on the side that is written.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub source_id: Option<Arc<str>>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub target_id: Option<Arc<str>>,
    /// The canonical form to be reached, ids of other objects replaced by their keys. None where nothing is
    /// written; for an item that writes, None means that it cannot be carried over, for the `reason`: applying
    /// it fails with that, and changes nothing.
    pub desired: Option<Value>,
    /// What the object does on the active side and not on the passive one.
    pub activation: Option<Value>,
    /// Hash of the canonical form on the source, and on the target, when the plan was made.
    pub source_hash: Option<String>,
    pub target_hash: Option<String>,
    /// Somebody else sees to it on both sides: it is compared, and no sync writes it.
    #[serde(default)]
    pub is_left_alone: bool,
}

impl PlanItem {
    /// Whether it would have to be written and cannot be, for its `reason`.
    pub const fn is_blocked(&self) -> bool {
        matches!(self.action, PlanAction::Create | PlanAction::Update | PlanAction::Adopt)
            && self.desired.is_none()
    }

    /// Whether it stands for several objects, and for no entry of the ledger.
    pub const fn is_group(&self) -> bool {
        self.source_id.is_none() && self.target_id.is_none()
    }
}

/// How many items there are of each action.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanCounts {
    pub create: u32,
    pub update: u32,
    pub delete: u32,
    pub adopt: u32,
    pub conflict: u32,
    pub held: u32,
    pub skip: u32,
    /// Equal on both sides; not among the items.
    pub unchanged: u32,
    /// Among the creates, updates and adopts: those that cannot be carried over.
    #[serde(default)]
    pub blocked: u32,
    /// Among the skips: those that stand for several objects, which syncs leave out as a whole. Plans that were
    /// stored before they were counted have none.
    #[serde(default)]
    pub groups: u32,
    /// Changes and conflicts that are not among the items, because the plan is about some objects alone.
    #[serde(default)]
    pub left_out: u32,
}

impl PlanCounts {
    pub fn of(items: &[PlanItem], unchanged: u32) -> Self {
        let mut counts = Self { unchanged, ..Self::default() };
        for item in items {
            *counts.slot(item.action) += 1;
            counts.blocked += u32::from(item.is_blocked());
            counts.groups += u32::from(item.action == PlanAction::Skip && item.is_group());
        }
        counts
    }

    pub const fn get(&self, action: PlanAction) -> u32 {
        match action {
            PlanAction::Create => self.create,
            PlanAction::Update => self.update,
            PlanAction::Delete => self.delete,
            PlanAction::Adopt => self.adopt,
            PlanAction::Conflict => self.conflict,
            PlanAction::Held => self.held,
            PlanAction::Skip => self.skip,
        }
    }

    const fn slot(&mut self, action: PlanAction) -> &mut u32 {
        match action {
            PlanAction::Create => &mut self.create,
            PlanAction::Update => &mut self.update,
            PlanAction::Delete => &mut self.delete,
            PlanAction::Adopt => &mut self.adopt,
            PlanAction::Conflict => &mut self.conflict,
            PlanAction::Held => &mut self.held,
            PlanAction::Skip => &mut self.skip,
        }
    }

    /// Objects that differ, are missing or work on one side alone, and are left alone with a reason each.
    pub const fn left_alone(&self) -> u32 {
        self.skip.saturating_sub(self.groups)
    }

    /// Items that change something: all but skips and conflicts.
    pub const fn to_apply(&self) -> u32 {
        self.create + self.update + self.delete + self.adopt + self.held
    }
}

/// The whole difference of one pair, in the order in which it is applied.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SyncPlan {
    pub id: PlanId,
    pub group_id: GroupId,
    pub pair_id: PairId,
    /// The side that is read; the other one is written.
    pub source: Side,
    pub created_at: Timestamp,
    /// When the listing of the source began: the replication point, should every item succeed.
    pub listing_began_at: Timestamp,
    pub counts: PlanCounts,
    /// Of everything above that decides what is done (not of ids and times of the plan itself): two plans
    /// with one hash do the same.
    pub hash: String,
    pub items: Vec<PlanItem>,
}

/// How many objects of each kind a side has; what the first page of a plan shows.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCount {
    pub kind: ObjectKind,
    pub counts: PlanCounts,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(action: PlanAction, desired: Option<Value>) -> PlanItem {
        PlanItem {
            index: 0,
            object: ObjectKey { kind: ObjectKind::Jobs, key: "1:77".into() },
            name: "nightly".into(),
            action,
            reason: None,
            changes: Vec::new(),
            source_id: None,
            target_id: None,
            desired,
            activation: None,
            source_hash: None,
            target_hash: None,
            is_left_alone: false,
        }
    }

    #[test]
    fn what_would_be_written_and_has_no_form_is_blocked() {
        let items: Vec<PlanItem> = PlanAction::ALL.into_iter().map(|action| item(action, None)).collect();
        let counts = PlanCounts::of(&items, 3);
        assert_eq!(counts.blocked, 3, "create, update and adopt: {counts:?}");
        assert_eq!((counts.create, counts.to_apply(), counts.unchanged), (1, 5, 3));
        assert!(!item(PlanAction::Create, Some(Value::Null)).is_blocked());
    }

    #[test]
    fn what_stands_for_several_objects_is_not_one_that_is_left_alone() {
        let one = PlanItem { target_id: Some("7".into()), ..item(PlanAction::Skip, None) };
        let counts = PlanCounts::of(&[item(PlanAction::Skip, None), one, item(PlanAction::Create, None)], 3);
        assert_eq!((counts.skip, counts.groups, counts.left_alone()), (2, 1, 1));
    }

    #[test]
    fn changes_stored_before_texts_were_told_are_read_and_written_as_they_were() {
        let stored = r#"{"path":"source","before":"a","after":null}"#;
        let change: FieldChange = serde_json::from_str(stored).expect("readable");
        assert_eq!((change.before.as_deref(), &change.text), (Some("a"), &None));
        assert_eq!(serde_json::to_string(&change).expect("writable"), stored);
    }

    #[test]
    fn counts_stored_before_blocked_was_counted_are_read() {
        let stored =
            r#"{"create":1,"update":0,"delete":0,"adopt":0,"conflict":0,"held":0,"skip":0,"unchanged":9}"#;
        let counts: PlanCounts = serde_json::from_str(stored).expect("readable");
        assert_eq!(counts, PlanCounts { create: 1, unchanged: 9, ..PlanCounts::default() });
    }
}
