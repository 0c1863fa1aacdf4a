//! What a step is to the engine, and what the engine is to a step.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use farshore_model::{
    DurationMs, GroupId, Lease, RunId, Timestamp,
    run::{Question, Run, RunEvent, RunMode, StepAnswer},
};
use serde_json::Value;
use uuid::Uuid;

use crate::journal::{Journal, JournalError};

/// One durable, resumable unit of a runbook.
///
/// A step may be killed at any await and begun again elsewhere. So whatever it does has to be something that it
/// can find again: [`is_done`](Self::is_done) looks for it, and [`execute`](Self::execute) goes on from a
/// half-done state.
#[async_trait]
pub trait Step: Send + Sync {
    /// Verb and noun, such as `fence_primary`; what definitions call it by.
    fn name(&self) -> &'static str;

    /// Looks whether the step's effect is there already. Asked before acting whenever a former attempt may
    /// have acted: after a kill, before an automatic or a requested retry, after an answer.
    async fn is_done(&self, ctx: &StepContext) -> Result<Option<StepOutcome>, StepError>;

    /// Acts.
    async fn execute(&self, ctx: &StepContext) -> Result<StepOutcome, StepError>;
}

/// How a step ended, when it did not fail.
#[derive(Clone, Debug, PartialEq)]
pub enum StepOutcome {
    Completed {
        /// What later steps may read.
        output: Value,
        /// What could not be done, although the run may go on.
        exception: Option<String>,
    },
    /// A person has to choose. Their answer begins another attempt, which finds it in [`StepContext::answer`].
    Waiting { question: Question },
}

impl StepOutcome {
    /// Done, with nothing to add.
    pub const fn done() -> Self {
        Self::Completed { output: Value::Null, exception: None }
    }

    pub const fn with_output(output: Value) -> Self {
        Self::Completed { output, exception: None }
    }

    /// Done, except for something.
    pub fn with_exception(output: Value, exception: impl Into<String>) -> Self {
        Self::Completed { output, exception: Some(exception.into()) }
    }
}

/// Why a step cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StepError {
    /// What happened, and what was not lost.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// Trying again may help; done a few times before a person is asked.
    pub is_retryable: bool,
}

impl StepError {
    /// Trying again will not help.
    pub fn lasting(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: remedy.into(), is_retryable: false }
    }

    /// Trying again may help.
    pub fn passing(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: remedy.into(), is_retryable: true }
    }
}

impl From<JournalError> for StepError {
    fn from(error: JournalError) -> Self {
        tracing::warn!(error = &error as &dyn std::error::Error, "a step could not write to its journal");
        Self::passing(
            "The step could not write down how far it has come. What it had done until then is not lost.",
            "Check that the panel's database answers, then retry the step.",
        )
    }
}

/// What a step gets to know, and its way to tell how far it has come.
pub struct StepContext {
    pub run_id: RunId,
    pub group_id: GroupId,
    pub mode: RunMode,
    pub requested_at: Timestamp,
    /// Counts the steps from 0.
    pub index: u32,
    /// The step's own name.
    pub name: String,
    /// Counts from 1, interrupted attempts included.
    pub attempt: u32,
    /// How often a person had the step retried after a failure.
    pub retries: u32,
    pub input: Value,
    /// What the run was requested with, the same for all its steps.
    pub context: Value,
    /// The lease under which the run is driven: what a step writes to the panel's own store names it too, so
    /// that a process that lost the run cannot write.
    pub lease: Lease,
    /// What the completed steps before this one returned, by their names.
    pub outputs: BTreeMap<String, Value>,
    /// What a person answered to the step's latest question.
    pub answer: Option<StepAnswer>,
    /// The same for every attempt of this step in this run, and for nothing else: a token for calls that must
    /// not happen twice.
    pub idempotency_key: Uuid,
    journal: Arc<Journal>,
    progress_interval: DurationMs,
    progress_shown_at: AtomicI64,
}

impl StepContext {
    /// None when the run has no step with this index.
    pub(crate) fn new(
        journal: Arc<Journal>,
        run: &Run,
        index: u32,
        progress_interval: DurationMs,
    ) -> Option<Self> {
        let (definition, step) = run.step(index)?;
        let outputs = run
            .definition
            .steps
            .iter()
            .zip(&run.steps)
            .filter_map(|(definition, step)| Some((definition.name.clone(), step.output.clone()?)))
            .collect();
        Some(Self {
            run_id: run.id,
            group_id: run.group_id,
            mode: run.mode,
            requested_at: run.requested_at,
            index,
            name: definition.name.clone(),
            attempt: step.attempts,
            retries: step.retries,
            input: definition.input.clone(),
            context: run.context.clone(),
            lease: journal.lease(),
            outputs,
            answer: step.answer.clone(),
            idempotency_key: Uuid::new_v5(&run.id.0, definition.name.as_bytes()),
            journal,
            progress_interval,
            progress_shown_at: AtomicI64::new(i64::MIN),
        })
    }

    pub fn now(&self) -> Timestamp {
        self.journal.now()
    }

    /// A token for one of several calls of the step, stable like [`idempotency_key`](Self::idempotency_key).
    /// Put [`retries`](Self::retries) into the label when a retry is meant to make the call again.
    pub fn idempotency_key_for(&self, label: &str) -> Uuid {
        Uuid::new_v5(&self.idempotency_key, label.as_bytes())
    }

    /// Writes a line for the reader. An error means that the step should stop: pass it on with `?`.
    pub async fn log(&self, message: impl Into<String> + Send) -> Result<(), StepError> {
        self.journal.append(RunEvent::StepLog { index: self.index, message: message.into() }).await?;
        Ok(())
    }

    /// Tells how many of how many are done. May be called for each: only so many are written down as a reader
    /// can follow, the last one always.
    pub async fn progress(&self, done: u64, total: u64) -> Result<(), StepError> {
        let now = self.now().as_ms();
        let shown_at = self.progress_shown_at.load(Ordering::Relaxed);
        if done < total && now.saturating_sub(shown_at) < self.progress_interval.0 {
            return Ok(());
        }
        self.progress_shown_at.store(now, Ordering::Relaxed);
        self.journal.append(RunEvent::StepProgress { index: self.index, done, total }).await?;
        Ok(())
    }
}
