//! Approving and declining, in place.

use farshore_model::{
    run::{ApprovalDecision, Command, RunState},
    view::RunPage,
};
use leptos::prelude::*;

use super::{Driving, is_allowed, why_not};
use crate::{
    components::{Badge, Button, ButtonVariant, Card, Glyph, Textarea, TimeText, Tone},
    parts::PostForm,
    view,
};

/// The form while an approval is waited for; what was decided, and by whom, at any time.
#[component]
pub fn Approval(page: RunPage, driving: Driving) -> impl IntoView {
    let run = page.run;
    let is_waiting = run.state == RunState::PendingApproval;
    if !is_waiting && run.decisions.is_empty() {
        return ().into_any();
    }
    let rule = run.definition.approval;
    let given = run.approvals().len();
    let lead = format!(
        "{given} of {} needed from the role {}, never from the one who asked.",
        rule.required,
        rule.role.title().to_ascii_lowercase()
    );
    let decisions = run.decisions.iter().cloned().map(decision_line).collect_view();
    let form = is_waiting.then(|| {
        let approve = why_not(&page.commands, Command::Approve);
        let may_do_nothing =
            !is_allowed(&page.commands, Command::Approve) && !is_allowed(&page.commands, Command::Decline);
        if may_do_nothing {
            view! {
                <div class="actions"><Button glyph=Glyph::Check why_disabled=approve>"Approve"</Button></div>
            }
        } else {
            let decline = why_not(&page.commands, Command::Decline);
            view! { <Form driving approve decline/> }
        }
    });
    let title = if is_waiting { "Waits for approval" } else { "Approval" };
    view! {
        <Card title lead>
            <div class="stack">{decisions}{form}</div>
        </Card>
    }
}

#[component]
fn Form(driving: Driving, approve: Option<String>, decline: Option<String>) -> impl IntoView {
    let action = driving.action;
    view! {
        <PostForm action>
            <div class="form">
                <input type="hidden" name="id" value=driving.run.to_string()/>
                <Textarea
                    name="words"
                    id="approval-words"
                    label="Comment"
                    value=driving.typed(&[Command::Approve, Command::Decline])
                    hint="Stands in the report. To decline, say why."
                    is_optional=true
                />
                <div class="actions">
                    <Button
                        variant=ButtonVariant::Primary
                        glyph=Glyph::Check
                        name="command"
                        value="approve"
                        why_disabled=approve
                        is_busy=action.is_pending()
                    >
                        "Approve"
                    </Button>
                    <Button
                        glyph=Glyph::Pause
                        name="command"
                        value="decline"
                        why_disabled=decline
                        is_busy=action.is_pending()
                    >
                        "Decline: pause the run"
                    </Button>
                </div>
            </div>
        </PostForm>
    }
}

fn decision_line(decision: ApprovalDecision) -> impl IntoView {
    let ApprovalDecision { actor, comment, at, is_given } = decision;
    let (words, tone) = if is_given { ("approved", Tone::Ok) } else { ("declined", Tone::Warn) };
    view! {
        <p>
            <Badge tone>{words}</Badge>
            " by "<strong>{actor.name}</strong>", "<TimeText at/>
            {(!comment.is_empty()).then(|| view! { ": "<span class="quoted">{comment}</span> })}
        </p>
    }
}
