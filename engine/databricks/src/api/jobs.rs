//! Jobs, in version 2.2 of their API, or 2.1 where a workspace knows no other.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use crate::{
    ErrorKind, Result, WorkspaceClient,
    answer::half_answer,
    call::{Call, Endpoint},
    number,
};

const LIST: Endpoint = Endpoint::read("/api/2.2/jobs/list");
const GET: Endpoint = Endpoint::read("/api/2.2/jobs/get");
/// Has no idempotency token, and names are not unique.
const CREATE: Endpoint = Endpoint::once("/api/2.2/jobs/create");
const UPDATE: Endpoint = Endpoint::repeatable("/api/2.2/jobs/update");
const RESET: Endpoint = Endpoint::repeatable("/api/2.2/jobs/reset");
const DELETE: Endpoint = Endpoint::repeatable("/api/2.2/jobs/delete");
/// Repeatable by its idempotency token.
const RUN_NOW: Endpoint = Endpoint::repeatable("/api/2.2/jobs/run-now");

/// The most that the API gives on one page.
const PAGE_SIZE: &str = "100";
/// Jobs that are read at the same time because the list says too little of them.
const MOST_READ_AT_ONCE: usize = 8;
/// The arrays of a job's settings of which an answer holds at most 100 elements.
const PAGED_SETTINGS: [&str; 4] = ["tasks", "job_clusters", "environments", "parameters"];

impl WorkspaceClient {
    /// All jobs, with all their tasks.
    pub async fn list_jobs(&self) -> Result<Vec<Value>> {
        let query = vec![("limit", PAGE_SIZE.to_owned()), ("expand_tasks", "true".to_owned())];
        let listed = self.list(LIST, query, "jobs").await?;
        let jobs = stream::iter(listed).map(|job| self.completed(job)).buffered(MOST_READ_AT_ONCE);
        jobs.try_filter_map(|job| async { Ok(job) }).try_collect().await
    }

    /// The listed job with what the list has left out or cut off; None when it is gone by the workspace's own word.
    async fn completed(&self, mut job: Value) -> Result<Option<Value>> {
        let Some(id) = with_number_id(&mut job) else { return Ok(Some(job)) };
        let is_cut_off = job.get("has_more") == Some(&Value::Bool(true));
        if !is_cut_off && has_tasks(&job) {
            return Ok(Some(job));
        }
        let whole = match self.get_job(id).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            whole => whole?,
        };
        if let Some(job) = job.as_object_mut() {
            job.remove("has_more");
            job.extend(whole.get("settings").map(|settings| ("settings".to_owned(), settings.clone())));
        }
        Ok(Some(job))
    }

    /// One job, with all its tasks.
    ///
    /// # Errors
    /// `NotFound`; `HalfAnswer` when it comes without its settings, which must not pass for a job that does nothing.
    pub async fn get_job(&self, id: i64) -> Result<Value> {
        let call = Call::new(GET).query("job_id", id).about(id);
        let mut job =
            Value::Object(self.whole_object(call.clone(), Some("settings"), &PAGED_SETTINGS).await?);
        with_number_id(&mut job);
        if !job.get("settings").is_some_and(Value::is_object) {
            return Err(half_answer(&call, format!("the job {id} came without its settings")));
        }
        Ok(job)
    }

    /// Creates a job from its settings and answers its id. Never repeated after an unclear failure: see
    /// [`may_have_taken_effect`](crate::ApiError::may_have_taken_effect).
    pub async fn create_job(&self, settings: &Value) -> Result<i64> {
        self.create_with_number_id(&Call::new(CREATE).json(settings), "job_id").await
    }

    /// Changes top-level settings: arrays are merged by key, everything else is replaced; `fields_to_remove`
    /// names settings, or elements as in `tasks/key`.
    pub async fn update_job(&self, id: i64, new_settings: &Value, fields_to_remove: &[&str]) -> Result<()> {
        let mut body = json!({"job_id": id, "new_settings": new_settings});
        if !fields_to_remove.is_empty() {
            body["fields_to_remove"] = json!(fields_to_remove);
        }
        self.execute(Call::new(UPDATE).json(&body).about(id)).await
    }

    /// Replaces all settings.
    pub async fn reset_job(&self, id: i64, settings: &Value) -> Result<()> {
        let body = json!({"job_id": id, "new_settings": settings});
        self.execute(Call::new(RESET).json(&body).about(id)).await
    }

    /// Deletes a job; one that is not there is fine.
    pub async fn delete_job(&self, id: i64) -> Result<()> {
        self.delete(Call::new(DELETE).json(&json!({"job_id": id})).about(id)).await
    }

    /// Starts a run and answers its id. With the same token (64 characters at most), the same run is answered
    /// instead of a second one.
    pub async fn run_job_now(&self, id: i64, idempotency_token: &str) -> Result<i64> {
        let body = json!({"job_id": id, "idempotency_token": idempotency_token});
        self.create_with_number_id(&Call::new(RUN_NOW).json(&body).about(id), "run_id").await
    }
}

/// The id of a job, which is a number in it from now on.
fn with_number_id(job: &mut Value) -> Option<i64> {
    let id = job.get("job_id").and_then(number::of)?;
    if let Some(job) = job.as_object_mut() {
        job.insert("job_id".to_owned(), Value::from(id));
    }
    Some(id)
}

/// Whether a listed job shows what it does. One that has no tasks may be one of which they were left out.
fn has_tasks(job: &Value) -> bool {
    let tasks = job.get("settings").and_then(|settings| settings.get("tasks")).and_then(Value::as_array);
    tasks.is_some_and(|tasks| !tasks.is_empty())
}
