//! Libraries on clusters.

use serde_json::{Value, json};

use crate::{
    Result, WorkspaceClient,
    call::{Call, Endpoint},
};

const ALL_STATUSES: Endpoint = Endpoint::read("/api/2.0/libraries/all-cluster-statuses");
const STATUS: Endpoint = Endpoint::read("/api/2.0/libraries/cluster-status");
const INSTALL: Endpoint = Endpoint::repeatable("/api/2.0/libraries/install");
const UNINSTALL: Endpoint = Endpoint::repeatable("/api/2.0/libraries/uninstall");

impl WorkspaceClient {
    /// For every cluster that has libraries, its `cluster_id` and `library_statuses`.
    pub async fn list_all_cluster_libraries(&self) -> Result<Vec<Value>> {
        self.list(ALL_STATUSES, Vec::new(), "statuses").await
    }

    /// The libraries of one cluster, each with its `library` and `status`.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn list_cluster_libraries(&self, cluster_id: &str) -> Result<Vec<Value>> {
        let call = Call::new(STATUS).query("cluster_id", cluster_id).about(cluster_id);
        self.list_of(call, "library_statuses").await
    }

    /// Asks for libraries, such as `{"pypi": {"package": "x"}}`. A cluster that is terminated gets them when it
    /// starts.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn install_libraries(&self, cluster_id: &str, libraries: &[Value]) -> Result<()> {
        self.of_libraries(INSTALL, cluster_id, libraries).await
    }

    /// Marks libraries for removal, which waits for the cluster's next restart.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn uninstall_libraries(&self, cluster_id: &str, libraries: &[Value]) -> Result<()> {
        self.of_libraries(UNINSTALL, cluster_id, libraries).await
    }

    async fn of_libraries(&self, endpoint: Endpoint, cluster_id: &str, libraries: &[Value]) -> Result<()> {
        let body = json!({"cluster_id": cluster_id, "libraries": libraries});
        self.execute(Call::new(endpoint).json(&body).about(cluster_id)).await
    }
}
