//! Failover groups: what is known of them, and what can be edited.

use std::collections::BTreeMap;

use farshore_model::{
    Actor, DepartmentId, GroupId, Problem, Timestamp,
    department::Department,
    group::{FailoverGroup, SmokeJob, WorkspacePair},
    run::RunbookKind,
    view::{
        ActionAvailability, GroupCard, GroupPage, KindObjects, PairStatus, RecoveryTime, RegionStatus,
        RunSummary, Topic, WorkspaceStatus,
    },
    workspace::{Workspace, WorkspaceHealth},
};

use crate::{
    Control,
    audit::{Subject, not_found},
    problem::from_store,
    replication,
    role_matrix::{self, Action, authorize},
    runs::{NoRoute, Route},
    store::KindTally,
};

const HISTORY: u32 = 20;
const NAME_LIMIT: usize = 100;

/// What can be edited; `version` is the one that was read.
#[derive(Clone, Debug)]
pub struct EditGroup {
    pub version: i64,
    pub name: String,
    pub department_id: Option<DepartmentId>,
    pub sync_interval_ms: Option<i64>,
    /// Key of a job in the ledger; None: no smoke job.
    pub smoke_job_key: Option<String>,
}

/// What is known of all workspaces, read once for a page.
pub(crate) struct Directory {
    workspaces: Vec<Workspace>,
    health: Vec<WorkspaceHealth>,
}

impl Directory {
    pub(crate) fn status(&self, id: farshore_model::WorkspaceId) -> Option<WorkspaceStatus> {
        let workspace = self.workspaces.iter().find(|workspace| workspace.id == id)?.clone();
        let health = self.health.iter().find(|health| health.workspace_id == id).cloned();
        Some(WorkspaceStatus { workspace, health })
    }
}

impl Control {
    pub async fn group_page(&self, actor: &Actor, id: GroupId) -> Result<GroupPage, Problem> {
        authorize(actor, Action::Read)?;
        let as_of = self.clock.now();
        let group = self.known_group(id).await?;
        let directory = self.directory().await?;
        let pairs = self.store.pairs(Some(id)).await.map_err(from_store)?;
        let departments = self.store.departments().await.map_err(from_store)?;
        let runs = self.run_summaries(Some(id), HISTORY).await?;
        let card = self.card(&group, &pairs, &departments, &directory, &runs, as_of).await?;
        let mut statuses = Vec::with_capacity(pairs.len());
        let mut smoke_candidates = Vec::new();
        for pair in pairs {
            smoke_candidates.extend(self.smoke_candidates(&pair).await?);
            statuses.push(self.pair_status(&group, pair, &directory).await?);
        }
        smoke_candidates.sort_by(|a, b| a.name.cmp(&b.name));
        let mut routes = Vec::new();
        for kind in [RunbookKind::Failover, RunbookKind::Failback] {
            routes.push((kind, self.route(&card, &statuses, kind).await?));
        }
        let mut is_unseen = false;
        for status in &statuses {
            is_unseen |= self.is_unseen(&status.pair).await?;
        }
        let actions = self.group_actions(actor, &card, &routes, is_unseen);
        Ok(GroupPage {
            as_of,
            pairs: statuses,
            sync_runs: self.store.sync_runs(id, HISTORY).await.map_err(from_store)?,
            runs,
            fences: self.store.fences(Some(id), false).await.map_err(from_store)?,
            actions,
            departments,
            smoke_candidates,
            card,
        })
    }

    pub async fn edit_group(&self, actor: &Actor, id: GroupId, edit: EditGroup) -> Result<(), Problem> {
        let subject = Subject::new(edit.name.clone(), format!("/groups/{id}"));
        self.act(actor, Action::EditGroup, "edit_group", subject, async {
            let stored = self.known_group(id).await?;
            if let Some(department) = edit.department_id
                && self.store.department(department).await.map_err(from_store)?.is_none()
            {
                return Err(Problem::field("department_id", "This department does not exist any more."));
            }
            let smoke_job = self.chosen_smoke_job(&stored, edit.smoke_job_key).await?;
            let group = FailoverGroup {
                name: checked_name("name", &edit.name)?,
                department_id: edit.department_id,
                sync_interval_ms: checked_interval(edit.sync_interval_ms)?,
                smoke_job,
                version: edit.version,
                ..stored
            };
            self.store.update_group(&group).await.map_err(from_store)?;
            self.evaluate_readiness(id).await?;
            self.notices.publish(Topic::Group(id));
            self.notices.publish(Topic::Overview);
            Ok(())
        })
        .await
    }

    pub(crate) async fn known_group(&self, id: GroupId) -> Result<FailoverGroup, Problem> {
        self.store.group(id).await.map_err(from_store)?.ok_or_else(|| not_found("failover group"))
    }

    pub(crate) async fn directory(&self) -> Result<Directory, Problem> {
        Ok(Directory {
            workspaces: self.store.workspaces().await.map_err(from_store)?,
            health: self.store.health().await.map_err(from_store)?,
        })
    }

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

