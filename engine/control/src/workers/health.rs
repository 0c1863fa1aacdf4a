//! Asks every workspace whether it is there, so that a lost region is noticed before anybody looks.
//!
//! One unanswered probe is not yet an outage: the second in a row is. With a probe of 3 s and rounds 4 s apart
//! that is noticed within 15 s, whatever the moment at which the region went.

use std::{collections::HashMap, sync::Arc};

use farshore_model::{
    Timestamp, WorkspaceId,
    view::Topic,
    workspace::{Reachability, Workspace, WorkspaceHealth},
};

use crate::{Control, problem::chain, workspaces::Patience};

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
        for health in futures::future::join_all(probes).await {
            let has_changed =
                known.get(&health.workspace_id).is_none_or(|before| before.state != health.state);
            if let Err(error) = self.store.put_health(&health).await {
                tracing::error!(error = chain(&error), "health could not be kept");
            } else if has_changed {
                self.notices.publish(Topic::Overview);
            }
        }
    }

    async fn probe(&self, workspace: &Workspace, before: Option<&WorkspaceHealth>) -> WorkspaceHealth {
        let error = match self.ask(workspace).await {
            Ok(()) => None,
            // The one repetition, so that a dropped packet is not an outage.
            Err(_) if before.is_none_or(|before| before.state != Reachability::Unreachable) => {
                self.ask(workspace).await.err()
            }
            Err(error) => Some(error),
        };
        health(workspace.id, error, before, self.clock.now())
    }

    async fn ask(&self, workspace: &Workspace) -> Result<(), String> {
        let client =
            self.client_of(workspace, Patience::Probe).await.map_err(|problem| problem.what_happened)?;
        client.me().await.map(|_| ()).map_err(|error| error.to_string())
    }
}

fn health(
    workspace_id: WorkspaceId,
    error: Option<String>,
    before: Option<&WorkspaceHealth>,
    now: Timestamp,
) -> WorkspaceHealth {
    let state = if error.is_some() { Reachability::Unreachable } else { Reachability::Reachable };
    let since = before.filter(|before| before.state == state).map_or(now, |before| before.since);
    WorkspaceHealth { workspace_id, state, checked_at: now, since, error }
}
