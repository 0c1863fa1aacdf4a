//! Would a failover work now, and if not, why not: evaluated from what is known, without asking any workspace.

use std::sync::Arc;

use farshore_model::{
    DurationMs, GroupId, Problem, Timestamp,
    group::FailoverGroup,
    people::PeopleComparison,
    readiness::{Readiness, ReadinessCheck, ReadinessState},
    view::Topic,
    workspace::{Reachability, WorkspaceHealth},
};

use crate::{Control, groups::Directory, problem::from_store, replication};

impl Control {
    /// One round over all groups.
    pub async fn evaluate_all_readiness(self: Arc<Self>) {
        let groups = match self.store.groups().await {
            Ok(groups) => groups,
            Err(error) => {
                tracing::error!(error = crate::problem::chain(&error), "groups could not be read");
                return;
            }
        };
        for group in groups {
            if let Err(problem) = self.evaluate_readiness(group.id).await {
                tracing::error!(group = group.name, %problem, "readiness could not be evaluated");
            }
        }
    }

    /// From this age on a comparison of people says nothing: two were due since.
    const fn people_limit(&self) -> DurationMs {
        DurationMs(self.options.people_interval_ms.saturating_mul(2))
    }

    /// Evaluates one group and keeps the result; tells open pages when it differs.
    pub(crate) async fn evaluate_readiness(&self, id: GroupId) -> Result<(), Problem> {
        let group = self.known_group(id).await?;
        let directory = self.directory().await?;
        let pairs = self.store.pairs(Some(id)).await.map_err(from_store)?;
        let now = self.clock.now();
        let mut checks = vec![smoke_job(&group), replicated(replication::earliest(pairs.iter()).is_some())];
        let workspaces = || pairs.iter().flat_map(|pair| [pair.primary, pair.secondary]);
        checks.push(passive_reachable(&group, workspaces(), &directory));
        checks.push(credentials(workspaces(), &directory));
        let (mut failed, mut passed_over) = (0, 0);
        for pair in &pairs {
            for tally in self.store.ledger_tallies(pair.id).await.map_err(from_store)? {
                failed += tally.failed;
                passed_over += tally.passed_over;
            }
        }
        checks.push(objects(failed, passed_over));
        let compared = self.compared_pairs(Some(id)).await?;
        checks.push(people(compared.iter().map(|(_, comparison)| comparison), self.people_limit(), now));
        checks.push(fences(self.store.fences(Some(id), true).await.map_err(from_store)?.len()));
        let before = self.store.readiness(id).await.map_err(from_store)?;
        let readiness = Readiness { checks, evaluated_at: now };
        self.store.put_readiness(id, &readiness).await.map_err(from_store)?;
        if before.is_none_or(|before| before.checks != readiness.checks) {
            self.notices.publish(Topic::Group(id));
            self.notices.publish(Topic::Overview);
        }
        Ok(())
    }
}

fn smoke_job(group: &FailoverGroup) -> ReadinessCheck {
    match &group.smoke_job {
        Some(job) => {
            passed("smoke_job", "A smoke job is chosen", format!("“{}” shows that a region works.", job.name))
        }
        None => action_required(
            "smoke_job",
            "A smoke job is chosen",
            "No smoke job is chosen: nothing would show that the passive region works.".to_owned(),
            "Choose one in the group's settings.",
        ),
    }
}

fn replicated(is_replicated: bool) -> ReadinessCheck {
    const TITLE: &str = "Every pair has been replicated";
    if is_replicated {
        return passed("replicated", TITLE, "Every pair has a replication point.".to_owned());
    }
    action_required(
        "replicated",
        TITLE,
        "A pair was never replicated in full.".to_owned(),
        "Plan the first copy, look at it and apply it.",
    )
}

fn passive_reachable(
    group: &FailoverGroup,
    workspaces: impl Iterator<Item = farshore_model::WorkspaceId>,
    directory: &Directory,
) -> ReadinessCheck {
    const NAME: &str = "passive_reachable";
    const TITLE: &str = "The passive side answers";
    let passive: Vec<_> = workspaces
        .filter_map(|id| directory.status(id))
        .filter(|status| status.workspace.region != group.active_region)
        .collect();
    let state_of = |wanted: Reachability| {
        passive.iter().find(|status| {
            status.health.as_ref().map_or(Reachability::Unknown, |health| health.state) == wanted
        })
    };
    if let Some(status) = state_of(Reachability::Unreachable) {
        return action_required(
            NAME,
            TITLE,
            format!("{} in {} does not answer.", status.workspace.name, status.workspace.region),
            "Find out why before the day on which it is needed.",
        );
    }
    if let Some(status) = state_of(Reachability::Unknown) {
        return ReadinessCheck {
            name: NAME.to_owned(),
            title: TITLE.to_owned(),
            state: ReadinessState::Pending,
            detail: format!("{} was not asked yet.", status.workspace.name),
            remedy: Some("Wait a few seconds.".to_owned()),
        };
    }
    passed(NAME, TITLE, "Every passive workspace answers.".to_owned())
}

