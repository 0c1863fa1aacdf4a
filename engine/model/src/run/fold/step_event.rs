//! What an entry about a step does to its run.

use super::{FoldError, Run};
use crate::run::{
    JournalEntry, LogLine, Progress, RunEvent, RunState, Skip, StepAnswer, StepDefinition, StepFailure,
    StepRun, StepState,
};

impl Run {
    pub(super) fn apply_step_event(
        &mut self,
        event: &RunEvent,
        entry: &JournalEntry,
    ) -> Result<(), FoldError> {
        let at = entry.at;
        match event {
            RunEvent::StepStarted { index, attempt } => {
                // A paused run begins no step, but the one that was interrupted may be brought to its end.
                let is_interrupted = self.current_state() == Some(StepState::Running);
                let may_go_on = self.state == RunState::Running
                    || (self.state == RunState::PausedByOperator && is_interrupted);
                self.require(self.started_at.is_some() && may_go_on, entry)?;
                let step = self.current(*index)?;
                if *attempt != step.attempts + 1 {
                    return Err(FoldError::WrongAttempt { expected: step.attempts + 1, found: *attempt });
                }
                step.state = step.state.start()?;
                step.attempts = *attempt;
                step.started_at.get_or_insert(at);
                step.ended_at = None;
                step.error = None;
            }
            RunEvent::StepLog { index, message } => {
                let step = self.running(*index, entry)?;
                step.log.push(LogLine { at, message: message.clone() });
            }
            RunEvent::StepProgress { index, done, total } => {
                let step = self.running(*index, entry)?;
                step.progress = Some(Progress { done: *done, total: *total });
            }
            RunEvent::StepCompleted { index, output, exception } => {
                let step = self.current(*index)?;
                step.state = step.state.complete()?;
                step.ended_at = Some(at);
                step.output = Some(output.clone());
                step.exception.clone_from(exception);
                if self.definition(*index).is_some_and(|step| step.marks_operational) {
                    self.operational_at = Some(at);
                }
            }
            RunEvent::StepFailed { index, error, remedy } => {
                let step = self.current(*index)?;
                step.state = step.state.fail()?;
                step.ended_at = Some(at);
                step.error = Some(StepFailure { message: error.clone(), remedy: remedy.clone() });
                self.state = self.state.fail_step()?;
            }
            RunEvent::StepWaiting { index, question } => {
                let step = self.current(*index)?;
                step.state = step.state.wait()?;
                step.question = Some(question.clone());
                step.answer = None;
            }
            RunEvent::StepAnswered { index, actor, answer } => {
                let step = self.current(*index)?;
                step.state = step.state.answer()?;
                step.answer = Some(StepAnswer { actor: actor.clone(), at, value: answer.clone() });
            }
            RunEvent::StepRetried { index, .. } => {
                let step = self.current(*index)?;
                step.state = step.state.retry()?;
                step.retries += 1;
                self.state = self.state.clear_failure()?;
            }
            RunEvent::StepSkipped { index, actor, reason } => {
                let step = self.current(*index)?;
                let has_failed = step.state == StepState::Failed;
                step.state = step.state.skip()?;
                step.ended_at = Some(at);
                step.skip = Some(Skip { actor: actor.clone(), reason: reason.clone() });
                if has_failed {
                    self.state = self.state.clear_failure()?;
                }
            }
            _ => return Err(FoldError::NotNow { event: event.name(), state: self.state }),
        }
        Ok(())
    }

    fn definition(&self, index: u32) -> Option<&StepDefinition> {
        self.step(index).map(|(definition, _)| definition)
    }

    fn current(&mut self, index: u32) -> Result<&mut StepRun, FoldError> {
        let is_current = self.current_step() == Some(index) && self.state.is_open();
        usize::try_from(index)
            .ok()
            .filter(|_| is_current)
            .and_then(|index| self.steps.get_mut(index))
            .ok_or(FoldError::NotCurrentStep { found: index })
    }

    fn running(&mut self, index: u32, entry: &JournalEntry) -> Result<&mut StepRun, FoldError> {
        let is_running = self.current_state() == Some(StepState::Running);
        self.require(is_running, entry)?;
        self.current(index)
    }
}
