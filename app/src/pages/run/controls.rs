//! Pause and resume, abandon and cancel.

use farshore_model::run::{Command, CommandAvailability, RunState};
use leptos::prelude::*;

use super::{Driving, why_not};
use crate::{
    components::{Button, ButtonVariant, Card, Glyph, Icon, Textarea},
    parts::PostForm,
    view,
};

/// What can be done to the run as a whole; gone once it has ended.
#[component]
pub fn Controls(state: RunState, commands: Vec<CommandAvailability>, driving: Driving) -> impl IntoView {
    if state.is_ended() {
        return ().into_any();
    }
    let action = driving.action;
    let (command, label, glyph) = if state.is_paused() {
        (Command::Resume, "Resume", Glyph::Play)
    } else {
        (Command::Pause, "Pause", Glyph::Pause)
    };
    // Nothing was done before the approval: then the run is withdrawn, not given up half-way.
    let (end, end_label, end_id, end_hint) = if state == RunState::PendingApproval || is_declined(&commands) {
        (
            Command::Cancel,
            "Cancel the run",
            "cancel-words",
            "Nothing has been done yet; the run is withdrawn.",
        )
    } else {
        (
            Command::Abandon,
            "Abandon the run",
            "abandon-words",
            "What was done stays done: the group may be left between two regions.",
        )
    };
    let why_hold = why_not(&commands, command);
    let ending = match why_not(&commands, end) {
        // A role that may not drive the run is told so once.
        Some(why) if why_hold.as_ref() == Some(&why) => ().into_any(),
        Some(why) => view! {
            <Button variant=ButtonVariant::Quiet glyph=Glyph::Cross why_disabled=why>{end_label}</Button>
        },
        None => view! {
            <details class="fold">
                <summary><Icon glyph=Glyph::Cross/>{end_label}"…"</summary>
                <PostForm action>
                    <div class="form">
                        <input type="hidden" name="id" value=driving.run.to_string()/>
                        <Textarea
                            name="words"
                            id=end_id
                            label="Reason"
                            hint=end_hint
                            value=driving.typed(&[end])
                            is_required=true
                        />
                        <div class="actions">
                            <Button
                                variant=ButtonVariant::Danger
                                name="command"
                                value=end.as_str()
                                is_busy=action.is_pending()
                            >
                                {end_label}
                            </Button>
                        </div>
                    </div>
                </PostForm>
            </details>
        },
    };
    view! {
        <Card title="Drive the run">
            <div class="acts">
                <PostForm action>
                    <input type="hidden" name="id" value=driving.run.to_string()/>
                    <Button
                        glyph
                        name="command"
                        value=command.as_str()
                        why_disabled=why_hold
                        is_busy=action.is_pending()
                    >
                        {label}
                    </Button>
                </PostForm>
                {ending}
            </div>
        </Card>
    }
}

/// Paused before it began: cancelling is possible.
fn is_declined(commands: &[CommandAvailability]) -> bool {
    why_not(commands, Command::Cancel).is_none()
}
