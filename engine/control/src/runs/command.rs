//! What a person does to a run that was requested.

use farshore_model::{Actor, Problem, RunId, run::RunbookKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::from_command;
use crate::{Control, audit::Subject, role_matrix::Action, runbooks::RunScope};

/// A command with what belongs to it. `index` counts the steps from 0 and has to be the current one's.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum RunCommand {
    Approve {
        #[serde(default)]
        comment: String,
    },
    /// Pauses the run; resuming it asks for approval again.
    Decline {
        #[serde(default)]
        comment: String,
    },
    Pause,
    Resume,
    RetryStep {
        index: u32,
    },
    SkipStep {
        index: u32,
        reason: String,
    },
    /// The shape of the answer belongs to the step; for conflicts it is an object that maps the object's key, as
    /// in `jobs/1234:77`, to the side whose version is kept.
    AnswerStep {
        index: u32,
        answer: Value,
    },
    Abandon {
        reason: String,
    },
    Cancel {
        reason: String,
    },
}

impl RunCommand {
    const fn action(&self) -> Action {
        match self {
            Self::Approve { .. } | Self::Decline { .. } => Action::ApproveRun,
            _ => Action::DriveRun,
        }
    }

    /// Verb and noun, for the audit list.
    const fn name(&self) -> &'static str {
        match self {
            Self::Approve { .. } => "approve_run",
            Self::Decline { .. } => "decline_run",
            Self::Pause => "pause_run",
            Self::Resume => "resume_run",
            Self::RetryStep { .. } => "retry_step",
            Self::SkipStep { .. } => "skip_step",
            Self::AnswerStep { .. } => "answer_step",
            Self::Abandon { .. } => "abandon_run",
            Self::Cancel { .. } => "cancel_run",
        }
    }
}

impl Control {
    /// `NotNow` when the run does not stand where the command makes sense; `Forbidden` for an approval by the
    /// requester.
    pub async fn command_run(&self, actor: &Actor, id: RunId, command: RunCommand) -> Result<(), Problem> {
        let run = self.known_run(id).await?;
        let group_name = RunScope::of(&run).map_or_else(|_| String::new(), |scope| scope.group_name);
        let subject = Subject::new(run_title(run.definition.kind, &group_name), format!("/runs/{id}"));
        self.act(actor, command.action(), command.name(), subject, async {
            let commands = self.run_commands();
            match &command {
                RunCommand::Approve { comment } => commands.approve(id, actor, comment.trim()).await,
                RunCommand::Decline { comment } => commands.decline(id, actor, comment.trim()).await,
                RunCommand::Pause => commands.pause(id, actor).await,
                RunCommand::Resume => commands.resume(id, actor).await,
                RunCommand::RetryStep { index } => commands.retry_step(id, *index, actor).await,
                RunCommand::SkipStep { index, reason } => {
                    commands.skip_step(id, *index, actor, reason.trim()).await
                }
                RunCommand::AnswerStep { index, answer } => {
                    commands.answer_step(id, *index, actor, answer.clone()).await
                }
                RunCommand::Abandon { reason } => commands.abandon(id, actor, reason.trim()).await,
                RunCommand::Cancel { reason } => commands.cancel(id, actor, reason.trim()).await,
            }
            .map(drop)
            .map_err(from_command)?;
            // The command is carried out, and what is left behind is not applied anyway.
            if let Err(problem) = self.drop_left_plans(run.group_id).await {
                tracing::warn!(%id, %problem, "plans that a run has left behind could not be ended");
            }
            Ok(())
        })
        .await
    }
}

/// What a person calls a run.
pub(super) fn run_title(kind: RunbookKind, group_name: &str) -> String {
    format!("{} of {group_name}", kind.title())
}
