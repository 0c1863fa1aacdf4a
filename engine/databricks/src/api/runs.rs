//! Runs of jobs.

use serde_json::{Value, json};

use crate::{
    Result, WorkspaceClient,
    call::{Call, Endpoint},
};

const GET: Endpoint = Endpoint::read("/api/2.2/jobs/runs/get");
const LIST: Endpoint = Endpoint::read("/api/2.2/jobs/runs/list");
const CANCEL: Endpoint = Endpoint::repeatable("/api/2.2/jobs/runs/cancel");

/// The most that the API gives on one page.
const PAGE_SIZE: &str = "25";
/// The arrays of a run of which an answer holds at most 100 elements.
const PAGED_ARRAYS: [&str; 4] = ["tasks", "job_clusters", "iterations", "job_parameters"];

/// Which runs to list; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    pub job_id: Option<i64>,
    /// Only those that are queued, pending, running or terminating.
    pub is_active_only: bool,
    /// Only those that started at this time, in milliseconds since 1970, or later.
    pub started_from_ms: Option<i64>,
}

impl WorkspaceClient {
    /// One run, with all its tasks.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get_run(&self, run_id: i64) -> Result<Value> {
        let call = Call::new(GET).query("run_id", run_id).about(run_id);
        self.whole_object(call, None, &PAGED_ARRAYS).await.map(Value::Object)
    }

    /// The runs that pass the filter, latest first.
    pub async fn list_runs(&self, filter: RunFilter) -> Result<Vec<Value>> {
        let mut query = vec![("limit", PAGE_SIZE.to_owned())];
        if let Some(job_id) = filter.job_id {
            query.push(("job_id", job_id.to_string()));
        }
        if filter.is_active_only {
            query.push(("active_only", "true".to_owned()));
        }
        if let Some(from_ms) = filter.started_from_ms {
            query.push(("start_time_from", from_ms.to_string()));
        }
        self.list(LIST, query, "runs").await
    }

    /// Asks a run to stop, which takes a moment.
    pub async fn cancel_run(&self, run_id: i64) -> Result<()> {
        self.execute(Call::new(CANCEL).json(&json!({"run_id": run_id})).about(run_id)).await
    }
}