/// On both sides: without the active one's credential nothing is replicated and nothing can be fenced. It is a
/// matter of its own, because it looks like an outage and is none.
fn credentials(
    workspaces: impl Iterator<Item = farshore_model::WorkspaceId>,
    directory: &Directory,
) -> ReadinessCheck {
    const NAME: &str = "credentials";
    const TITLE: &str = "Every workspace accepts the panel's credential";
    let known: Vec<_> = workspaces
        .filter_map(|id| directory.status(id))
        .filter_map(|status| Some((status.workspace, status.health?)))
        .collect();
    let is_refused = |health: &WorkspaceHealth| match health.state {
        Reachability::Refused => true,
        // The panel could not even ask.
        Reachability::Unknown => health.error.is_some(),
        Reachability::Reachable | Reachability::Unreachable => false,
    };
    let Some((workspace, health)) = known.into_iter().find(|(_, health)| is_refused(health)) else {
        return passed(NAME, TITLE, "No workspace refuses the panel.".to_owned());
    };
    let error = health.error.unwrap_or_default();
    let detail = match health.state {
        Reachability::Unknown => {
            format!("{} in {} cannot be asked. {error}", workspace.name, workspace.region)
        }
        _ => format!(
            "{} in {} answers, but not to the panel ({error}). Its region is not down.",
            workspace.name, workspace.region
        ),
    };
    let remedy = health.remedy.unwrap_or_else(|| "Enter a valid credential of the workspace.".to_owned());
    action_required(NAME, TITLE, detail, &remedy)
}

/// What is passed over is told and hinders nothing: somebody decided that no sync carries it.
fn objects(failed: u32, passed_over: u32) -> ReadinessCheck {
    const TITLE: &str = "No object's last sync failed";
    if failed == 0 {
        let detail = match passed_over {
            0 => "No failure is open in the ledger.".to_owned(),
            1 => "1 object may differ: it is left alone, for the reason in the ledger.".to_owned(),
            _ => format!(
                "{passed_over} objects may differ: they are left alone, for the reasons in the ledger."
            ),
        };
        return passed("objects", TITLE, detail);
    }
    action_required(
        "objects",
        TITLE,
        if failed == 1 {
            "The last sync of 1 object failed.".to_owned()
        } else {
            format!("The last sync of {failed} objects failed.")
        },
        "Open the last sync: failures are grouped there, each with what to do.",
    )
}

/// Differences are for people to judge: what matters here is that they are known.
fn people<'a>(
    comparisons: impl Iterator<Item = &'a PeopleComparison>,
    limit: DurationMs,
    now: Timestamp,
) -> ReadinessCheck {
    const NAME: &str = "people";
    const TITLE: &str = "Users, groups and service principals are compared";
    let mut differences = 0;
    for comparison in comparisons {
        match (&comparison.found, &comparison.failure) {
            (Some(found), _) if now.since(found.as_of) <= limit => differences += found.differences(),
            (_, Some(failure)) => {
                return action_required(NAME, TITLE, failure.error.clone(), &failure.remedy);
            }
            (Some(_), None) => {
                let detail = "The last comparison of the two sides is too old.".to_owned();
                return action_required(NAME, TITLE, detail, "Compare them now, on the page of the people.");
            }
            (None, None) => {
                return ReadinessCheck {
                    name: NAME.to_owned(),
                    title: TITLE.to_owned(),
                    state: ReadinessState::Pending,
                    detail: "The two sides were not compared yet.".to_owned(),
                    remedy: Some("Wait a few seconds.".to_owned()),
                };
            }
        }
    }
    passed(
        NAME,
        TITLE,
        match differences {
            0 => "They are the same on both sides.".to_owned(),
            1 => "There is 1 difference between the two sides.".to_owned(),
            _ => format!("There are {differences} differences between the two sides."),
        },
    )
}

fn fences(open: usize) -> ReadinessCheck {
    const TITLE: &str = "No fence is outstanding";
    if open == 0 {
        return passed("fence", TITLE, "No region waits to be fenced.".to_owned());
    }
    action_required(
        "fence",
        TITLE,
        format!("{open} workspaces could not be fenced yet; it is tried again all the time."),
        "Nothing to do unless the region is back: then look at the error of the last attempt.",
    )
}

fn passed(name: &str, title: &str, detail: String) -> ReadinessCheck {
    ReadinessCheck {
        name: name.to_owned(),
        title: title.to_owned(),
        state: ReadinessState::Passed,
        detail,
        remedy: None,
    }
}

fn action_required(name: &str, title: &str, detail: String, remedy: &str) -> ReadinessCheck {
    ReadinessCheck {
        name: name.to_owned(),
        title: title.to_owned(),
        state: ReadinessState::ActionRequired,
        detail,
        remedy: Some(remedy.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_alone_is_told_and_what_failed_has_to_be_looked_at() {
        let check = objects(0, 0);
        assert_eq!(
            (check.state, &*check.detail),
            (ReadinessState::Passed, "No failure is open in the ledger.")
        );
        let check = objects(0, 2);
        assert_eq!(check.state, ReadinessState::Passed);
        assert!(check.detail.starts_with("2 objects may differ: they are left alone"), "{}", check.detail);
        let check = objects(1, 2);
        assert_eq!(
            (check.state, &*check.detail),
            (ReadinessState::ActionRequired, "The last sync of 1 object failed.")
        );
    }
}
