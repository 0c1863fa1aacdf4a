//! Asks every workspace whether it is there, so that a lost region is noticed before anybody looks.
//!
//! Only what does not answer, or answers that it fails, is an outage. A workspace that is busy answers; so does one
//! that refuses the panel's credential, which is a fault of its own with another remedy than a failover.
//!
//! One unanswered probe is not yet an outage: the second in a row is. With a probe of 3 s and rounds 4 s apart
//! that is noticed within 15 s, whatever the moment at which the region went.

use std::{collections::HashMap, sync::Arc};

use farshore_databricks::{ApiError, ErrorKind};
use farshore_model::{
    Problem, Timestamp, WorkspaceId,
    view::Topic,
    workspace::{Reachability, Workspace, WorkspaceHealth},
};

use crate::{Control, problem::chain, workspaces::Patience};

/// What one probe found.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    state: Reachability,
    error: Option<String>,
    remedy: Option<String>,
}

/// Why there is nothing to be learnt from a probe.
enum NotAsked {
    /// The workspace wants to be left alone for a while: what was known of it stands.
    Paused,
    /// The panel itself cannot ask, for want of a credential that it can read, say.
    Unable(Problem),
}

impl Control {
    /// One round over all workspaces at once.
    pub async fn check_health(self: Arc<Self>) {
        let (workspaces, known) = match (self.store.workspaces().await, self.store.health().await) {
            (Ok(workspaces), Ok(known)) => (workspaces, known),
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(error = chain(&error), "health could not be read");
                return;
            }
        };
        let known: HashMap<WorkspaceId, WorkspaceHealth> =
            known.into_iter().map(|health| (health.workspace_id, health)).collect();
        let probes = workspaces.iter().map(|workspace| self.probe(workspace, known.get(&workspace.id)));
        let found: Vec<_> = futures::future::join_all(probes).await.into_iter().flatten().collect();
        if found.is_empty() {
            return;
        }
        if let Err(error) = self.store.put_health(&found).await {
            tracing::error!(error = chain(&error), "health could not be kept");
            return;
        }
        for health in found {
            if known.get(&health.workspace_id).is_none_or(|before| before.state != health.state) {
                self.health_changed(health.workspace_id).await;
            }
        }
    }

    /// What depends on a workspace's state is told, and evaluated anew.
    async fn health_changed(&self, workspace: WorkspaceId) {
        self.notices.publish(Topic::Overview);
        let pairs = match self.store.pairs(None).await {
            Ok(pairs) => pairs,
            Err(error) => {
                tracing::error!(error = chain(&error), "pairs could not be read");
                return;
            }
        };
        for pair in pairs.iter().filter(|pair| [pair.primary, pair.secondary].contains(&workspace)) {
            self.notices.publish(Topic::Group(pair.group_id));
            if let Err(problem) = self.evaluate_readiness(pair.group_id).await {
                tracing::error!(%problem, "readiness could not be evaluated");
            }
        }
    }

    /// None when nothing new is known.
    async fn probe(
        &self,
        workspace: &Workspace,
        before: Option<&WorkspaceHealth>,
    ) -> Option<WorkspaceHealth> {
        let was_lost = before.is_some_and(|before| before.state == Reachability::Unreachable);
        let finding = match self.ask(workspace).await {
            // The one repetition, so that a dropped packet is not an outage.
            Ok(finding) if finding.state == Reachability::Unreachable && !was_lost => {
                self.ask(workspace).await
            }
            asked => asked,
        };
        match finding {
            Ok(finding) => Some(health(workspace.id, finding, before, self.clock.now())),
            Err(NotAsked::Paused) => None,
            Err(NotAsked::Unable(problem)) => {
                let finding = Finding {
                    state: Reachability::Unknown,
                    error: Some(problem.what_happened),
                    remedy: Some(problem.what_to_do),
                };
                Some(health(workspace.id, finding, before, self.clock.now()))
            }
        }
    }

    async fn ask(&self, workspace: &Workspace) -> Result<Finding, NotAsked> {
        let client = self.client_of(workspace, Patience::Probe).await.map_err(NotAsked::Unable)?;
        match client.me().await {
            Ok(_) => Ok(Finding { state: Reachability::Reachable, error: None, remedy: None }),
            // The client itself kept still, because of what an earlier answer asked for.
            Err(error) if error.kind() == ErrorKind::Throttled && error.status().is_none() => {
                Err(NotAsked::Paused)
            }
            Err(error) => Ok(Finding {
                state: state_by(&error),
                error: Some(error.to_string()),
                remedy: Some(error.remedy()),
            }),
        }
    }
}

/// What an error says about the workspace: most are answers.
const fn state_by(error: &ApiError) -> Reachability {
    match error.kind() {
        ErrorKind::Unreachable | ErrorKind::TimedOut | ErrorKind::Server => Reachability::Unreachable,
        ErrorKind::Unauthenticated | ErrorKind::Forbidden | ErrorKind::NotDatabricks => Reachability::Refused,
        ErrorKind::NotFound
        | ErrorKind::AlreadyExists
        | ErrorKind::Invalid
        | ErrorKind::TooLarge
        | ErrorKind::Throttled
        | ErrorKind::QuotaExceeded
        | ErrorKind::FeatureDisabled
        | ErrorKind::HalfAnswer
        | ErrorKind::Conflict => Reachability::Reachable,
    }
}

fn health(
    workspace_id: WorkspaceId,
    finding: Finding,
    before: Option<&WorkspaceHealth>,
    now: Timestamp,
) -> WorkspaceHealth {
    let Finding { state, error, remedy } = finding;
    let since = before.filter(|before| before.state == state).map_or(now, |before| before.since);
    WorkspaceHealth { workspace_id, state, checked_at: now, since, error, remedy }
}
