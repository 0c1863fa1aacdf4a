//! How the users, groups and service principals of a group's pairs differ, as people look at it. The comparing itself
//! is done by [`crate::workers::people`]: asking only writes a row.

use std::collections::HashMap;

use farshore_model::{
    Actor, DurationMs, GroupId, PairId, Problem, Timestamp,
    group::WorkspacePair,
    people::PeopleComparison,
    view::{ActionAvailability, PageInfo, PairDifference, PairPeople, PeopleFilter, PeoplePage, Topic},
};

use crate::{
    Control,
    audit::{Subject, not_found},
    problem::from_store,
    role_matrix::{self, Action, authorize},
};

const PER_PAGE: u32 = 50;
/// An attempt that failed is repeated this soon, if the schedule is not faster.
const REPEATED_AFTER: DurationMs = DurationMs::from_secs(60);

impl Control {
    /// What the last comparison of each pair has found, one page of the differences.
    pub async fn people_page(
        &self,
        actor: &Actor,
        id: GroupId,
        filter: PeopleFilter,
    ) -> Result<PeoplePage, Problem> {
        authorize(actor, Action::Read)?;
        let as_of = self.clock.now();
        let group = self.known_group(id).await?;
        let directory = self.directory().await?;
        let interval = DurationMs(self.options.people_interval_ms);
        let mut pairs = Vec::new();
        for (pair, comparison) in self.compared_pairs(Some(id)).await? {
            let workspace = |id| directory.status(id).ok_or_else(|| not_found("workspace of this pair"));
            pairs.push(PairPeople {
                primary: workspace(pair.primary)?.workspace,
                secondary: workspace(pair.secondary)?.workspace,
                next_at: due_at(&comparison, interval, as_of),
                comparison,
            });
        }
        let (differences, total) =
            self.store.people_differences(id, &filter, PER_PAGE).await.map_err(from_store)?;
        let page = PageInfo { page: filter.page.max(1), per_page: PER_PAGE, total };
        let actions = vec![ActionAvailability {
            action: Action::ComparePeople.as_str().to_owned(),
            why_not: role_matrix::why_not(actor.role, Action::ComparePeople),
        }];
        Ok(PeoplePage { as_of, group, interval, pairs, differences, filter, page, actions })
    }

    /// All differences that the filter leaves, whatever page it names.
    pub async fn people_differences(
        &self,
        actor: &Actor,
        id: GroupId,
        filter: PeopleFilter,
    ) -> Result<Vec<PairDifference>, Problem> {
        authorize(actor, Action::Read)?;
        self.known_group(id).await?;
        let filter = PeopleFilter { page: 1, ..filter };
        let (differences, _) =
            self.store.people_differences(id, &filter, u32::MAX).await.map_err(from_store)?;
        Ok(differences)
    }

    /// Has the people of all pairs of the group compared now, whatever the schedule.
    pub async fn compare_people(&self, actor: &Actor, id: GroupId) -> Result<(), Problem> {
        let group = self.known_group(id).await?;
        let subject = Subject::new(group.name, format!("/groups/{id}/people"));
        self.act(actor, Action::ComparePeople, "compare_people", subject, async {
            for pair in self.store.pairs(Some(id)).await.map_err(from_store)? {
                self.store.request_people_comparison(pair.id, self.clock.now()).await.map_err(from_store)?;
            }
            self.people_wake.notify_one();
            self.notices.publish(Topic::Group(id));
            Ok(())
        })
        .await
    }

    /// The pairs of one group, or all, each with what is known of its people.
    pub(crate) async fn compared_pairs(
        &self,
        group: Option<GroupId>,
    ) -> Result<Vec<(WorkspacePair, PeopleComparison)>, Problem> {
        let pairs = self.store.pairs(group).await.map_err(from_store)?;
        let known = self.store.people_comparisons(group).await.map_err(from_store)?;
        let mut known: HashMap<PairId, PeopleComparison> =
            known.into_iter().map(|comparison| (comparison.pair_id, comparison)).collect();
        let with_comparison = pairs.into_iter().map(|pair| {
            let comparison = known.remove(&pair.id).unwrap_or_else(|| never_compared(pair.id));
            (pair, comparison)
        });
        Ok(with_comparison.collect())
    }
}

const fn never_compared(pair_id: PairId) -> PeopleComparison {
    PeopleComparison { pair_id, found: None, failure: None, tried_at: None, requested_at: None }
}

/// When a pair is compared next; `now` or earlier: at once.
pub(crate) fn due_at(comparison: &PeopleComparison, interval: DurationMs, now: Timestamp) -> Timestamp {
    match (comparison.requested_at, comparison.tried_at) {
        (Some(_), _) | (None, None) => now,
        (None, Some(tried_at)) if comparison.failure.is_some() => tried_at + interval.min(REPEATED_AFTER),
        (None, Some(tried_at)) => tried_at + interval,
    }
}

#[cfg(test)]
mod tests {
    use farshore_model::people::PeopleFailure;
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000_000);
    const INTERVAL: DurationMs = DurationMs::from_secs(6 * 3_600);

    #[test]
    fn a_pair_is_compared_at_once_on_schedule_and_soon_after_a_failure() {
        let never = never_compared(PairId(Uuid::nil()));
        assert_eq!(due_at(&never, INTERVAL, NOW), NOW);

        let tried_at = NOW - DurationMs::from_secs(30);
        let good = PeopleComparison { tried_at: Some(tried_at), ..never };
        assert_eq!(due_at(&good, INTERVAL, NOW), tried_at + INTERVAL);

        let failure =
            PeopleFailure { at: tried_at, error: "it hangs".to_owned(), remedy: "Wait.".to_owned() };
        let failed = PeopleComparison { failure: Some(failure), ..good.clone() };
        assert_eq!(due_at(&failed, INTERVAL, NOW), tried_at + REPEATED_AFTER);
        let often = DurationMs::from_secs(5);
        assert_eq!(due_at(&failed, often, NOW), tried_at + often);

        let requested = PeopleComparison { requested_at: Some(NOW), ..good };
        assert_eq!(due_at(&requested, INTERVAL, NOW), NOW);
    }
}
