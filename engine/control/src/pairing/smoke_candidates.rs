//! Jobs of a workspace that is not in a group yet, to choose a smoke job from.

use std::time::Duration;

use farshore_databricks::{Host, WorkspaceClient};
use farshore_model::{
    Problem,
    group::{Side, SmokeJob},
    pairing::Pairing,
};
use serde_json::Value;

use crate::{
    Control,
    problem::{from_workspace, not_now},
};

/// Listing the jobs to choose from must not hold up the page.
const CANDIDATES_TIMEOUT: Duration = Duration::from_secs(10);

impl Control {
    /// Jobs of the primary workspace, as they are now; none while its connection has not passed.
    pub(super) async fn primary_jobs(&self, pairing: &Pairing) -> Result<Vec<SmokeJob>, Problem> {
        let Some(primary) = pairing.primary.as_ref().filter(|primary| primary.report.has_passed()) else {
            return Ok(Vec::new());
        };
        let (credential, _) = self.kept_credential(pairing.id, Side::Primary).await?;
        let host: Host = primary.host.parse().map_err(|error| Problem::field("host", format!("{error}")))?;
        let client = WorkspaceClient::new(host, credential, self.options.client.clone())
            .map_err(|error| from_workspace(&error))?;
        let jobs = tokio::time::timeout(CANDIDATES_TIMEOUT, client.list_jobs())
            .await
            .map_err(|_| {
                not_now(
                    "The primary workspace took too long to list its jobs.",
                    "Reload the page, or choose the smoke job later on the group's page.",
                )
            })?
            .map_err(|error| from_workspace(&error))?;
        let org_id = primary.report.org_id.as_deref().unwrap_or_default();
        let mut candidates: Vec<SmokeJob> =
            jobs.iter().filter_map(|job| smoke_candidate(org_id, job)).collect();
        candidates.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(candidates)
    }
}

fn smoke_candidate(org_id: &str, job: &Value) -> Option<SmokeJob> {
    // A continuous job runs already when the smoke job is to be run, and never ends.
    if job.pointer("/settings/continuous").is_some_and(Value::is_object) {
        return None;
    }
    let id = job.get("job_id")?.as_i64()?;
    let name = job.pointer("/settings/name").and_then(Value::as_str).unwrap_or("Untitled");
    Some(SmokeJob { key: format!("{org_id}:{id}"), name: name.to_owned() })
}
