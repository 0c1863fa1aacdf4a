//! What persons do to runs. Each command loads the run, judges it, and appends its entry with the sequence
//! number that it expects; when somebody was faster it judges the run anew. Whether the person's role allows
//! the command is checked by the caller.

use std::sync::Arc;

use farshore_model::{
    Actor, Clock, IdSource, RunId,
    run::{Command, InvalidDefinition, JournalEntry, Run, RunEvent, RunRequest, WhyNot},
};
use serde_json::Value;
use tokio::sync::Notify;

use crate::{Guard, LoadError, RunStore, RunWatcher, StoreError, load_run};

/// How often a command is judged anew before it gives up against a run that changes all the time.
const MAX_CONFLICTS: u32 = 20;

/// The commands, on one store. `wake` is shared with the [`Executor`](crate::Executor).
#[derive(Clone)]
pub struct RunCommands {
    pub store: Arc<dyn RunStore>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    pub watcher: Arc<dyn RunWatcher>,
    pub wake: Arc<Notify>,
}

/// Why a command did nothing. What is displayed is a sentence for the person who gave it.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Refused(#[from] WhyNot),
    #[error("Say why: the reason is kept with the run.")]
    MissingReason,
    #[error("There is no such run.")]
    NotFound,
    #[error("Another failover or failback of this group has not ended; nothing was begun.")]
    GroupBusy(RunId),
    #[error("The runbook cannot be run; nothing was begun.")]
    InvalidDefinition(#[from] InvalidDefinition),
    #[error("The run is changing too fast; nothing was done. Try again.")]
    Contended,
    #[error("The run could not be read; nothing was done. Try again.")]
    Load(#[source] LoadError),
    #[error("The panel's database did not answer as expected. Look at the run before trying again.")]
    Store(#[source] StoreError),
}

impl RunCommands {
    /// Asks for a run. It waits for its approvals, or begins at once when none are required.
    pub async fn request(&self, request: RunRequest) -> Result<Run, CommandError> {
        require_reason(&request.reason)?;
        request.definition.validate()?;
        let run_id = RunId(self.ids.next());
        let event = RunEvent::Requested(Box::new(request));
        let first = JournalEntry { run_id, seq: 1, at: self.clock.now(), event };
        let run = Run::begin(&first).map_err(|source| CommandError::Load(LoadError::Fold(run_id, source)))?;
        self.store.create_run(&run.record(), &first).await.map_err(|error| match error {
            StoreError::GroupBusy(other) => CommandError::GroupBusy(other),
            other => CommandError::Store(other),
        })?;
        self.tell(&run);
        Ok(run)
    }

    /// Gives one approval; the last one that the rule asks for starts the run.
    pub async fn approve(&self, id: RunId, actor: &Actor, comment: &str) -> Result<Run, CommandError> {
        let event = RunEvent::ApprovalGiven { actor: actor.clone(), comment: comment.to_owned() };
        self.command(id, |run| Command::Approve.check(run, actor), event).await
    }

    /// Pauses the run; resuming it asks again.
    pub async fn decline(&self, id: RunId, actor: &Actor, comment: &str) -> Result<Run, CommandError> {
        let event = RunEvent::ApprovalDeclined { actor: actor.clone(), comment: comment.to_owned() };
        self.command(id, |run| Command::Decline.check(run, actor), event).await
    }

    /// Begins no further step; the one that is under way is brought to its end.
    pub async fn pause(&self, id: RunId, actor: &Actor) -> Result<Run, CommandError> {
        let event = RunEvent::Paused { actor: actor.clone() };
        self.command(id, |run| Command::Pause.check(run, actor), event).await
    }

    pub async fn resume(&self, id: RunId, actor: &Actor) -> Result<Run, CommandError> {
        let event = RunEvent::Resumed { actor: actor.clone() };
        self.command(id, |run| Command::Resume.check(run, actor), event).await
    }

    /// Has the failed step attempted again.
    pub async fn retry_step(&self, id: RunId, index: u32, actor: &Actor) -> Result<Run, CommandError> {
        let event = RunEvent::StepRetried { index, actor: actor.clone() };
        self.command(id, |run| Command::RetryStep.check_step(run, actor, index), event).await
    }

    /// Goes past a step that has failed or waits for an answer.
    pub async fn skip_step(
        &self,
        id: RunId,
        index: u32,
        actor: &Actor,
        reason: &str,
    ) -> Result<Run, CommandError> {
        require_reason(reason)?;
        let event = RunEvent::StepSkipped { index, actor: actor.clone(), reason: reason.to_owned() };
        self.command(id, |run| Command::SkipStep.check_step(run, actor, index), event).await
    }

    /// Answers the question that a step asked.
    pub async fn answer_step(
        &self,
        id: RunId,
        index: u32,
        actor: &Actor,
        answer: Value,
    ) -> Result<Run, CommandError> {
        let event = RunEvent::StepAnswered { index, actor: actor.clone(), answer };
        self.command(id, |run| Command::AnswerStep.check_step(run, actor, index), event).await
    }

    /// Gives a run up that has begun: it failed.
    pub async fn abandon(&self, id: RunId, actor: &Actor, reason: &str) -> Result<Run, CommandError> {
        require_reason(reason)?;
        let event = RunEvent::Abandoned { actor: actor.clone(), reason: reason.to_owned() };
        self.command(id, |run| Command::Abandon.check(run, actor), event).await
    }

    /// Withdraws a run of which nothing has been done.
    pub async fn cancel(&self, id: RunId, actor: &Actor, reason: &str) -> Result<Run, CommandError> {
        require_reason(reason)?;
        let event = RunEvent::Cancelled { actor: actor.clone(), reason: reason.to_owned() };
        self.command(id, |run| Command::Cancel.check(run, actor), event).await
    }

    async fn command(
        &self,
        id: RunId,
        check: impl Fn(&Run) -> Result<(), WhyNot>,
        event: RunEvent,
    ) -> Result<Run, CommandError> {
        for _ in 0..MAX_CONFLICTS {
            let mut run = load_run(self.store.as_ref(), id).await.map_err(|error| match error {
                LoadError::Store(_, StoreError::NotFound) => CommandError::NotFound,
                other => CommandError::Load(other),
            })?;
            check(&run)?;
            let at = self.clock.now().max(run.changed_at);
            let entry = JournalEntry { run_id: id, seq: run.seq + 1, at, event: event.clone() };
            run.apply(&entry).map_err(|source| CommandError::Load(LoadError::Fold(id, source)))?;
            match self.store.append_entry(&entry, run.head(), Guard::Person).await {
                Ok(()) => {
                    self.tell(&run);
                    return Ok(run);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(CommandError::Store(error)),
            }
        }
        Err(CommandError::Contended)
    }

    fn tell(&self, run: &Run) {
        self.watcher.run_changed(run);
        self.wake.notify_one();
    }
}

fn require_reason(reason: &str) -> Result<(), CommandError> {
    if reason.trim().is_empty() { Err(CommandError::MissingReason) } else { Ok(()) }
}