    async fn card(
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
            None => farshore_model::readiness::Readiness { checks: Vec::new(), evaluated_at: as_of },
        };
        let measured = self.last_recovery(group.id).await?;
        let open_fences = self.store.fences(Some(group.id), true).await.map_err(from_store)?.len();
        Ok(GroupCard {
            regions: regions(group, pairs, directory),
            replication: replication::measure(group, pairs, department.as_ref(), as_of),
            readiness,
            recovery_time: RecoveryTime {
                rto: department
                    .as_ref()
                    .and_then(|department| department.rto_ms)
                    .map(farshore_model::DurationMs),
                measured: measured.map(|(_, length)| length),
                measured_in: measured.map(|(run, _)| run),
            },
            open_run,
            open_fences: u32::try_from(open_fences).unwrap_or(u32::MAX),
            group: group.clone(),
            department,
        })
    }

    pub(crate) async fn pair_status(
        &self,
        group: &FailoverGroup,
        pair: WorkspacePair,
        directory: &Directory,
    ) -> Result<PairStatus, Problem> {
        let primary = directory.status(pair.primary).ok_or_else(|| not_found("primary workspace"))?;
        let secondary = directory.status(pair.secondary).ok_or_else(|| not_found("secondary workspace"))?;
        let active_side = replication::active_side(group, &primary.workspace, &secondary.workspace);
        let tallies = self.store.ledger_tallies(pair.id).await.map_err(from_store)?;
        let counted =
            |tally: KindTally| KindObjects { kind: tally.kind, total: tally.objects, failed: tally.failed };
        let objects = tallies.into_iter().map(counted).collect();
        Ok(PairStatus { pair, primary, secondary, active_side, objects })
    }

    /// Jobs of the ledger, by name; before the first sync there are none.
    async fn smoke_candidates(&self, pair: &WorkspacePair) -> Result<Vec<SmokeJob>, Problem> {
        self.store.ledger_jobs(pair.id).await.map_err(from_store)
    }

    async fn chosen_smoke_job(
        &self,
        group: &FailoverGroup,
        key: Option<String>,
    ) -> Result<Option<SmokeJob>, Problem> {
        let Some(key) = key.filter(|key| !key.is_empty()) else { return Ok(None) };
        if let Some(current) = &group.smoke_job
            && current.key == key
        {
            return Ok(Some(current.clone()));
        }
        for pair in self.store.pairs(Some(group.id)).await.map_err(from_store)? {
            if let Some(job) = self.smoke_candidates(&pair).await?.into_iter().find(|job| job.key == key) {
                return Ok(Some(job));
            }
        }
        Err(Problem::field("smoke_job_key", "This job is not in the object ledger; sync it first."))
    }

    /// Whether the matrix allows each act to this actor.
    pub(crate) fn availability(&self, actor: &Actor, actions: &[Action]) -> Vec<ActionAvailability> {
        actions
            .iter()
            .map(|&action| ActionAvailability {
                action: action.as_str().to_owned(),
                why_not: role_matrix::why_not(actor.role, action),
            })
            .collect()
    }

    fn group_actions(
        &self,
        actor: &Actor,
        card: &GroupCard,
        routes: &[(RunbookKind, Result<Route, NoRoute>)],
        is_unseen: bool,
    ) -> Vec<ActionAvailability> {
        let mut actions = self.availability(actor, &[Action::EditGroup]);
        let syncing = card.group.suspension.as_ref().map(|suspension| suspension.reason.clone());
        for action in [Action::PlanSync, Action::ApplySync] {
            let why_not = role_matrix::why_not(actor.role, action).or_else(|| syncing.clone());
            let is_unseen = action == Action::ApplySync && is_unseen;
            let why_not = why_not.or_else(|| {
                is_unseen.then(|| "The first copy is planned and looked at before it is applied.".to_owned())
            });
            actions.push(ActionAvailability { action: action.as_str().to_owned(), why_not });
        }
        for (kind, route) in routes {
            let why_not = role_matrix::why_not(actor.role, Action::RequestRun)
                .or_else(|| route.as_ref().err().map(|why| why.what.clone()));
            actions.push(ActionAvailability { action: format!("request_{}", kind.as_str()), why_not });
        }
        actions
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
            status
                .health
                .as_ref()
                .is_some_and(|health| health.state == farshore_model::workspace::Reachability::Unreachable)
        })
    });
    (is_active_down, card.open_run.is_some(), card.replication.state, card.readiness.state())
}

/// A name that a person typed, trimmed.
pub(crate) fn checked_name(field: &str, name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Problem::field(field, "A name is needed."));
    }
    if name.chars().count() > NAME_LIMIT {
        return Err(Problem::field(field, format!("A name has at most {NAME_LIMIT} characters.")));
    }
    if name.chars().any(char::is_control) {
        return Err(Problem::field(field, "A name has no control characters."));
    }
    Ok(name.to_owned())
}

pub(crate) fn checked_interval(interval_ms: Option<i64>) -> Result<Option<i64>, Problem> {
    match interval_ms {
        Some(ms) if ms < 60_000 => {
            Err(Problem::field("sync_interval", "A schedule leaves at least one minute between two syncs."))
        }
        interval => Ok(interval),
    }
}
