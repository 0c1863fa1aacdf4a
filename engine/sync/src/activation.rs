//! Giving back what was held: from the ledger and the side's own workspace alone, because the other region
//! may be lost.
//!
//! Only what is passive is touched, and only where it was put to rest by a fence or a sync: what is active is
//! left as a person made it, and so is what a person put to rest. Each object is read before it is written, so
//! that a release that was interrupted is simply repeated.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use farshore_databricks::ApiError;
use farshore_model::{
    group::Side,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
    region_map::RegionMap,
};
use futures::{StreamExt as _, stream};
use serde_json::Value;

use crate::{
    at_work::note_at_work,
    context::SideContext,
    error::ReleaseError,
    id_map::Entries,
    inventory::{KnownUntil, Look},
    kinds::{self, Listed, Naming, is_passive, nothing},
    passive::is_unanswered,
    references::to_ids,
    region,
    step_log::StepLog,
};

/// Objects that are changed at the same time.
const IN_FLIGHT: usize = 8;

/// What releasing one kind of object did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseReport {
    /// Given back by this call.
    pub changed: u32,
    /// Active before this call, or without anything to give back; left as they were.
    pub already: u32,
    /// At rest although nobody but a person can have put them there; left so.
    pub left_at_rest: u32,
    /// What could not be released, by name, and why.
    pub problems: Vec<(String, String)>,
}

/// Gives every pool its own number of idle instances.
///
/// # Errors
/// When the workspace or the ledger does not answer. What is wrong with one object is in the report.
pub async fn release_pools(ctx: &SideContext, log: &dyn StepLog) -> Result<ReleaseReport, ReleaseError> {
    release(ctx, ObjectKind::InstancePools, log).await
}

/// Starts the clusters that were running at the last complete inventory of the side that was active; it does
/// not wait for them to run, and terminates none.
///
/// # Errors
/// As for [`release_pools`].
pub async fn release_clusters(ctx: &SideContext, log: &dyn StepLog) -> Result<ReleaseReport, ReleaseError> {
    release(ctx, ObjectKind::Clusters, log).await
}

/// Gives every job its own access control list, and then its own concurrency and pause states: a job runs as its
/// owner, and whoever may see or stop it should be able to from its first run on. What keeps a list from being
/// given back is a problem in the report, and keeps no job from working. The report counts jobs.
///
/// # Errors
/// As for [`release_pools`].
pub async fn release_jobs(ctx: &SideContext, log: &dyn StepLog) -> Result<ReleaseReport, ReleaseError> {
    let lists = release_lists(ctx, log).await?;
    let mut report = release(ctx, ObjectKind::Jobs, log).await?;
    report.problems.extend(lists.problems);
    Ok(report)
}

async fn release_lists(ctx: &SideContext, log: &dyn StepLog) -> Result<ReleaseReport, ReleaseError> {
    let mut report = match release(ctx, ObjectKind::Permissions, log).await {
        Err(ReleaseError::Unanswered { source, .. }) => ReleaseReport {
            problems: vec![("the access control lists of the jobs".to_owned(), source.to_string())],
            ..ReleaseReport::default()
        },
        released => {
            let mut report = released?;
            for (name, _) in &mut report.problems {
                *name = format!("the access control list of {name}");
            }
            report
        }
    };
    if report.changed > 0 {
        let lists = if report.changed == 1 { "list" } else { "lists" };
        log.line(&format!("Put {} access control {lists} of jobs in force.", report.changed)).await;
    }
    report.left_at_rest = 0;
    Ok(report)
}

/// What became of one object.
enum Released {
    Changed,
    Already,
    LeftAtRest,
    /// It was at rest where it was active, too.
    NothingToGiveBack,
    Failed(String),
    Unanswered(ApiError),
    /// Somebody else was not answered before it was its turn, or its owner is gone, which says everything.
    LeftOut,
}

/// An object of the ledger, and what it is to do.
struct Waiting {
    entry: LedgerEntry,
    /// As it is now; of a kind with content, read when it is its turn.
    listed: Option<Listed>,
    /// With the ids of its side, or why it cannot be.
    wanted: Result<Value, String>,
}

