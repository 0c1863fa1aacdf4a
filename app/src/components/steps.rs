//! The steps of a run.

use farshore_model::DurationMs;
use leptos::prelude::*;

use super::{Glyph, Icon, OptionalText, Tone, duration_text};
use crate::view;

/// The state of a step, as the runbook engine names it, plus the one that ended with an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepLook {
    NotStarted,
    Running,
    PendingApproval,
    WaitingForPerson,
    Skipped,
    Failed,
    Cancelled,
    Completed,
    CompletedWithException,
}

impl StepLook {
    /// The words that a screen shows.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotStarted => "Not started",
            Self::Running => "Running",
            Self::PendingApproval => "Waits for approval",
            Self::WaitingForPerson => "Waits for a person",
            Self::Skipped => "Skipped",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::Completed => "Completed",
            Self::CompletedWithException => "Completed with an exception",
        }
    }

    pub const fn tone(self) -> Tone {
        match self {
            Self::NotStarted | Self::Skipped | Self::Cancelled => Tone::Neutral,
            Self::Running => Tone::Info,
            Self::PendingApproval | Self::WaitingForPerson | Self::CompletedWithException => Tone::Warn,
            Self::Failed => Tone::Danger,
            Self::Completed => Tone::Ok,
        }
    }

    pub const fn glyph(self) -> Glyph {
        match self {
            Self::NotStarted => Glyph::Clock,
            Self::Running => Glyph::Refresh,
            Self::PendingApproval => Glyph::Person,
            Self::WaitingForPerson => Glyph::Hand,
            Self::Skipped => Glyph::Skip,
            Self::Failed | Self::Cancelled => Glyph::Cross,
            Self::Completed => Glyph::Check,
            Self::CompletedWithException => Glyph::Warning,
        }
    }
}

/// The list around [`Step`]s: a line down the left, one mark per step.
#[component]
pub fn Steps(#[prop(into)] label: String, children: Children) -> impl IntoView {
    view! { <ol class="steps" aria-label=label>{children()}</ol> }.into_any()
}

/// One step: state, title, what it did or waits for, how long it took against how long it was planned to take.
/// Children stand below: log lines, an approval form, retry and skip.
#[component]
pub fn Step(
    look: StepLook,
    #[prop(into)] title: String,
    #[prop(optional, into)] detail: OptionalText,
    /// How long it took, or has taken so far.
    #[prop(optional, into)]
    took: Signal<Option<DurationMs>>,
    /// How long it should take.
    #[prop(optional_no_strip)]
    planned: Option<DurationMs>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let is_running = look == StepLook::Running;
    let class = format!("step {}{}", look.tone().class(), if is_running { " is-moving" } else { "" });
    view! {
        <li class=class aria-current=is_running.then_some("step")>
            <span class="step-mark"><Icon glyph=look.glyph()/></span>
            <div class="step-body">
                <div class="step-head">
                    <span class="step-title">{title}</span>
                    <span class="step-state">{look.words()}</span>
                    <span class="step-time">{move || time_against_plan(took.get(), planned)}</span>
                </div>
                {move || took.get().zip(planned).map(|(took, planned)| plan_bar(took, planned))}
                {detail.into_option().map(|detail| view! { <p class="step-detail">{detail}</p> })}
                {children.map(|children| view! { <div class="step-more">{children()}</div> })}
            </div>
        </li>
    }
    .into_any()
}

fn time_against_plan(took: Option<DurationMs>, planned: Option<DurationMs>) -> String {
    match (took, planned) {
        (Some(took), Some(planned)) => {
            format!("{} of {} planned", duration_text(took), duration_text(planned))
        }
        (Some(took), None) => duration_text(took),
        (None, Some(planned)) => format!("{} planned", duration_text(planned)),
        (None, None) => String::new(),
    }
}

/// The words beside it say the same: the bar is for the eye only.
fn plan_bar(took: DurationMs, planned: DurationMs) -> impl IntoView {
    let share = took.0.saturating_mul(100) / planned.0.max(1);
    let class = if share > 100 { "step-bar is-over" } else { "step-bar" };
    view! {
        <div class=class aria-hidden="true">
            <div style:width=format!("{}%", share.clamp(0, 100))></div>
        </div>
    }
    .into_any()
}
