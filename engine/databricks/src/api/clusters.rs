//! All-purpose clusters, in version 2.1 of their API, or 2.0 where a workspace knows no other.

use serde_json::{Value, json};

use crate::{
    Result, WorkspaceClient,
    call::{Call, Endpoint},
};

const LIST: Endpoint = Endpoint::read("/api/2.1/clusters/list");
const GET: Endpoint = Endpoint::read("/api/2.1/clusters/get");
const CREATE: Endpoint = Endpoint::once("/api/2.1/clusters/create");
const EDIT: Endpoint = Endpoint::repeatable("/api/2.1/clusters/edit");
const START: Endpoint = Endpoint::repeatable("/api/2.1/clusters/start");
/// What the API calls "delete".
const TERMINATE: Endpoint = Endpoint::repeatable("/api/2.1/clusters/delete");
const PERMANENT_DELETE: Endpoint = Endpoint::repeatable("/api/2.1/clusters/permanent-delete");
const PIN: Endpoint = Endpoint::repeatable("/api/2.1/clusters/pin");
const UNPIN: Endpoint = Endpoint::repeatable("/api/2.1/clusters/unpin");

/// The most that the API gives on one page.
const PAGE_SIZE: &str = "100";
/// Clusters that belong to something else and come and go with it.
const SOURCES_OF_OTHERS: [&str; 5] = ["JOB", "PIPELINE", "PIPELINE_MAINTENANCE", "MODELS", "SQL"];

impl WorkspaceClient {
    /// The clusters that people made: pinned, active, or terminated within 30 days.
    pub async fn list_clusters(&self) -> Result<Vec<Value>> {
        let mut clusters = self.list(LIST, vec![("page_size", PAGE_SIZE.to_owned())], "clusters").await?;
        clusters.retain(|cluster| {
            let source = cluster.get("cluster_source").and_then(Value::as_str);
            !source.is_some_and(|source| SOURCES_OF_OTHERS.contains(&source))
        });
        Ok(clusters)
    }

    /// # Errors
    /// `NotFound`.
    pub async fn get_cluster(&self, id: &str) -> Result<Value> {
        self.object(&Call::new(GET).query("cluster_id", id).about(id)).await.map(Value::Object)
    }

    /// Creates a cluster, which starts it, and answers its id. Never repeated after an unclear failure.
    pub async fn create_cluster(&self, settings: &Value) -> Result<String> {
        self.create_with_text_id(&Call::new(CREATE).json(settings), "cluster_id").await
    }

    /// Replaces the settings, which contain the `cluster_id`; a running cluster restarts.
    ///
    /// # Errors
    /// `Conflict` when it is neither running nor terminated.
    pub async fn edit_cluster(&self, settings: &Value) -> Result<()> {
        let id = settings.get("cluster_id").and_then(Value::as_str).unwrap_or_default();
        self.execute(Call::new(EDIT).about(id).json(settings)).await
    }

    /// Starts a terminated cluster; it is not running yet when this returns.
    ///
    /// # Errors
    /// `Conflict` when it is not terminated.
    pub async fn start_cluster(&self, id: &str) -> Result<()> {
        self.of_cluster(START, id).await
    }

    /// Terminates a cluster and keeps its settings; it is not terminated yet when this returns.
    pub async fn terminate_cluster(&self, id: &str) -> Result<()> {
        self.of_cluster(TERMINATE, id).await
    }

    /// Removes a cluster for good; one that is not there is fine.
    pub async fn permanent_delete_cluster(&self, id: &str) -> Result<()> {
        self.delete(Call::new(PERMANENT_DELETE).json(&json!({"cluster_id": id})).about(id)).await
    }

    /// Keeps a terminated cluster in the list beyond 30 days; for admins only.
    pub async fn pin_cluster(&self, id: &str) -> Result<()> {
        self.of_cluster(PIN, id).await
    }

    /// Takes the pin back.
    pub async fn unpin_cluster(&self, id: &str) -> Result<()> {
        self.of_cluster(UNPIN, id).await
    }

    async fn of_cluster(&self, endpoint: Endpoint, id: &str) -> Result<()> {
        self.execute(Call::new(endpoint).json(&json!({"cluster_id": id})).about(id)).await
    }
}
