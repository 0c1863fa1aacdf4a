//! What a sync has just carried, and need not read again to know it.
//!
//! Content that changed shortly before the last look is read again, because a listing may lag behind and clocks differ.
//! That would be everything after a first copy. What was carried is known better: it was read on the source after the
//! application began, and written on the target before it ended. What neither listing shows as changed since those two
//! moments is as it was carried.
//!
//! One change would be missed by that: one made by hand on the target after the object was written and before the
//! application ended. So what was carried is read once more, some time later.

use std::{collections::BTreeSet, sync::Arc};

use farshore_model::{
    Timestamp,
    group::Side,
    kind::{ObjectKey, ObjectKind},
    ledger::LedgerEntry,
};
use futures::future;
use tokio::time::Instant;

use crate::{
    context::PairContext,
    id_map::Entries,
    inventory::Inventory,
    kinds::{self, Naming},
    ledger::{Carried, Watermarks},
};

/// When what was carried is read once more.
const LOOKED_AT_AGAIN_AFTER_US: i64 = 3_600 * 1_000_000;
/// So many of the last applications are asked about; what older ones have carried, and was not verified since, is read
/// again.
pub(crate) const MOST_ASKED_ABOUT: usize = 4;
/// Applications that are remembered at most; what older ones have carried was listed often enough since.
const MOST_REMEMBERED: usize = 64;

/// The beginning of an application.
pub(crate) struct Began {
    from: Timestamp,
    at: Instant,
}

impl Began {
    pub(crate) fn now(ctx: &PairContext) -> Self {
        Self { from: ctx.clock.now(), at: Instant::now() }
    }

    /// Notes the end. Where a workspace does not tell its time, nothing is known.
    pub(crate) async fn end(self, ctx: &PairContext, source: Side, watermarks: &mut Watermarks) {
        // What was written in the second that a short application took would pass for changed since.
        let learn = |side: Side| ctx.end(side).client.learn_workspace_time();
        future::join(learn(source), learn(source.other())).await;
        let took_ms = i64::try_from(self.at.elapsed().as_millis()).unwrap_or(i64::MAX);
        let time_of = |side: Side| ctx.end(side).client.workspace_time_ms();
        let (Some(here_ms), Some(there_ms)) = (time_of(source), time_of(source.other())) else { return };
        let began_ms = here_ms.saturating_sub(took_ms);
        let (primary_ms, secondary_ms) = match source {
            Side::Primary => (began_ms, there_ms),
            Side::Secondary => (there_ms, began_ms),
        };
        watermarks.carried.push(Carried {
            from: self.from,
            until: ctx.clock.now(),
            primary_ms,
            secondary_ms,
        });
        let surplus = watermarks.carried.len().saturating_sub(MOST_REMEMBERED);
        watermarks.carried.drain(..surplus);
    }
}

/// Whether it is that application which has carried the object last.
pub(crate) fn has_carried(carried: &Carried, entry: &LedgerEntry) -> bool {
    is_content(entry.object.kind)
        && entry.agreed_at.is_some_and(|at| carried.from <= at && at <= carried.until)
}

/// The last applications, each with its place among them: the last one has the first.
pub(crate) fn last_ones(watermarks: &Watermarks) -> impl Iterator<Item = (usize, &Carried)> {
    watermarks.carried.iter().rev().take(MOST_ASKED_ABOUT).enumerate()
}

/// Notes of each object that one of the last applications has carried, and that did not change since, that it is
/// untouched.
pub(crate) fn trust(inventory: &mut Inventory, entries: &Entries, watermarks: &Watermarks) {
    for (kind, objects) in &mut inventory.objects {
        for object in objects.iter_mut().filter(|object| object.untouched.since_carried.is_any()) {
            // Content is found by its path, which is key and id in one.
            let key = ObjectKey { kind: *kind, key: Arc::clone(&object.id) };
            let Some(entry) = entries.get(&key) else { continue };
            object.untouched.since_verified |= last_ones(watermarks).any(|(place, carried)| {
                object.untouched.since_carried.contains(place) && has_carried(carried, entry)
            });
        }
    }
}

/// What was carried long enough ago to be read once more, so many at most.
pub(crate) fn due(
    entries: &Entries,
    watermarks: &Watermarks,
    now: Timestamp,
    most: usize,
) -> BTreeSet<ObjectKey> {
    let is_due = |carried: &&Carried| carried.until.0 + LOOKED_AT_AGAIN_AFTER_US <= now.0;
    let due: Vec<&Carried> = watermarks.carried.iter().filter(is_due).collect();
    let carried = entries.values().filter(|entry| due.iter().any(|carried| has_carried(carried, entry)));
    carried.take(most).map(|entry| entry.object.clone()).collect()
}

/// Leaves out the applications of which nothing is left that was not looked at since.
pub(crate) fn forget_what_was_read(watermarks: &mut Watermarks, entries: &Entries) {
    watermarks.carried.retain(|carried| entries.values().any(|entry| has_carried(carried, entry)));
}

/// Objects with content of their own, which a listing leaves out.
pub(crate) fn is_content(kind: ObjectKind) -> bool {
    let kind = kinds::of(kind);
    kind.has_content() && kind.naming() == Naming::Path
}

#[cfg(test)]
mod tests {
    use farshore_model::PairId;
    use uuid::Uuid;

    use super::*;

    fn carried(from: i64, until: i64) -> Carried {
        Carried { from: Timestamp(from), until: Timestamp(until), primary_ms: 0, secondary_ms: 0 }
    }

    fn entries(agreed_at: &[(&str, i64)]) -> Entries {
        let entry = |&(path, at): &(&str, i64)| {
            let object = ObjectKey { kind: ObjectKind::Notebooks, key: path.into() };
            let mut entry = crate::entry::fresh(PairId(Uuid::nil()), object.clone(), path);
            entry.agreed_at = Some(Timestamp(at));
            (object, entry)
        };
        agreed_at.iter().map(entry).collect()
    }

    #[test]
    fn what_was_carried_is_read_once_more_an_hour_later() {
        let entries = entries(&[("/before", 9), ("/first", 10), ("/last", 20), ("/later", 30)]);
        let mut watermarks =
            Watermarks { carried: vec![carried(10, 20), carried(40, 50)], ..Watermarks::default() };
        let due = |watermarks: &Watermarks, now: i64, most: usize| -> Vec<String> {
            due(&entries, watermarks, Timestamp(now), most)
                .into_iter()
                .map(|object| object.key.to_string())
                .collect()
        };
        assert_eq!(due(&watermarks, 21, 9), [""; 0], "too early");
        assert_eq!(due(&watermarks, 20 + LOOKED_AT_AGAIN_AFTER_US, 9), ["/first", "/last"]);
        assert_eq!(due(&watermarks, 20 + LOOKED_AT_AGAIN_AFTER_US, 1), ["/first"]);
        forget_what_was_read(&mut watermarks, &entries);
        assert_eq!(watermarks.carried, [carried(10, 20)]);
    }
}
