//! What is true of every plan, whatever the two workspaces, the ledger and the settings of the group look like.

mod pair;

use std::collections::BTreeSet;

use farshore_databricks::{ApiError, ErrorKind};
use farshore_model::{
    GroupId, PairId, PlanId, Timestamp,
    group::Side,
    kind::ObjectKind,
    plan::{PlanAction, PlanCounts, PlanItem, SyncPlan},
    replication_settings::{DeletionBrake, FilterBy, Handling, ReplicationSettings},
};
use proptest::prelude::*;
use uuid::Uuid;

use self::pair::{Pair, any_pair, any_policy};
use crate::{
    brake,
    kinds::Listed,
    policy::{OnTargetChanged, SyncPolicy},
};

fn is_written(item: &&PlanItem) -> bool {
    !matches!(item.action, PlanAction::Skip | PlanAction::Conflict) && !item.is_blocked()
}

/// Whether a filter leaves the object out, told in another way than the engine does.
fn is_filtered_out(settings: &ReplicationSettings, kind: ObjectKind, object: &Listed) -> bool {
    let is_path = matches!(kind, ObjectKind::Folders | ObjectKind::Notebooks);
    let begins = |text: &str, pattern: &str| text.starts_with(pattern.trim_end_matches('*'));
    for filter in settings.filters.iter().filter(|filter| filter.kind.is_none_or(|of| of == kind)) {
        let raw = object.raw.to_string();
        let fits = match &filter.by {
            FilterBy::Path { path } if path == "/" => is_path,
            FilterBy::Path { path } => {
                is_path && (*object.id == **path || object.id.starts_with(&format!("{path}/")))
            }
            FilterBy::Name { pattern } => begins(object.name.split('/').next_back().unwrap(), pattern),
            FilterBy::Tag { key, .. } => raw.contains(&format!("\"{key}\":")),
            FilterBy::Owner { pattern } => raw
                .split("\"creator_user_name\":\"")
                .nth(1)
                .is_some_and(|owner| begins(owner.split('"').next().unwrap(), pattern)),
        };
        if fits {
            return !filter.is_included;
        }
    }
    false
}

/// Why the object must not have been written on the target, if so.
fn why_untouchable(before: &Pair, after: &Pair, kind: ObjectKind, id: &str) -> Option<String> {
    if let Some(cluster) = id.strip_prefix("clusters/").filter(|_| kind == ObjectKind::Permissions) {
        let of_owner = why_untouchable(before, after, ObjectKind::Clusters, cluster);
        return of_owner.or_else(|| why_handled_otherwise(before, kind));
    }
    let source_id = after.entries.values().find_map(|entry| {
        (entry.object.kind == kind && entry.id_on(Side::Secondary) == Some(id))
            .then_some(entry.id_on(Side::Primary)?)
    });
    let on_source = source_id.and_then(|id| before.primary.get(kind, id));
    let deciding = on_source.or_else(|| before.secondary.get(kind, id));
    // What something in the scope lies in has to be there.
    let notebooks = || before.primary.objects[&ObjectKind::Notebooks].iter();
    let is_needed = kind == ObjectKind::Folders
        && before.settings.handling_of(kind) != Handling::Manual
        && before.settings.handling_of(kind) != Handling::CoDeploy
        && notebooks().any(|notebook| {
            notebook.id.starts_with(&format!("{id}/"))
                && before.settings.handling_of(ObjectKind::Notebooks) == Handling::Sync
                && !is_filtered_out(&before.settings, ObjectKind::Notebooks, notebook)
        });
    if is_needed {
        return None;
    }
    let is_out = deciding.is_some_and(|object| is_filtered_out(&before.settings, kind, object));
    why_handled_otherwise(before, kind).or_else(|| is_out.then(|| "a filter leaves it out".to_owned()))
}

fn why_handled_otherwise(pair: &Pair, kind: ObjectKind) -> Option<String> {
    let handling = pair.settings.handling_of(kind);
    (handling != Handling::Sync).then(|| format!("{kind} are {}", handling.title()))
}

