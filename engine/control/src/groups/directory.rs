//! The workspaces of a panel, to be looked up by id.

use farshore_model::{
    Problem, WorkspaceId,
    view::WorkspaceStatus,
    workspace::{Workspace, WorkspaceHealth},
};

use crate::{Control, problem::from_store};

/// What is known of all workspaces, read once for a page.
pub(crate) struct Directory {
    workspaces: Vec<Workspace>,
    health: Vec<WorkspaceHealth>,
}

impl Directory {
    pub(crate) fn status(&self, id: WorkspaceId) -> Option<WorkspaceStatus> {
        let workspace = self.workspaces.iter().find(|workspace| workspace.id == id)?.clone();
        let health = self.health.iter().find(|health| health.workspace_id == id).cloned();
        Some(WorkspaceStatus { workspace, health })
    }
}

impl Control {
    pub(crate) async fn directory(&self) -> Result<Directory, Problem> {
        Ok(Directory {
            workspaces: self.store.workspaces().await.map_err(from_store)?,
            health: self.store.health().await.map_err(from_store)?,
        })
    }
}
