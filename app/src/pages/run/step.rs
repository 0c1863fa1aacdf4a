//! One step of a run on its timeline.

use farshore_model::{
    DurationMs, Timestamp,
    run::{Command, CommandAvailability, StepDefinition, StepFailure, StepRun, StepState},
};
use leptos::prelude::*;

use super::{Driving, conflicts::Question, is_allowed, why_not};
use crate::{
    components::{
        Alert, Button, ButtonVariant, Glyph, Icon, Progress, Step, Textarea, Tone, duration_text,
        use_seconds_since, utc_exact,
    },
    parts::{PostForm, step_look},
    view,
};

/// While it runs its duration grows each second.
#[component]
pub fn RunStep(
    index: u32,
    definition: StepDefinition,
    step: StepRun,
    is_current: bool,
    requested_at: Timestamp,
    as_of: Timestamp,
    commands: Vec<CommandAvailability>,
    driving: Driving,
) -> impl IntoView {
    let seconds_since = use_seconds_since();
    let is_running = step.state == StepState::Running;
    let so_far = step.clone();
    let took = Signal::derive(move || {
        so_far.elapsed(as_of + DurationMs::from_secs(if is_running { seconds_since() } else { 0 }))
    });
    let title = match step.attempts {
        0 | 1 => definition.title,
        attempts => format!("{} (attempt {attempts})", definition.title),
    };
    let forms = is_current.then(|| view! { <StepForms index step=step.clone() commands driving/> });
    view! {
        <Step look=step_look(&step) title detail=definition.description took planned=Some(definition.planned_ms)>
            <Findings step=step.clone()/>
            {forms}
            <Log step is_open=is_current requested_at/>
        </Step>
    }
}

/// How far it is, what it could not do, why it failed, who skipped it.
#[component]
fn Findings(step: StepRun) -> impl IntoView {
    let progress = step.progress.filter(|_| step.state == StepState::Running).map(|progress| {
        view! { <Progress label="Progress of this step" done=progress.done total=progress.total/> }
    });
    let exception = step.exception.map(|exception| {
        view! { <Alert tone=Tone::Warn title="Exception">{exception}</Alert> }
    });
    let failure = step.error.map(|StepFailure { message, remedy }| {
        view! {
            <Alert tone=Tone::Danger title=message>
                <p class="remedy"><Icon glyph=Glyph::ArrowRight/><span>{remedy}</span></p>
            </Alert>
        }
    });
    let skip = step.skip.map(|skip| {
        view! {
            <Alert tone=Tone::Neutral title=format!("Skipped by {}", skip.actor.name)>
                <span class="quoted">{skip.reason}</span>
            </Alert>
        }
    });
    view! { {progress}{exception}{failure}{skip} }
}

/// Retry, skip with a reason, answer: for the current step only.
#[component]
fn StepForms(
    index: u32,
    step: StepRun,
    commands: Vec<CommandAvailability>,
    driving: Driving,
) -> impl IntoView {
    let action = driving.action;
    let why_no_answer = why_not(&commands, Command::AnswerStep);
    let why_no_retry = why_not(&commands, Command::RetryStep);
    let question =
        (step.state == StepState::WaitingForPerson).then_some(step.question).flatten().map(|question| {
            view! { <Question index question why=why_no_answer driving/> }
        });
    let retry = (step.state == StepState::Failed).then(|| {
        view! {
            <PostForm action>
                <input type="hidden" name="id" value=driving.run.to_string()/>
                <input type="hidden" name="step" value=index.to_string()/>
                <Button
                    variant=ButtonVariant::Primary
                    glyph=Glyph::Refresh
                    name="command"
                    value=Command::RetryStep.as_str()
                    why_disabled=why_no_retry
                    is_busy=action.is_pending()
                >
                    "Retry this step"
                </Button>
            </PostForm>
        }
    });
    let skip = is_allowed(&commands, Command::SkipStep).then(|| {
        view! {
            <details class="fold">
                <summary><Icon glyph=Glyph::Skip/>"Skip this step…"</summary>
                <PostForm action>
                    <div class="form">
                        <input type="hidden" name="id" value=driving.run.to_string()/>
                        <input type="hidden" name="step" value=index.to_string()/>
                        <Textarea
                            name="words"
                            id="skip-words"
                            label="Reason"
                            hint="What the step would have done stays undone; the run ends with an exception."
                            value=driving.typed(&[Command::SkipStep])
                            is_required=true
                        />
                        <div class="actions">
                            <Button
                                variant=ButtonVariant::Danger
                                name="command"
                                value=Command::SkipStep.as_str()
                                is_busy=action.is_pending()
                            >
                                "Skip this step"
                            </Button>
                        </div>
                    </div>
                </PostForm>
            </details>
        }
    });
    view! {
        {question}
        <div class="acts">{retry}{skip}</div>
    }
}

/// What the step wrote down, each line with the time since the request.
#[component]
fn Log(step: StepRun, is_open: bool, requested_at: Timestamp) -> impl IntoView {
    if step.log.is_empty() {
        return ().into_any();
    }
    let count = step.log.len();
    let lines = step
        .log
        .into_iter()
        .map(|line| {
            let exact = utc_exact(line.at);
            let offset = format!("+{}", duration_text(line.at.since(requested_at)));
            view! { <li><time datetime=exact.clone() title=exact>{offset}</time><span>{line.message}</span></li> }
        })
        .collect_view();
    let summary = if count == 1 { "Log: 1 line".to_owned() } else { format!("Log: {count} lines") };
    let content = view! {
        <summary>{summary}</summary>
        <ol>{lines}</ol>
    };
    // No `open` that is false: attributes are set anew whenever the page is read again, and that would close what
    // somebody reads.
    if is_open {
        view! { <details class="step-log" open=true>{content}</details> }
    } else {
        view! { <details class="step-log">{content}</details> }
    }
}
