//! One attempt at one step: write *started*, act, write the outcome.

use std::{panic::AssertUnwindSafe, sync::Arc};

use farshore_model::run::{Run, RunEvent};
use futures::FutureExt;

use super::{Executor, lease::millis};
use crate::{
    Step, StepContext, StepError, StepOutcome,
    journal::{Journal, JournalError},
};

impl Executor {
    /// `run` is the run as it stands, and `index` its current step.
    pub(super) async fn attempt(
        &self,
        journal: &Arc<Journal>,
        run: &Run,
        index: u32,
    ) -> Result<(), JournalError> {
        let attempt = run.step(index).map_or(0, |(_, step)| step.attempts) + 1;
        let run = journal.append(RunEvent::StepStarted { index, attempt }).await?;
        let interval = self.options.progress_interval_ms;
        let result = match StepContext::new(journal.clone(), &run, index, interval) {
            Some(ctx) => match self.registry.get(&ctx.name) {
                Some(step) => self.carry_out(step.as_ref(), &ctx, journal).await,
                None => Err(unknown_step(&ctx.name)),
            },
            None => Err(unknown_step("without a name")),
        };
        if journal.is_lost() {
            return Err(JournalError::LeaseLost);
        }
        journal.append(outcome_event(index, result)).await?;
        Ok(())
    }

    /// Asks the step whether it is done if it may have acted before, lets it act if not, and retries what is
    /// worth retrying.
    async fn carry_out(
        &self,
        step: &dyn Step,
        ctx: &StepContext,
        journal: &Journal,
    ) -> Result<StepOutcome, StepError> {
        let mut may_have_acted = ctx.attempt > 1;
        let mut retries = 0;
        loop {
            let result = AssertUnwindSafe(ask_and_act(step, ctx, may_have_acted))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(panicked(step.name())));
            match result {
                Err(error)
                    if error.is_retryable && retries < self.options.retry_limit && !journal.is_lost() =>
                {
                    let wait = millis(self.options.retry_backoff_ms) * 2_u32.saturating_pow(retries);
                    let note = format!("{} Trying again in {} ms.", error.message, wait.as_millis());
                    ctx.log(note).await?;
                    tokio::time::sleep(wait).await;
                    retries += 1;
                    may_have_acted = true;
                }
                result => return result,
            }
        }
    }
}

async fn ask_and_act(
    step: &dyn Step,
    ctx: &StepContext,
    may_have_acted: bool,
) -> Result<StepOutcome, StepError> {
    if may_have_acted && let Some(outcome) = step.is_done(ctx).await? {
        return Ok(outcome);
    }
    step.execute(ctx).await
}

fn outcome_event(index: u32, result: Result<StepOutcome, StepError>) -> RunEvent {
    match result {
        Ok(StepOutcome::Completed { output, exception }) => {
            RunEvent::StepCompleted { index, output, exception }
        }
        Ok(StepOutcome::Waiting { question }) => RunEvent::StepWaiting { index, question },
        Err(StepError { message, remedy, .. }) => RunEvent::StepFailed { index, error: message, remedy },
    }
}

fn unknown_step(name: &str) -> StepError {
    StepError::lasting(
        format!("This version of the panel has no step {name}; the run was begun by another one."),
        "Start the version that began the run and retry the step, or skip it, or abandon the run.",
    )
}

fn panicked(name: &str) -> StepError {
    tracing::error!(step = name, "the step panicked");
    StepError::lasting(
        "The step broke off because of a mistake in the panel itself. What it had done until then is not lost.",
        "Retry the step: it looks first what is done already. If it breaks off again, report it with the log \
         of the panel.",
    )
}
