//! Failover groups: what is known of them, and what can be edited.

mod actions;
mod card;
mod directory;

use farshore_model::{
    Actor, DepartmentId, GroupId, Problem,
    group::{FailoverGroup, SmokeJob, WorkspacePair},
    run::RunbookKind,
    view::{GroupPage, KindObjects, PairStatus, Topic},
};

pub(crate) use self::directory::Directory;
use crate::{
    Control,
    audit::{Subject, not_found},
    problem::from_store,
    replication,
    role_matrix::{Action, authorize},
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
