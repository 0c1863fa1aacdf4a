//! Clients for registered workspaces, made from their sealed credentials and kept, because a client holds the
//! rate budget that all who talk to one workspace share.

use std::{collections::HashMap, sync::Mutex};

use farshore_databricks::{ClientOptions, Host, WorkspaceClient};
use farshore_model::{Problem, WorkspaceId, workspace::Workspace};
use farshore_sync::WorkspaceEnd;

use crate::{
    Control,
    audit::not_found,
    problem::{from_store, from_vault, from_workspace},
};

/// Clients by workspace, each with the version of the row that it was made from.
#[derive(Default)]
pub(crate) struct Clients {
    full: Mutex<HashMap<WorkspaceId, (i64, WorkspaceClient)>>,
    fences: Mutex<HashMap<WorkspaceId, (i64, WorkspaceClient)>>,
    probes: Mutex<HashMap<WorkspaceId, (i64, WorkspaceClient)>>,
}

/// Which patience a client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Retries, waits for throttling, long time-outs: for the work itself.
    Full,
    /// Short tries, and one more of each: for stopping a region that may hang again at any moment, by somebody
    /// who comes back by themselves.
    Fence,
    /// One short try: to find out whether a workspace answers at all.
    Probe,
}

fn fence_options(work: &ClientOptions) -> ClientOptions {
    ClientOptions { request_timeout_ms: 5_000, max_retries: 1, max_retry_wait_ms: 5_000, ..work.clone() }
}

/// The row to which a workspace's credential is bound when it is sealed.
pub(crate) fn vault_row(id: impl std::fmt::Display) -> String {
    format!("credential/{id}")
}

impl Control {
    pub(crate) async fn client(
        &self,
        id: WorkspaceId,
        patience: Patience,
    ) -> Result<WorkspaceClient, Problem> {
        let workspace = self.known_workspace(id).await?;
        self.client_of(&workspace, patience).await
    }

    /// For a sync to work on.
    pub(crate) async fn workspace_end(
        &self,
        id: WorkspaceId,
        patience: Patience,
    ) -> Result<WorkspaceEnd, Problem> {
        let workspace = self.known_workspace(id).await?;
        let client = self.client_of(&workspace, patience).await?;
        Ok(WorkspaceEnd { client, org_id: workspace.org_id })
    }

    async fn known_workspace(&self, id: WorkspaceId) -> Result<Workspace, Problem> {
        self.store.workspace(id).await.map_err(from_store)?.ok_or_else(|| not_found("workspace"))
    }

    pub(crate) async fn client_of(
        &self,
        workspace: &Workspace,
        patience: Patience,
    ) -> Result<WorkspaceClient, Problem> {
        let (cache, options) = match patience {
            Patience::Full => (&self.clients.full, self.options.client.clone()),
            Patience::Fence => (&self.clients.fences, fence_options(&self.options.client)),
            Patience::Probe => (&self.clients.probes, ClientOptions::probe()),
        };
        if let Ok(clients) = cache.lock()
            && let Some((version, client)) = clients.get(&workspace.id)
            && *version == workspace.version
        {
            return Ok(client.clone());
        }
        let sealed = self
            .store
            .credential(workspace.id)
            .await
            .map_err(from_store)?
            .ok_or_else(|| not_found("credential of this workspace"))?;
        let credential = self.vault.open(&vault_row(workspace.id), &sealed).map_err(from_vault)?;
        let host: Host =
            workspace.host.parse().map_err(|error| Problem::field("host", format!("{error}")))?;
        let client =
            WorkspaceClient::new(host, credential, options).map_err(|error| from_workspace(&error))?;
        if let Ok(mut clients) = cache.lock() {
            clients.insert(workspace.id, (workspace.version, client.clone()));
        }
        Ok(client)
    }
}