async fn release(
    ctx: &SideContext,
    kind: ObjectKind,
    log: &dyn StepLog,
) -> Result<ReleaseReport, ReleaseError> {
    // Owned, so that the future of the whole may move between threads.
    let waiting = waiting(ctx, kind).await?;
    let is_silent = &AtomicBool::new(false);
    let results: Vec<(LedgerEntry, Released)> = stream::iter(waiting)
        .map(|waiting| async move {
            if is_silent.load(Ordering::Relaxed) {
                return (waiting.entry, Released::LeftOut);
            }
            let released = release_one(ctx, kind, &waiting).await;
            if matches!(released, Released::Unanswered(_)) {
                is_silent.store(true, Ordering::Relaxed);
            }
            (waiting.entry, released)
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await;

    note_released(ctx, kind, &results).await?;
    // It is told with what it is a part of.
    let is_part = kinds::of(kind).naming() == Naming::Part;
    let mut report = ReleaseReport::default();
    for (LedgerEntry { name, .. }, released) in results {
        let object = format!("{} \"{name}\"", kind.singular());
        match released {
            Released::Changed => {
                if !is_part {
                    log.line(&format!("Released the {object}.")).await;
                }
                report.changed += 1;
            }
            Released::Already => report.already += 1,
            Released::LeftOut => {}
            Released::NothingToGiveBack => {}
            Released::LeftAtRest => {
                log.line(&format!("Left the {object} as it is: somebody has put it to rest by hand.")).await;
                report.left_at_rest += 1;
            }
            Released::Failed(why) => {
                log.line(&format!("The {object} could not be released: {why}.")).await;
                report.problems.push((name.to_string(), why));
            }
            Released::Unanswered(source) => {
                return Err(ReleaseError::Unanswered { side: ctx.side, source });
            }
        }
    }
    Ok(report)
}

/// Every object of the kind that the ledger knows on the side, by name.
async fn waiting(ctx: &SideContext, kind: ObjectKind) -> Result<Vec<Waiting>, ReleaseError> {
    let loaded = ctx.ledger.load(ctx.pair_id).await;
    let loaded = loaded.map_err(|source| ReleaseError::Ledger { side: ctx.side, source })?;
    let known: Entries = loaded.into_iter().map(|entry| (entry.object.clone(), entry)).collect();
    let mut entries: Vec<&LedgerEntry> =
        known.values().filter(|entry| entry.object.kind == kind && entry.id_on(ctx.side).is_some()).collect();
    entries.sort_by(|left, right| (&left.name, &left.object).cmp(&(&right.name, &right.object)));

    let mut by_id = listed(ctx, kind).await?;
    let mut waiting = Vec::new();
    for entry in entries {
        let Some(wanted) = entry.activation.clone() else { continue };
        let listed = entry.id_on(ctx.side).and_then(|id| by_id.remove(id));
        let wanted = rendered(wanted, &known, (ctx.side, &ctx.region_map));
        waiting.push(Waiting { entry: entry.clone(), listed, wanted });
    }
    Ok(waiting)
}

/// The objects of the side by id; none of a kind whose listing does not tell what they do.
async fn listed(ctx: &SideContext, kind: ObjectKind) -> Result<BTreeMap<Arc<str>, Listed>, ReleaseError> {
    if kinds::of(kind).has_content() {
        return Ok(BTreeMap::new());
    }
    let look = Look::new(&ctx.end.client, IN_FLIGHT, KnownUntil::default());
    let listed = kinds::of(kind).list_activations(&look).await;
    let listed =
        listed.map_err(|source| ReleaseError::List { side: ctx.side, what: kind.plural(), source })?;
    Ok(listed.into_iter().map(|object| (object.id.clone(), object)).collect())
}

/// What is held, with the ids and in the words of the side.
fn rendered(mut wanted: Value, known: &Entries, (side, map): (Side, &RegionMap)) -> Result<Value, String> {
    region::from_canonical(&mut wanted, side, map);
    let id_of = |key: &ObjectKey| known.get(key)?.id_on(side).map(str::to_owned);
    let Err(missing) = to_ids(&mut wanted, &id_of) else { return Ok(wanted) };
    let names = missing.iter().map(|key| {
        let name = known.get(key).map_or(&key.key, |entry| &entry.name);
        format!("the {} \"{name}\"", key.kind.singular())
    });
    Err(format!("it refers to {}, which is not in {side}", names.collect::<Vec<_>>().join(" and ")))
}

/// Also of what was found active, and of what has nothing to wait for. After a crash before this, they are found
/// active the next time.
async fn note_released(
    ctx: &SideContext,
    kind: ObjectKind,
    results: &[(LedgerEntry, Released)],
) -> Result<(), ReleaseError> {
    let released: BTreeSet<Arc<str>> = results
        .iter()
        .filter(|(_, released)| {
            matches!(released, Released::Changed | Released::Already | Released::NothingToGiveBack)
        })
        .filter_map(|(entry, _)| entry.id_on(ctx.side).map(Arc::from))
        .collect();
    let noted = note_at_work(ctx, kind, &released).await;
    noted.map_err(|source| ReleaseError::Ledger { side: ctx.side, source })
}

/// Of what is observed (whether a cluster runs), only the doing is given back: that one was at rest is no
/// reason to stop it.
fn is_to_be_released(kind: ObjectKind, object: Option<&Listed>, wanted: &Value) -> bool {
    let rules = kinds::of(kind);
    let passive = rules.passive(object.map_or(&Value::Null, |object| &object.raw), &nothing);
    !rules.is_activation_observed() || passive.as_ref() != Some(wanted)
}

async fn release_one(ctx: &SideContext, kind: ObjectKind, waiting: &Waiting) -> Released {
    let Waiting { entry, listed, wanted } = waiting;
    let rules = kinds::of(kind);
    let is_waiting =
        entry.activation.as_ref().is_some_and(|held| is_to_be_released(kind, listed.as_ref(), held));
    if !is_waiting {
        return Released::NothingToGiveBack;
    }
    let id = entry.id_on(ctx.side).unwrap_or_default();
    let failed = |error: ApiError| match error {
        error if is_unanswered(&error) => Released::Unanswered(error),
        error => Released::Failed(error.to_string()),
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(why) => return Released::Failed(why.clone()),
    };
    let read = if rules.has_content() {
        match rules.read(&ctx.end.client, id).await {
            Ok(read) => read,
            Err(error) => return failed(error),
        }
    } else {
        None
    };
    let Some(object) = read.as_ref().or(listed.as_ref()) else {
        if rules.naming() == Naming::Part {
            return Released::LeftOut;
        }
        return Released::Failed(format!("it is not in the {} workspace any more (id {id})", ctx.side));
    };
    let is_as_wanted =
        rules.activation(&object.raw, &nothing).is_some_and(|current| is_in_force(&current, wanted));
    if is_as_wanted || !is_passive(rules, &object.raw) {
        return Released::Already;
    }
    if !entry.awaits_release_on(ctx.side) {
        return Released::LeftAtRest;
    }
    match rules.set_activation(&ctx.end.client, object, wanted).await {
        Ok(()) => Released::Changed,
        Err(error) => failed(error),
    }
}

/// Whether everything that is wanted, and that the object has a place for, is as wanted.
fn is_in_force(current: &Value, wanted: &Value) -> bool {
    match (current, wanted) {
        (Value::Object(current), Value::Object(wanted)) => wanted
            .iter()
            .filter_map(|(field, wanted)| Some((current.get(field)?, wanted)))
            .all(|(current, wanted)| is_in_force(current, wanted)),
        _ => current == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pause_state_without_its_trigger_is_in_force() {
        let wanted = json!({"max_concurrent_runs": 2, "pause": {"schedule": "UNPAUSED"}});
        assert!(is_in_force(&json!({"max_concurrent_runs": 2}), &wanted));
        assert!(!is_in_force(&json!({"max_concurrent_runs": 2, "pause": {"schedule": "PAUSED"}}), &wanted));
        assert!(!is_in_force(&json!({"max_concurrent_runs": 0, "pause": {"schedule": "UNPAUSED"}}), &wanted));
    }

    #[test]
    fn a_cluster_that_was_at_rest_is_left_alone() {
        assert!(!is_to_be_released(ObjectKind::Clusters, None, &json!({"is_running": false})));
        assert!(is_to_be_released(ObjectKind::Clusters, None, &json!({"is_running": true})));
        assert!(is_to_be_released(ObjectKind::InstancePools, None, &json!({"min_idle_instances": 0})));
    }
}
