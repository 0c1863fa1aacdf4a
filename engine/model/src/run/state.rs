//! The states of a run with their legal transitions, and the two words that say what kind of run it is.

use serde::{Deserialize, Serialize};

/// The text names no state, kind or mode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} named {text:?}")]
pub struct UnknownWord {
    /// What was looked for, such as `run state`.
    pub what: &'static str,
    pub text: String,
}

/// Gives an enum of plain words its stored spelling, its title on screen, and the way back from the former.
macro_rules! words {
    ($name:ident, $what:literal, { $($variant:ident => $text:literal, $title:literal;)+ }) => {
        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling in the store, in the API and in addresses.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The name that a screen shows.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::run::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|word| word.as_str() == text)
                    .ok_or_else(|| $crate::run::UnknownWord { what: $what, text: text.to_owned() })
            }
        }
    };
}
pub(super) use words;

/// What a runbook does.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunbookKind {
    /// Makes a passive region the active one.
    Failover,
    /// Brings the work back to the region it came from.
    Failback,
    /// Rehearses, without moving production.
    Drill,
}

words!(RunbookKind, "runbook", {
    Failover => "failover", "Failover";
    Failback => "failback", "Failback";
    Drill => "drill", "Drill";
});

impl RunbookKind {
    /// Whether a group may have only one open run of such a kind. A drill never stands in the way of the real
    /// thing.
    pub const fn is_exclusive(self) -> bool {
        matches!(self, Self::Failover | Self::Failback)
    }
}

/// Whether the region being left is expected to answer.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunMode {
    /// Both regions answer; the last changes are carried over first.
    Planned,
    /// The old primary may be gone; what was not replicated is lost.
    Forced,
}

words!(RunMode, "run mode", {
    Planned => "planned", "Planned";
    Forced => "forced", "Forced";
});

/// Where a run stands.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Not asked for yet.
    #[default]
    Draft,
    /// Asked for; nothing happens before enough people have approved.
    PendingApproval,
    /// Steps are carried out, or the current one waits for a person.
    Running,
    /// Held by a person, or by an approver who declined. A step under way is ended, none is begun.
    PausedByOperator,
    /// A step failed: a person retries it, skips it, or abandons the run.
    PausedByFailedStep,
    /// Every step was done.
    Completed,
    /// Every step was done, except for what is written beside the steps.
    CompletedWithExceptions,
    /// Abandoned half-way.
    Failed,
    /// Withdrawn before anything was done.
    Cancelled,
}

words!(RunState, "run state", {
    Draft => "draft", "Draft";
    PendingApproval => "pending_approval", "Pending approval";
    Running => "running", "Running";
    PausedByOperator => "paused_by_operator", "Paused by operator";
    PausedByFailedStep => "paused_by_failed_step", "Paused by failed step";
    Completed => "completed", "Completed";
    CompletedWithExceptions => "completed_with_exceptions", "Completed with exceptions";
    Failed => "failed", "Failed";
    Cancelled => "cancelled", "Cancelled";
});

/// The run's state does not allow what was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot {action} a run that is {from}")]
pub struct IllegalRunTransition {
    pub from: RunState,
    pub action: &'static str,
}

type Transition = Result<RunState, IllegalRunTransition>;

impl RunState {
    /// Nothing can happen to the run any more.
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Completed | Self::CompletedWithExceptions | Self::Failed | Self::Cancelled)
    }

    /// Not ended, so that it is somebody's business.
    pub const fn is_open(self) -> bool {
        !self.is_ended()
    }

    pub const fn is_paused(self) -> bool {
        matches!(self, Self::PausedByOperator | Self::PausedByFailedStep)
    }

    /// Somebody asks for the run.
    pub const fn request(self) -> Transition {
        match self {
            Self::Draft => Ok(Self::PendingApproval),
            from => Err(IllegalRunTransition { from, action: "request" }),
        }
    }

    /// The last of the approvals that the rule asks for is given.
    pub const fn approve(self) -> Transition {
        match self {
            Self::PendingApproval => Ok(Self::Running),
            from => Err(IllegalRunTransition { from, action: "approve" }),
        }
    }

    /// An approver declines: the run is held, not destroyed.
    pub const fn decline(self) -> Transition {
        match self {
            Self::PendingApproval => Ok(Self::PausedByOperator),
            from => Err(IllegalRunTransition { from, action: "decline" }),
        }
    }

    pub const fn pause(self) -> Transition {
        match self {
            Self::Running => Ok(Self::PausedByOperator),
            from => Err(IllegalRunTransition { from, action: "pause" }),
        }
    }

    /// Goes on; a run that was declined asks for its approvals again.
    pub const fn resume(self, is_approved: bool) -> Transition {
        match self {
            Self::PausedByOperator if is_approved => Ok(Self::Running),
            Self::PausedByOperator => Ok(Self::PendingApproval),
            from => Err(IllegalRunTransition { from, action: "resume" }),
        }
    }

    /// The step under way failed, which may be after a person paused the run.
    pub const fn fail_step(self) -> Transition {
        match self {
            Self::Running | Self::PausedByOperator => Ok(Self::PausedByFailedStep),
            from => Err(IllegalRunTransition { from, action: "fail a step of" }),
        }
    }

    /// A person had the failed step retried or skipped.
    pub const fn clear_failure(self) -> Transition {
        match self {
            Self::PausedByFailedStep => Ok(Self::Running),
            from => Err(IllegalRunTransition { from, action: "clear the failed step of" }),
        }
    }

    pub const fn abandon(self) -> Transition {
        match self {
            Self::Running | Self::PausedByOperator | Self::PausedByFailedStep => Ok(Self::Failed),
            from => Err(IllegalRunTransition { from, action: "abandon" }),
        }
    }

    pub const fn cancel(self) -> Transition {
        match self {
            Self::Draft | Self::PendingApproval | Self::PausedByOperator => Ok(Self::Cancelled),
            from => Err(IllegalRunTransition { from, action: "cancel" }),
        }
    }

    pub const fn finish(self, has_exceptions: bool) -> Transition {
        match self {
            Self::Running if has_exceptions => Ok(Self::CompletedWithExceptions),
            Self::Running => Ok(Self::Completed),
            from => Err(IllegalRunTransition { from, action: "finish" }),
        }
    }
}
