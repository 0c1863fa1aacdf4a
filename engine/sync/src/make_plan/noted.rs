//! What the ledger learns from a plan alone, before anything is applied.

use std::collections::BTreeMap;

use farshore_model::{
    PairId, Timestamp,
    group::Side,
    kind::ObjectKey,
    ledger::LedgerEntry,
    plan::{PlanAction, PlanItem},
    sync_run::OutcomeState,
};

use crate::{
    entry,
    id_map::Entries,
    kinds,
    planner::{Link, Planned, is_group},
    remark,
};

/// The entries of a pair that a plan changes, and those that it adds.
pub(crate) fn noted(
    (pair_id, source): (PairId, Side),
    entries: &Entries,
    planned: &Planned,
    is_loaded: &dyn Fn(&ObjectKey) -> bool,
    now: Timestamp,
) -> Vec<LedgerEntry> {
    let is_new = |(key, _): &(&ObjectKey, &Link)| !entries.contains_key(*key);
    let linked_anew: Vec<LedgerEntry> = planned
        .linked
        .iter()
        .filter(is_new)
        .map(|(key, link)| entry::fresh(pair_id, key.clone(), &link.name))
        .collect();
    let passed_over = passed_over(&planned.items, source.other());
    let mut noted = Vec::new();
    for known in entries.values().chain(&linked_anew) {
        let mut entry = known.clone();
        if let Some(link) = planned.linked.get(&entry.object) {
            link.note_in(&mut entry, source);
        }
        if let Some(hash) = planned.agreed.get(&entry.object) {
            if hash.is_some() {
                entry.agree_on(hash.clone());
            }
            entry.last_outcome = Some(OutcomeState::Succeeded);
            entry.last_error = None;
            let is_verified = kinds::of(entry.object.kind).has_content() && is_loaded(&entry.object);
            if entry.agreed_at.is_none() || is_verified {
                entry.agreed_at = Some(now);
            }
        }
        if let Some(activation) = planned.observed.get(&entry.object) {
            entry.activation = Some(activation.clone());
        }
        if planned.released.contains(&entry.object) {
            entry.set_awaits_release_on(source, false);
        }
        if let Some(why) = passed_over.get(&entry.object) {
            remark::note_passed_over(&mut entry, *why);
        }
        if planned.left_out.contains(&entry.object) {
            remark::note_out_of_scope(&mut entry);
        }
        if planned.out_of_sight.contains(&entry.object) {
            remark::note_out_of_sight(&mut entry);
        }
        if planned.held.contains(&entry.object) {
            entry.set_awaits_release_on(source.other(), true);
        }
        if entry != *known {
            noted.push(entry);
        }
    }
    noted
}

/// Why each object is passed over that is: nothing is written for it when the plan is applied, and where nothing else
/// is there to be written it is not applied at all. That a version was chosen is written down by applying it, and not
/// before.
fn passed_over(items: &[PlanItem], target: Side) -> BTreeMap<&ObjectKey, Option<&str>> {
    let skipped = items.iter().filter(|item| item.action == PlanAction::Skip && !is_group(item));
    skipped
        .map(|item| (&item.object, item.reason.as_deref()))
        .filter(|(_, why)| !why.is_some_and(|why| remark::is_choice(why, target)))
        .collect()
}
