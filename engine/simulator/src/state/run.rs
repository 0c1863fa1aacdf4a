//! Runs of jobs and their tasks.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::control::RunSummary;

/// Where a run is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RunPhase {
    Queued,
    Pending,
    Running,
    Terminating,
    Over,
}

/// Where a task is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TaskPhase {
    Blocked,
    Running,
    Over,
}

/// How a run or a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) at_ms: i64,
    /// `TERMINATED`, `SKIPPED` or `INTERNAL_ERROR`.
    pub(crate) life_cycle_state: String,
    /// `SUCCESS`, `FAILED`, `CANCELED`, `UPSTREAM_FAILED`, …
    pub(crate) result_state: String,
    /// The code of `termination_details`.
    pub(crate) code: String,
    /// The type of `termination_details`.
    pub(crate) code_type: String,
    pub(crate) message: String,
}

impl End {
    pub(crate) fn terminated(at_ms: i64, result_state: &str) -> Self {
        let (code, code_type, message) = match result_state {
            "SUCCESS" => ("SUCCESS", "SUCCESS", ""),
            "SUCCESS_WITH_FAILURES" => ("SUCCESS_WITH_FAILURES", "SUCCESS", "Some tasks failed."),
            "CANCELED" => ("USER_CANCELED", "CLIENT_ERROR", "Run cancelled."),
            "TIMEDOUT" => ("CANCELED", "CLIENT_ERROR", "Run timed out."),
            "UPSTREAM_FAILED" => ("RUN_EXECUTION_ERROR", "CLIENT_ERROR", "An upstream task failed."),
            "UPSTREAM_CANCELED" => ("CANCELED", "CLIENT_ERROR", "An upstream task was cancelled."),
            "DISABLED" => ("DISABLED", "SUCCESS", "The task is disabled."),
            "EXCLUDED" => ("SKIPPED", "SUCCESS", "The task's run condition was not met."),
            _ => ("RUN_EXECUTION_ERROR", "CLIENT_ERROR", "Workload failed, see run output for details"),
        };
        Self::new(at_ms, "TERMINATED", result_state, code, code_type, message)
    }

    pub(crate) fn skipped(at_ms: i64) -> Self {
        let message = "Skipping this run because the limit of maximum concurrent runs has been reached.";
        let code = "MAX_CONCURRENT_RUNS_EXCEEDED";
        Self::new(at_ms, "SKIPPED", "MAXIMUM_CONCURRENT_RUNS_REACHED", code, "CLIENT_ERROR", message)
    }

    pub(crate) fn outage(at_ms: i64) -> Self {
        let message = "The run was ended by an outage of the region.";
        Self::new(at_ms, "INTERNAL_ERROR", "FAILED", "CLOUD_FAILURE", "CLOUD_FAILURE", message)
    }

    pub(crate) fn new(
        at_ms: i64,
        life: &str,
        result: &str,
        code: &str,
        code_type: &str,
        message: &str,
    ) -> Self {
        Self {
            at_ms,
            life_cycle_state: life.into(),
            result_state: result.into(),
            code: code.into(),
            code_type: code_type.into(),
            message: message.into(),
        }
    }

    /// Whether it does not make the run a failure.
    pub(crate) fn is_harmless(&self) -> bool {
        matches!(self.result_state.as_str(), "SUCCESS" | "EXCLUDED" | "DISABLED")
    }

    pub(crate) fn is_success(&self) -> bool {
        matches!(self.result_state.as_str(), "SUCCESS" | "SUCCESS_WITH_FAILURES")
    }
}

/// The keys of the tasks that come right before one.
pub(crate) fn dependencies(task: &Map<String, Value>) -> Vec<&str> {
    let list = task.get("depends_on").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|entry| entry.get("task_key").and_then(Value::as_str)).collect()
}

/// One task of one run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TaskRun {
    pub(crate) run_id: i64,
    pub(crate) task_key: String,
    /// The task's settings at the time.
    pub(crate) settings: Arc<Map<String, Value>>,
    pub(crate) duration_ms: i64,
    /// The result that it will have.
    pub(crate) destined_result: String,
    pub(crate) phase: TaskPhase,
    pub(crate) started_ms: Option<i64>,
    pub(crate) end: Option<End>,
    pub(crate) child_run_id: Option<i64>,
    pub(crate) cluster_id: Option<String>,
    pub(crate) attempt_number: i64,
    /// What a condition task has decided: `true` or `false`.
    #[serde(default)]
    pub(crate) outcome: Option<String>,
    /// How often it was tried again by itself.
    #[serde(default)]
    pub(crate) retries: i64,
    /// Why the cluster that was to be made for it could not be.
    #[serde(default)]
    pub(crate) cluster_refusal: Option<String>,
}

