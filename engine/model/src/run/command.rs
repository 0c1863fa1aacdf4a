//! What a person may do to a run now, judged by the run alone. Whether their role allows it is the matter of
//! the role matrix; only approving has a rule of its own, which is part of the run.

use serde::{Deserialize, Serialize};

use super::{CannotApprove, Run, RunState, StepState, can_approve, can_decline, state::words};
use crate::Actor;

/// What a person can do to a run.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    Approve,
    Decline,
    Pause,
    Resume,
    RetryStep,
    SkipStep,
    AnswerStep,
    Abandon,
    Cancel,
}

words!(Command, "run command", {
    Approve => "approve", "Approve";
    Decline => "decline", "Decline";
    Pause => "pause", "Pause";
    Resume => "resume", "Resume";
    RetryStep => "retry_step", "Retry step";
    SkipStep => "skip_step", "Skip step";
    AnswerStep => "answer_step", "Answer";
    Abandon => "abandon", "Abandon run";
    Cancel => "cancel", "Cancel run";
});

/// Whether a button is to be enabled, and if not, what to say beside it.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandAvailability {
    pub command: Command,
    /// The step that it is about, for the three that are about one.
    pub step: Option<u32>,
    pub is_allowed: bool,
    /// A sentence; none when it is allowed.
    pub why_not: Option<String>,
}

/// Why a command is refused, as a sentence to the person who gave it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhyNot {
    #[error(transparent)]
    Approval(#[from] CannotApprove),
    #[error("This run has ended: it is {}.", .0.title().to_lowercase())]
    HasEnded(RunState),
    #[error("This run waits for its approval and has not begun.")]
    NotApproved,
    #[error("This run is already paused.")]
    AlreadyPaused,
    #[error("This run is not paused.")]
    NotPaused,
    #[error("A step has failed: retry it, skip it with a reason, or abandon the run.")]
    StepHasFailed,
    #[error("No step has failed.")]
    NoFailedStep,
    #[error("Only a step that has failed or waits for a person can be skipped.")]
    NothingToSkip,
    #[error("No step waits for an answer.")]
    NoQuestion,
    #[error("The run has moved on: this step is no longer the current one.")]
    NotCurrentStep,
    #[error("The current step is under way; pause the run and wait until the step has ended.")]
    StepUnderWay,
    #[error("The run goes on by itself; pause it first.")]
    NotHeld,
    #[error("Nothing has been done yet; cancel the run instead.")]
    NotBegun,
    #[error("The run has begun; it can be paused and abandoned, but no longer cancelled.")]
    HasBegun,
}

/// Every command, with the reason why it cannot be given now.
pub fn allowed_commands(run: &Run, actor: &Actor) -> Vec<CommandAvailability> {
    Command::ALL
        .iter()
        .map(|&command| {
            let verdict = command.check(run, actor);
            let step = command.is_about_step().then(|| run.current_step()).flatten();
            let why_not = verdict.err().map(|why_not| why_not.to_string());
            CommandAvailability { command, step, is_allowed: why_not.is_none(), why_not }
        })
        .collect()
}

impl Command {
    /// It names a step, which has to be the current one.
    pub const fn is_about_step(self) -> bool {
        matches!(self, Self::RetryStep | Self::SkipStep | Self::AnswerStep)
    }

    /// Whether the run as it stands allows the command to this person.
    pub fn check(self, run: &Run, actor: &Actor) -> Result<(), WhyNot> {
        let is_begun = run.started_at.is_some();
        let step = run.current_state();
        match (self, run.state) {
            (Self::Approve, _) => Ok(can_approve(run, actor)?),
            (Self::Decline, _) => Ok(can_decline(run, actor)?),
            (_, ended) if ended.is_ended() => Err(WhyNot::HasEnded(ended)),

            (Self::Pause, RunState::Running) => Ok(()),
            (Self::Pause, paused) if paused.is_paused() => Err(WhyNot::AlreadyPaused),
            (Self::Pause, _) => Err(WhyNot::NotApproved),

            (Self::Resume, RunState::PausedByOperator) => Ok(()),
            (Self::Resume, RunState::PausedByFailedStep) => Err(WhyNot::StepHasFailed),
            (Self::Resume, _) => Err(WhyNot::NotPaused),

            (Self::RetryStep, RunState::PausedByFailedStep) => Ok(()),
            (Self::RetryStep, _) => Err(WhyNot::NoFailedStep),

            (Self::SkipStep, _) if matches!(step, Some(StepState::Failed | StepState::WaitingForPerson)) => {
                Ok(())
            }
            (Self::SkipStep, _) => Err(WhyNot::NothingToSkip),

            (Self::AnswerStep, _) if step == Some(StepState::WaitingForPerson) => Ok(()),
            (Self::AnswerStep, _) => Err(WhyNot::NoQuestion),

            (Self::Abandon, _) if !is_begun => Err(WhyNot::NotBegun),
            (Self::Abandon, _) if step == Some(StepState::Running) => Err(WhyNot::StepUnderWay),
            (Self::Abandon, RunState::Running) if step != Some(StepState::WaitingForPerson) => {
                Err(WhyNot::NotHeld)
            }
            (Self::Abandon, _) => Ok(()),

            (Self::Cancel, _) if is_begun => Err(WhyNot::HasBegun),
            (Self::Cancel, RunState::Running) => Err(WhyNot::NotHeld),
            (Self::Cancel, _) => Ok(()),
        }
    }

    /// Like [`check`](Self::check), for a command that names the step it is about.
    pub fn check_step(self, run: &Run, actor: &Actor, index: u32) -> Result<(), WhyNot> {
        self.check(run, actor)?;
        if run.current_step() == Some(index) { Ok(()) } else { Err(WhyNot::NotCurrentStep) }
    }
}
