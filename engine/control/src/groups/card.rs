//! A group at a glance.

use std::collections::BTreeMap;

use farshore_model::{
    DurationMs, Problem, Timestamp,
    department::Department,
    group::{FailoverGroup, WorkspacePair},
    readiness::Readiness,
    view::{GroupCard, RecoveryTime, RegionStatus, RunSummary, WorkspaceStatus},
    workspace::Reachability,
};

use super::Directory;
use crate::{Control, problem::from_store, replication};

impl Control {
    /// Every group at a glance, worst first.
    pub(crate) async fn group_cards(&self, as_of: Timestamp) -> Result<Vec<GroupCard>, Problem> {
        let directory = self.directory().await?;
        let departments = self.store.departments().await.map_err(from_store)?;
        let all_pairs = self.store.pairs(None).await.map_err(from_store)?;
        let mut cards = Vec::new();
        for group in self.store.groups().await.map_err(from_store)? {
            let pairs: Vec<_> = all_pairs.iter().filter(|pair| pair.group_id == group.id).cloned().collect();
            let runs = self.run_summaries(Some(group.id), 1).await?;
            cards.push(self.card(&group, &pairs, &departments, &directory, &runs, as_of).await?);
        }
        cards.sort_by(|a, b| badness(b).cmp(&badness(a)).then_with(|| a.group.name.cmp(&b.group.name)));
        Ok(cards)
    }

    pub(super) async fn card(
        &self,
        group: &FailoverGroup,
        pairs: &[WorkspacePair],
        departments: &[Department],
        directory: &Directory,
        runs: &[RunSummary],
        as_of: Timestamp,
    ) -> Result<GroupCard, Problem> {
        let open_run = runs.iter().find(|run| !run.state.is_ended()).cloned();
        let group = match open_run {
            None => &self.with_standing(group, pairs, directory).await?,
            Some(_) => group,
        };
        let department = group
            .department_id
            .and_then(|id| departments.iter().find(|department| department.id == id))
            .cloned();
        let readiness = match self.store.readiness(group.id).await.map_err(from_store)? {
            Some(readiness) => readiness,
            None => Readiness { checks: Vec::new(), evaluated_at: as_of },
        };
        let measured = self.last_recovery(group.id).await?;
        let open_fences = self.store.fences(Some(group.id), true).await.map_err(from_store)?.len();
        Ok(GroupCard {
            regions: regions(group, pairs, directory),
            replication: replication::measure(group, pairs, department.as_ref(), as_of),
            readiness,
            recovery_time: RecoveryTime {
                rto: department.as_ref().and_then(|department| department.rto_ms).map(DurationMs),
                measured: measured.map(|(_, length)| length),
                measured_in: measured.map(|(run, _)| run),
            },
            open_run,
            open_fences: u32::try_from(open_fences).unwrap_or(u32::MAX),
            group: group.clone(),
            department,
        })
    }
}

/// Regions of a group with their workspaces, the active one first.
fn regions(group: &FailoverGroup, pairs: &[WorkspacePair], directory: &Directory) -> Vec<RegionStatus> {
    let mut by_region: BTreeMap<String, Vec<WorkspaceStatus>> = BTreeMap::new();
    for id in pairs.iter().flat_map(|pair| [pair.primary, pair.secondary]) {
        if let Some(status) = directory.status(id) {
            let workspaces = by_region.entry(status.workspace.region.clone()).or_default();
            if workspaces.iter().all(|known| known.workspace.id != id) {
                workspaces.push(status);
            }
        }
    }
    let mut regions: Vec<_> = by_region
        .into_iter()
        .map(|(region, workspaces)| RegionStatus {
            is_active: region == group.active_region,
            region,
            workspaces,
        })
        .collect();
    regions.sort_by_key(|region| !region.is_active);
    regions
}

/// What puts a group at the top of the board: an unreachable active region, then replication, then readiness.
fn badness(card: &GroupCard) -> impl Ord + use<> {
    let is_active_down = card.regions.iter().filter(|region| region.is_active).any(|region| {
        region.workspaces.iter().any(|status| {
            status.health.as_ref().is_some_and(|health| health.state == Reachability::Unreachable)
        })
    });
    (is_active_down, card.open_run.is_some(), card.replication.state, card.readiness.state())
}