fn plan_with_deletes(count: u32) -> SyncPlan {
    let item = |index| PlanItem {
        index,
        ..super::items::group(ObjectKind::Jobs, index.to_string(), String::new(), String::new())
    };
    let items = (0..count).map(|index| PlanItem { action: PlanAction::Delete, ..item(index) }).collect();
    SyncPlan {
        id: PlanId(Uuid::nil()),
        group_id: GroupId(Uuid::nil()),
        pair_id: PairId(Uuid::nil()),
        source: Side::Primary,
        created_at: Timestamp(0),
        listing_began_at: Timestamp(0),
        counts: PlanCounts { delete: count, ..PlanCounts::default() },
        hash: String::new(),
        items,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn applying_a_plan_and_planning_again_gives_an_empty_plan(mut pair in any_pair(), policy in any_policy()) {
        let before = pair.clone();
        let first = pair.sync(&policy);
        let again = pair.plan(&policy);
        let left: Vec<&PlanItem> = again.items.iter().filter(is_written).collect();
        prop_assert!(left.is_empty(), "{left:#?}\nafter {:#?}\nof {before:#?}", first.items);
        prop_assert!(again.forgotten.is_empty());
    }

    #[test]
    fn the_order_of_listing_does_not_matter(pair in any_pair(), policy in any_policy(), by in 0..5_usize) {
        let mut other = pair.clone();
        for objects in other.primary.objects.values_mut().chain(other.secondary.objects.values_mut()) {
            objects.reverse();
            let most = objects.len().max(1);
            objects.rotate_left(by % most);
        }
        prop_assert_eq!(pair.plan(&policy), other.plan(&policy));
    }

    #[test]
    fn what_is_excluded_left_alone_or_out_of_scope_is_never_written(mut pair in any_pair(), policy in any_policy()) {
        let before = pair.clone();
        pair.sync(&policy);
        for (kind, id) in before.secondary.changed(&pair.secondary) {
            // A list comes and goes with what it guards.
            let is_missing = |pair: &Pair| pair.secondary.get(kind, &id).is_none();
            if kind == ObjectKind::Permissions && (is_missing(&before) || is_missing(&pair)) {
                continue;
            }
            let why = why_untouchable(&before, &pair, kind, &id);
            prop_assert_eq!(&why, &None, "{} {} was written", kind, id);
        }
    }

    /// Whatever the other side shows: nobody knows what is in a folder that could not be listed.
    #[test]
    fn what_is_out_of_sight_stays_as_it_is_until_it_is_seen(
        mut pair in any_pair(), policy in any_policy(), folder in 0..4_u8, side in 0..2_usize,
    ) {
        let folder = format!("/{folder}");
        let answer = ApiError::new(ErrorKind::Server, "workspace/list", "oops");
        pair.unlisted[side].note(folder.clone(), answer).unwrap();
        let is_in = |path: &str| path.starts_with(&format!("{folder}/"));
        let before = pair.clone();
        let planned = pair.sync(&policy);
        for (kind, id) in before.secondary.changed(&pair.secondary) {
            prop_assert!(!is_in(&id), "{kind} {id} was written: {:#?}", planned.items);
        }
        for (key, entry) in before.entries.iter().filter(|(key, _)| is_in(&key.key)) {
            let now = pair.entries.get(key).map(|now| (&now.base_hash, &now.primary_id, &now.secondary_id));
            prop_assert_eq!(now, Some((&entry.base_hash, &entry.primary_id, &entry.secondary_id)));
        }
        pair.unlisted = Default::default();
        pair.sync(&policy);
        let left = pair.plan(&policy).items;
        prop_assert!(!left.iter().any(|item| is_written(&item)), "{left:#?}");
    }

    /// Neither is what the ledger is to give back on the day of a failover taken from it.
    #[test]
    fn the_ledger_keeps_what_it_holds_of_what_is_not_written(mut pair in any_pair(), policy in any_policy()) {
        let before = pair.clone();
        pair.sync(&policy);
        let is_others = |kind: ObjectKind| matches!(kind, ObjectKind::Jobs | ObjectKind::InstancePools);
        for (key, entry) in before.entries.iter().filter(|(key, _)| is_others(key.kind)) {
            if before.settings.handling_of(key.kind) == Handling::Sync {
                continue;
            }
            if let Some(now) = pair.entries.get(key) {
                prop_assert_eq!(&now.activation, &entry.activation);
                prop_assert_eq!(now.awaits_release_on_secondary, entry.awaits_release_on_secondary);
            }
        }
    }

    #[test]
    fn drift_that_is_kept_or_asked_about_is_never_overwritten(mut pair in any_pair(), asks in any::<bool>()) {
        let on_target_changed = if asks { OnTargetChanged::Ask } else { OnTargetChanged::Keep };
        let policy = SyncPolicy {
            on_target_changed,
            on_both_changed: crate::policy::OnBothChanged::Ask,
            ..SyncPolicy::forward()
        };
        pair.settings.on_drift = Default::default();
        let before = pair.clone();
        let planned = pair.sync(&policy);
        for item in planned.items.iter().filter(is_written).filter(|item| item.target_hash.is_some()) {
            let base = before.entries.get(&item.object).and_then(|entry| entry.base_hash.as_ref());
            let is_drifted = base.is_some() && item.target_hash.as_ref() != base && item.action != PlanAction::Held;
            prop_assert!(!is_drifted || item.source_hash == item.target_hash, "{item:#?}");
        }
    }

    #[test]
    fn the_brake_lets_no_more_pass_than_it_says(
        (deletes, known) in (0..200_u32, 0..1_000_u32), (most_objects, most_percent) in (0..100_u32, 0..=100_u8),
    ) {
        let brake = DeletionBrake { most_objects, most_percent };
        let settings = ReplicationSettings { brake, ..ReplicationSettings::default() };
        if brake::brake(&plan_with_deletes(deletes), &[(ObjectKind::Jobs, known)].into(), &settings).is_none() {
            prop_assert!(deletes <= most_objects);
            prop_assert!(deletes <= 5 || deletes * 100 <= (u32::from(most_percent) + 1) * known.max(1));
        }
    }

    #[test]
    fn a_plan_counts_what_it_deletes(pair in any_pair(), policy in any_policy()) {
        let planned = pair.plan(&policy);
        let deletes: BTreeSet<_> =
            planned.items.iter().filter(|item| item.action == PlanAction::Delete).map(|item| &item.object).collect();
        let counts = PlanCounts::of(&planned.items, 0);
        prop_assert_eq!(usize::try_from(counts.delete).unwrap(), deletes.len(), "one item is one object");
    }
}
