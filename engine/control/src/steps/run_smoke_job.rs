//! Runs the job whose success shows that the region works.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use farshore_databricks::WorkspaceClient;
use farshore_model::{group::SmokeJob, kind::ObjectKind};
use farshore_runbook::{Step, StepContext, StepError, StepOutcome};
use serde_json::{Value, json};

use super::{from_api, from_control, scope};
use crate::{
    Control,
    problem::chain,
    runbooks::{RunScope, ScopedWorkspace},
    workspaces::Patience,
};

const LOOK_AGAIN: Duration = Duration::from_millis(500);

pub(super) struct RunSmokeJob(pub Arc<Control>);

#[async_trait]
impl Step for RunSmokeJob {
    fn name(&self) -> &'static str {
        "run_smoke_job"
    }

    /// The token makes starting it twice start it once.
    async fn is_done(&self, _: &StepContext) -> Result<Option<StepOutcome>, StepError> {
        Ok(None)
    }

    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError> {
        let scope = scope(ctx)?;
        let Some(job) = &scope.smoke_job else {
            return Ok(StepOutcome::with_exception(
                Value::Null,
                "No smoke job was chosen for the group, so nothing has shown that the region works.",
            ));
        };
        let (workspace, job_id) = self.find(&scope, job).await?;
        let client = self.0.client(workspace.id, Patience::Full).await.map_err(from_control)?;
        // A person's retry starts it anew; an interrupted attempt finds the run that it had started.
        let token = ctx.idempotency_key_for(&format!("retry {}", ctx.retries)).to_string();
        let run_id =
            client.run_job_now(job_id, &token).await.map_err(|error| from_api(&workspace.name, &error))?;
        ctx.log(format!("“{}” runs in {} as run {run_id}.", job.name, workspace.name)).await?;
        self.wait(ctx, &client, workspace, job, run_id).await
    }
}

impl RunSmokeJob {
    /// The job's id where it is to run now.
    async fn find<'a>(
        &self,
        scope: &'a RunScope,
        job: &SmokeJob,
    ) -> Result<(&'a ScopedWorkspace, i64), StepError> {
        for pair in &scope.pairs {
            let entries = self.0.store.load(pair.pair_id).await.map_err(|error| {
                tracing::error!(error = chain(&error), "the ledger could not be read");
                StepError::passing(
                    "The object ledger could not be read.",
                    "Check the panel's database, then retry.",
                )
            })?;
            let id = entries
                .iter()
                .find(|entry| entry.object.kind == ObjectKind::Jobs && *entry.object.key == *job.key)
                .and_then(|entry| entry.id_on(pair.to))
                .and_then(|id| id.parse().ok());
            if let Some(id) = id {
                return Ok((pair.workspace(pair.to), id));
            }
        }
        Err(StepError::lasting(
            format!("The smoke job “{}” is not in {}. Nothing was lost.", job.name, scope.to_region),
            "Skip the step with a reason and look by hand whether the region works; then choose another smoke job.",
        ))
    }

    async fn wait(
        &self,
        ctx: &StepContext,
        client: &WorkspaceClient,
        workspace: &ScopedWorkspace,
        job: &SmokeJob,
        run_id: i64,
    ) -> Result<StepOutcome, StepError> {
        let began = ctx.now();
        loop {
            let run = client.get_run(run_id).await.map_err(|error| from_api(&workspace.name, &error))?;
            match Verdict::of(&run) {
                Verdict::Running => {}
                Verdict::Succeeded => {
                    ctx.log(format!("“{}” succeeded.", job.name)).await?;
                    return Ok(StepOutcome::with_output(json!({"run_id": run_id})));
                }
                Verdict::Failed(how) => {
                    return Err(StepError::lasting(
                        format!(
                            "“{}” did not succeed in {}: {how}. Everything else is in force.",
                            job.name, workspace.name
                        ),
                        format!(
                            "Look at run {run_id} of the job in the workspace; retry the step to run it again, or skip \
                             it with a reason."
                        ),
                    ));
                }
            }
            if ctx.now().since(began).0 > self.0.options.smoke_timeout_ms {
                return Err(StepError::lasting(
                    format!(
                        "“{}” has not ended in {} in time. Everything else is in force.",
                        job.name, workspace.name
                    ),
                    format!("Look at run {run_id} of the job; retry the step, or skip it with a reason."),
                ));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

/// How a job run stands.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Running,
    Succeeded,
    Failed(String),
}

impl Verdict {
    fn of(run: &Value) -> Self {
        let text = |pointer: &str| run.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let life_cycle = text("/state/life_cycle_state");
        if !matches!(life_cycle, "TERMINATED" | "SKIPPED" | "INTERNAL_ERROR") {
            return Self::Running;
        }
        match text("/state/result_state") {
            "SUCCESS" => Self::Succeeded,
            result => {
                let result = if result.is_empty() { life_cycle } else { result };
                match text("/state/state_message") {
                    "" => Self::Failed(result.to_owned()),
                    message => Self::Failed(format!("{result}, {message}")),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_success_counts_as_one() {
        let run = |life: &str, result: Option<&str>| json!({"state": {"life_cycle_state": life, "result_state": result, "state_message": ""}});
        assert_eq!(Verdict::of(&run("TERMINATED", Some("SUCCESS"))), Verdict::Succeeded);
        assert_eq!(Verdict::of(&run("TERMINATED", Some("FAILED"))), Verdict::Failed("FAILED".to_owned()));
        assert_eq!(Verdict::of(&run("SKIPPED", None)), Verdict::Failed("SKIPPED".to_owned()));
        for life in ["QUEUED", "PENDING", "RUNNING", "TERMINATING"] {
            assert_eq!(Verdict::of(&run(life, None)), Verdict::Running);
        }
    }
}
