//! Two syncs side by side: what one did and the other did not.

use farshore_model::{
    Actor, GroupId, Problem, SyncRunId,
    sync_run::SyncRun,
    view::{ComparePage, ComparisonRow, Difference, PageInfo},
};

use crate::{
    Control,
    audit::not_found,
    problem::from_store,
    role_matrix::{Action, authorize},
};

const PER_PAGE: u32 = 50;
/// Syncs among which those that did something are offered.
const LOOKED_BACK: u32 = 500;
const MOST_CHOICES: usize = 100;

/// Two syncs, of which either may be left to the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComparedSyncs {
    pub first: Option<SyncRunId>,
    pub second: Option<SyncRunId>,
}

impl Control {
    /// Compares two syncs of one pair of a group; unless they are named, the two newest that did something. Pages
    /// count from 1.
    pub async fn compare_page(
        &self,
        actor: &Actor,
        id: GroupId,
        chosen: ComparedSyncs,
        difference: Option<Difference>,
        page: u32,
    ) -> Result<ComparePage, Problem> {
        authorize(actor, Action::Read)?;
        let group = self.known_group(id).await?;
        let pairs = self.store.pairs(Some(id)).await.map_err(from_store)?;
        let (choices, compared) = self.compared(id, chosen).await?;
        let page = page.max(1);
        let (counts, rows) = match &compared {
            Some((first, second)) => (
                self.store.difference_counts(first.id, second.id).await.map_err(from_store)?,
                self.differences(first, second, difference, page, PER_PAGE).await?,
            ),
            None => (Vec::new(), Vec::new()),
        };
        let is_shown = |count: &Difference| difference.is_none_or(|shown| shown == *count);
        let total =
            counts.iter().filter(|count| is_shown(&count.difference)).map(|count| count.objects).sum();
        let (first, second) = compared.unzip();
        Ok(ComparePage {
            as_of: self.clock.now(),
            group,
            pairs: self.pair_names(&pairs).await?,
            choices,
            first,
            second,
            counts,
            difference,
            rows,
            page: PageInfo { page, per_page: PER_PAGE, total },
        })
    }

    /// The two syncs that are meant, and one page of what differs, failures first.
    pub async fn compared_objects(
        &self,
        actor: &Actor,
        id: GroupId,
        chosen: ComparedSyncs,
        difference: Option<Difference>,
        page: u32,
        per_page: u32,
    ) -> Result<Vec<ComparisonRow>, Problem> {
        authorize(actor, Action::Read)?;
        match self.compared(id, chosen).await? {
            (_, Some((first, second))) => self.differences(&first, &second, difference, page, per_page).await,
            (_, None) => Ok(Vec::new()),
        }
    }

    async fn differences(
        &self,
        first: &SyncRun,
        second: &SyncRun,
        difference: Option<Difference>,
        page: u32,
        per_page: u32,
    ) -> Result<Vec<ComparisonRow>, Problem> {
        self.store.differences(first.id, second.id, difference, page, per_page).await.map_err(from_store)
    }

    /// What can be chosen, newest first, and what is.
    async fn compared(
        &self,
        group: GroupId,
        chosen: ComparedSyncs,
    ) -> Result<(Vec<SyncRun>, Option<(SyncRun, SyncRun)>), Problem> {
        let mut choices = self.store.sync_runs(group, LOOKED_BACK).await.map_err(from_store)?;
        choices.retain(|run| run.apply_began_at.is_some() && run.total > 0);
        choices.truncate(MOST_CHOICES);
        let second = match chosen.second {
            Some(id) => Some(self.sync_of(group, id).await?),
            None => choices.iter().find(|run| Some(run.id) != chosen.first).cloned(),
        };
        let first = match (chosen.first, &second) {
            (Some(id), _) => Some(self.sync_of(group, id).await?),
            (None, Some(second)) => {
                let is_earlier = |run: &&SyncRun| {
                    run.pair_id == second.pair_id && (run.created_at, run.id) < (second.created_at, second.id)
                };
                choices.iter().find(is_earlier).cloned()
            }
            (None, None) => None,
        };
        let Some((first, second)) = first.zip(second) else { return Ok((choices, None)) };
        if first.id == second.id {
            return Err(Problem::field("b", "Choose another sync: this one is on both sides."));
        }
        if first.pair_id != second.pair_id {
            return Err(Problem::field("b", "Choose two syncs of the same pair of workspaces."));
        }
        for run in [&first, &second] {
            if choices.iter().all(|choice| choice.id != run.id) {
                choices.push(run.clone());
            }
        }
        Ok((choices, Some((first, second))))
    }

    async fn sync_of(&self, group: GroupId, id: SyncRunId) -> Result<SyncRun, Problem> {
        let run = self.known_sync_run(id).await?;
        if run.group_id == group { Ok(run) } else { Err(not_found("sync of this group")) }
    }
}
