//! From a decision to the item that a person reads and the applier follows.

use std::{collections::BTreeMap, sync::Arc};

use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    plan::{FieldChange, PlanAction, PlanItem},
};
use serde_json::Value;

use super::{Inputs, Seen, decide::known};
use crate::diff;

/// Names that the reason of a group lists before it counts the rest.
const MOST_NAMES: usize = 5;

impl Inputs<'_> {
    pub(super) fn item(&self, key: &ObjectKey, action: PlanAction, reason: Option<String>) -> PlanItem {
        let (here, there) = (self.here.get(key), self.there.get(key));
        let entry = self.entries.get(key);
        let base = entry.and_then(|entry| entry.base_hash.as_deref());
        let hash =
            |seen: Option<&Seen>| seen.and_then(|seen| known(&seen.fingerprint, base)).map(str::to_owned);
        let is_written = matches!(action, PlanAction::Create | PlanAction::Update | PlanAction::Adopt);
        let seen = here.or(there);
        PlanItem {
            index: 0,
            object: key.clone(),
            name: Arc::clone(seen.map_or(&key.key, |seen| &seen.name)),
            action,
            reason,
            changes: self.changes(key, action),
            source_id: here.map(|here| here.id.clone()),
            target_id: there.map(|there| there.id.clone()),
            desired: here.filter(|_| is_written).map(|here| Value::clone(&here.form)),
            activation: if is_written || action == PlanAction::Held {
                self.activation_to_keep(key)
            } else {
                None
            },
            source_hash: hash(here),
            target_hash: hash(there),
            is_left_alone: false,
        }
    }

    fn changes(&self, key: &ObjectKey, action: PlanAction) -> Vec<FieldChange> {
        let (Some(here), Some(there)) = (self.here.get(key), self.there.get(key)) else { return Vec::new() };
        let name_of = |key: &ObjectKey| self.name_of(key);
        let empty = Value::Null;
        if action == PlanAction::Held {
            let before = self.entries.get(key).and_then(|entry| entry.activation.as_ref());
            let after = self.activation_to_keep(key).unwrap_or(Value::Null);
            return diff::fields(before.unwrap_or(&empty), &after, &name_of);
        }
        let mut changes = self.differences(here, there);
        if !there.is_passive() {
            let passive = |value: &Option<Value>| value.clone().unwrap_or(Value::Null);
            changes.extend(diff::fields(&passive(&there.activation), &passive(&there.passive), &name_of));
        }
        changes
    }

    /// What the target would have to take over.
    pub(super) fn differences(&self, here: &Seen, there: &Seen) -> Vec<FieldChange> {
        match (&there.text, &here.text) {
            (Some(before), Some(after)) if before != after => vec![diff::source(before, after)],
            _ => diff::fields(&there.form, &here.form, &|key| self.name_of(key)),
        }
    }

    pub(super) fn name_of(&self, key: &ObjectKey) -> Option<String> {
        let seen = self.here.get(key).or_else(|| self.there.get(key));
        let seen = seen.or_else(|| self.left_out.here.get(key)).or_else(|| self.left_out.there.get(key));
        seen.map(|seen| seen.name.to_string())
    }

    /// What is told by number rather than one by one, so that it does not drown the rest.
    pub(super) fn groups_of_skipped(&self, only_there: &[&ObjectKey]) -> Vec<PlanItem> {
        let target = self.target();
        let mut groups = Vec::new();
        for (kind, paths) in self.omitted_here {
            let what = omitted_title(kind, paths.len());
            let reason = format!("they are not replicated: {}", named(paths));
            groups.push(group(ObjectKind::Notebooks, format!("(type {kind})"), what, reason));
        }
        for (kind, why) in self.out_of_scope {
            groups.push(group(*kind, "(all)".to_owned(), format!("All {}", kind.plural()), why.clone()));
        }
        let mut by_kind: BTreeMap<ObjectKind, Vec<String>> = BTreeMap::new();
        for key in only_there {
            let name = self.there.get(key).map_or(&key.key, |seen| &seen.name);
            by_kind.entry(key.kind).or_default().push(name.to_string());
        }
        for (kind, mut names) in by_kind {
            names.sort();
            let what = match names.len() {
                1 => format!("1 {} only in {target}", kind.singular()),
                count => format!("{count} {} only in {target}", kind.plural()),
            };
            let reason =
                format!("it never came from {}, so it is left alone: {}", self.source, named(&names));
            groups.push(group(kind, only_in(target), what, reason));
        }
        groups
    }
}

pub(crate) const fn is_group(item: &PlanItem) -> bool {
    item.is_group()
}

/// The key of the group of objects that only that side has.
pub(crate) fn only_in(side: Side) -> String {
    format!("(only in {side})")
}

pub(super) fn group(kind: ObjectKind, key: String, name: String, reason: String) -> PlanItem {
    PlanItem {
        index: 0,
        object: ObjectKey { kind, key: key.into() },
        name: name.into(),
        action: PlanAction::Skip,
        reason: Some(reason),
        changes: Vec::new(),
        source_id: None,
        target_id: None,
        desired: None,
        activation: None,
        source_hash: None,
        target_hash: None,
        is_left_alone: false,
    }
}

fn omitted_title(kind: &str, count: usize) -> String {
    let (one, many) = match kind {
        "LIBRARY" => ("library", "libraries"),
        "REPO" => ("Git folder", "Git folders"),
        "DASHBOARD" => ("dashboard", "dashboards"),
        "CLUSTER_LIBRARIES" => ("cluster's libraries", "clusters' libraries"),
        "ACCESS_CONTROL_LISTS" => (
            "access control list of an object without an object_id",
            "access control lists of objects without an object_id",
        ),
        _ => ("object of another type", "objects of another type"),
    };
    format!("{count} {}", if count == 1 { one } else { many })
}

pub(super) fn named(names: &[String]) -> String {
    let listed = names.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(MOST_NAMES) {
        None | Some(0) => listed,
        Some(more) => format!("{listed} and {more} more"),
    }
}