impl TaskRun {
    /// The outcome of an upstream condition that this task needs, when it needs one.
    pub(crate) fn wanted_outcome(&self, upstream: &str) -> Option<&str> {
        let list = self.settings.get("depends_on")?.as_array()?;
        let entry =
            list.iter().find(|entry| entry.get("task_key").and_then(Value::as_str) == Some(upstream))?;
        entry.get("outcome")?.as_str()
    }

    pub(crate) fn dependencies(&self) -> Vec<&str> {
        dependencies(&self.settings)
    }

    pub(crate) fn called_job_id(&self) -> Option<i64> {
        self.settings.get("run_job_task").and_then(|task| task.get("job_id")).and_then(Value::as_i64)
    }
}

/// One repair of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Repair {
    pub(crate) id: i64,
    pub(crate) started_ms: i64,
    pub(crate) task_run_ids: Vec<i64>,
    pub(crate) end: Option<End>,
}

/// One run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) run_id: i64,
    /// The job; of a submitted run, an id that no job has.
    pub(crate) job_id: i64,
    pub(crate) sequence: u64,
    pub(crate) number_in_job: i64,
    pub(crate) name: String,
    pub(crate) creator: String,
    /// `JOB_RUN`, `WORKFLOW_RUN` or `SUBMIT_RUN`.
    pub(crate) run_type: String,
    /// `PERIODIC`, `ONE_TIME`, `CONTINUOUS`, …
    pub(crate) trigger: String,
    /// The job's settings at the time, without the tasks.
    pub(crate) settings: Arc<Map<String, Value>>,
    /// What run-now overrode.
    pub(crate) overrides: Map<String, Value>,
    pub(crate) phase: RunPhase,
    pub(crate) queued_ms: Option<i64>,
    pub(crate) started_ms: i64,
    pub(crate) setup_ms: i64,
    pub(crate) tasks: Vec<TaskRun>,
    /// When a cancellation will have been carried out.
    pub(crate) cancelled_at_ms: Option<i64>,
    pub(crate) end: Option<End>,
    pub(crate) parent_run_id: Option<i64>,
    /// How many runs started one another above this one.
    pub(crate) nesting: u32,
    pub(crate) repairs: Vec<Repair>,
    /// The first attempt's times, once the run was repaired.
    pub(crate) original: Option<(i64, End)>,
    /// Clusters that exist for this run only, by their key.
    pub(crate) job_clusters: Vec<(String, String)>,
    /// The task runs of the first attempt, once the run was repaired.
    #[serde(default)]
    pub(crate) original_task_run_ids: Vec<i64>,
}

impl Run {
    /// The value of a job parameter in this run.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let overridden = self.overrides.get("job_parameters").and_then(|values| values.get(name));
        let defined = self.settings.get("parameters").and_then(Value::as_array);
        let default = defined
            .and_then(|list| {
                list.iter().find(|entry| entry.get("name").and_then(Value::as_str) == Some(name))
            })
            .and_then(|entry| entry.get("default"));
        overridden.or(default).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    pub(crate) fn is_active(&self) -> bool {
        self.phase != RunPhase::Over
    }

    /// Whether it counts against its job's concurrency.
    pub(crate) fn is_occupying(&self) -> bool {
        !matches!(self.phase, RunPhase::Over | RunPhase::Queued)
    }

    pub(crate) fn life_cycle_state(&self) -> &str {
        match (self.phase, &self.end) {
            (RunPhase::Queued, _) => "QUEUED",
            (RunPhase::Pending, _) => "PENDING",
            (RunPhase::Running, _) => "RUNNING",
            (RunPhase::Terminating, _) => "TERMINATING",
            (RunPhase::Over, Some(end)) => &end.life_cycle_state,
            (RunPhase::Over, None) => "TERMINATED",
        }
    }

    pub(crate) fn timeout_ms(&self) -> Option<i64> {
        let seconds = self.settings.get("timeout_seconds").and_then(Value::as_i64)?;
        (seconds > 0).then(|| seconds.saturating_mul(1_000))
    }

    pub(crate) fn summary(&self) -> RunSummary {
        RunSummary {
            run_id: self.run_id,
            job_id: self.job_id,
            job_name: self.name.clone(),
            trigger: self.trigger.clone(),
            started_at_ms: self.started_ms,
            ended_at_ms: self.end.as_ref().map(|end| end.at_ms),
            life_cycle_state: self.life_cycle_state().to_owned(),
            result_state: self.end.as_ref().map(|end| end.result_state.clone()),
        }
    }
}
