//! What is true of a group whose syncs are suspended while no run is under way. It is told from what the ledger
//! knows to be held on either side, because a run that was given up says only how far it wanted to go.

use std::collections::BTreeMap;

use farshore_model::{
    Problem,
    group::{FailoverGroup, Side, WorkspacePair},
    kind::ObjectKind,
    ledger::LedgerEntry,
};
use farshore_sync::LedgerStore;

use crate::{
    Control,
    groups::Directory,
    problem::{chain, not_now},
    runbooks::RunScope,
};

/// How many objects of each kind of a region await their release.
type Held = BTreeMap<ObjectKind, usize>;

impl Control {
    /// The group with the reason of its suspension as things stand now. Loads the ledger of each pair, so it is
    /// only asked while syncs are suspended and no run tells more.
    pub(crate) async fn with_standing(
        &self,
        group: &FailoverGroup,
        pairs: &[WorkspacePair],
        directory: &Directory,
    ) -> Result<FailoverGroup, Problem> {
        let mut group = group.clone();
        let Some(mut suspension) = group.suspension.take() else { return Ok(group) };
        let mut held: BTreeMap<String, Held> = BTreeMap::new();
        for pair in pairs {
            let entries = LedgerStore::load(&*self.store, pair.id).await.map_err(|error| {
                tracing::error!(error = chain(&error), "the ledger could not be read");
                not_now("The object ledger could not be read.", "Try again in a moment.")
            })?;
            for (side, id) in [(Side::Primary, pair.primary), (Side::Secondary, pair.secondary)] {
                let Some(status) = directory.status(id) else { continue };
                add_held(held.entry(status.workspace.region).or_default(), side, &entries);
            }
        }
        // Without the run that it names, the reason stays as it was written down.
        let run = match suspension.run_id {
            Some(id) => self.known_run(id).await.ok(),
            None => None,
        };
        let to = run.and_then(|run| RunScope::of(&run).ok()).map(|scope| scope.to_region);
        if let Some(to) = to {
            suspension.reason = told(&group, &to, &held);
        }
        group.suspension = Some(suspension);
        Ok(group)
    }
}

fn add_held(held: &mut Held, side: Side, entries: &[LedgerEntry]) {
    let is_held = |entry: &&LedgerEntry| {
        entry.activation.is_some() && entry.awaits_release_on(side) && entry.id_on(side).is_some()
    };
    for entry in entries.iter().filter(is_held) {
        *held.entry(entry.object.kind).or_default() += 1;
    }
}

/// `to` is where the failover was to go, or went.
fn told(group: &FailoverGroup, to: &str, held: &BTreeMap<String, Held>) -> String {
    let FailoverGroup { active_region, primary_region: home, .. } = group;
    let in_region = |region: &str| format!("In {region}, {}.", named(held.get(region)));
    if active_region == home {
        let both = format!("{} {}", in_region(home), in_region(to));
        return format!(
            "the failover to {to} was given up; {home} is still the active region. {both} Fail back to put {to} to \
             rest and {home} to work again, or request the failover anew; until one of them is done, syncs stay \
             suspended."
        );
    }
    let mut told = format!("failed over from {home} to {to}; syncs go on after the failback.");
    let holding = [home.as_str(), to]
        .into_iter()
        .filter(|region| held.get(*region).is_some_and(|held| !held.is_empty()));
    for region in holding {
        told.push(' ');
        told.push_str(&in_region(region));
    }
    told
}

fn named(held: Option<&Held>) -> String {
    let counts: Vec<String> = held
        .into_iter()
        .flatten()
        .map(|(kind, count)| match count {
            1 => format!("1 {}", kind.singular()),
            _ => format!("{count} {}", kind.title().to_lowercase()),
        })
        .collect();
    match counts.split_last() {
        None => "nothing is held".to_owned(),
        Some((last, [])) if last.starts_with("1 ") => format!("{last} is held"),
        Some((last, [])) => format!("{last} are held"),
        Some((last, others)) => format!("{} and {last} are held", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use farshore_model::{GroupId, Timestamp, group::Strategy};
    use uuid::Uuid;

    use super::*;

    fn group(active_region: &str) -> FailoverGroup {
        FailoverGroup {
            id: GroupId(Uuid::nil()),
            name: "Payments".to_owned(),
            strategy: Strategy::ActivePassive,
            department_id: None,
            primary_region: "a".to_owned(),
            active_region: active_region.to_owned(),
            sync_interval_ms: None,
            smoke_job: None,
            suspension: None,
            version: 1,
            created_at: Timestamp(0),
        }
    }

    #[test]
    fn a_failover_that_was_given_up_says_where_what_is_held_and_what_to_do() {
        let held = BTreeMap::from([(
            "b".to_owned(),
            Held::from([(ObjectKind::InstancePools, 1), (ObjectKind::Clusters, 2), (ObjectKind::Jobs, 5)]),
        )]);
        assert_eq!(
            told(&group("a"), "b", &held),
            "the failover to b was given up; a is still the active region. In a, nothing is held. In b, 1 instance \
             pool, 2 clusters and 5 jobs are held. Fail back to put b to rest and a to work again, or request the \
             failover anew; until one of them is done, syncs stay suspended."
        );
    }

    #[test]
    fn a_group_that_is_failed_over_says_what_is_not_at_work() {
        let held = BTreeMap::from([
            ("a".to_owned(), Held::from([(ObjectKind::Jobs, 5)])),
            ("b".to_owned(), Held::from([(ObjectKind::Jobs, 1)])),
        ]);
        assert_eq!(
            told(&group("b"), "b", &held),
            "failed over from a to b; syncs go on after the failback. In a, 5 jobs are held. In b, 1 job is held."
        );
        assert_eq!(
            told(&group("b"), "b", &BTreeMap::from([("b".to_owned(), Held::new())])),
            "failed over from a to b; syncs go on after the failback."
        );
    }
}
