//! What an executor has to do next. A run that waits for a person is a row, not a task: there is no next move.

use super::{Run, RunHead, RunState, StepState};

/// What an executor that holds the run's lease does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextMove {
    /// Writes down that it took the run up.
    Begin,
    /// Carries the step out, or brings its interrupted attempt to an end.
    Step(u32),
    /// Writes down that every step is behind the run.
    Finish(RunState),
}

impl Run {
    /// None while the run waits for a person, and after its end.
    pub fn next_move(&self) -> Option<NextMove> {
        match self.state {
            RunState::Running if self.started_at.is_none() => Some(NextMove::Begin),
            RunState::Running => match (self.current_step(), self.current_state()) {
                (Some(index), Some(StepState::NotStarted | StepState::Running)) => {
                    Some(NextMove::Step(index))
                }
                (Some(_), _) => None,
                (None, _) => self.state.finish(self.has_exceptions()).ok().map(NextMove::Finish),
            },
            // Pausing takes hold between two steps: what was interrupted is not left half-done.
            RunState::PausedByOperator => match (self.current_step(), self.current_state()) {
                (Some(index), Some(StepState::Running)) => Some(NextMove::Step(index)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What the store keeps beside the journal, so that it need not fold it.
    pub fn head(&self) -> RunHead {
        RunHead { state: self.state, is_drivable: self.next_move().is_some(), outline: self.outline() }
    }
}
