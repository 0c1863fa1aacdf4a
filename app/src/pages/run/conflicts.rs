//! What a step asks a person: objects that were changed on both sides, one choice each.

use farshore_model::{
    group::Side,
    run::{self, Command},
    view::ConflictChoice,
};
use leptos::prelude::*;

use super::Driving;
use crate::{
    components::{Alert, Button, ButtonVariant, Tone},
    parts::{Changes, PostForm},
    view,
};

#[component]
pub fn Question(index: u32, question: run::Question, why: Option<String>, driving: Driving) -> impl IntoView {
    let action = driving.action;
    let form = match serde_json::from_value::<Vec<ConflictChoice>>(question.details) {
        Ok(conflicts) if !conflicts.is_empty() => view! {
            <PostForm action>
                <div class="stack">
                    <input type="hidden" name="id" value=driving.run.to_string()/>
                    <input type="hidden" name="step" value=index.to_string()/>
                    {(0_u32..).zip(conflicts).map(|(place, conflict)| view! { <Conflict place conflict/> }).collect_view()}
                    <div class="actions">
                        <Button
                            variant=ButtonVariant::Primary
                            name="command"
                            value=Command::AnswerStep.as_str()
                            why_disabled=why
                            is_busy=action.is_pending()
                        >
                            "Go on with these choices"
                        </Button>
                    </div>
                </div>
            </PostForm>
        },
        _ => ().into_any(),
    };
    view! {
        <Alert tone=Tone::Warn title=question.message/>
        {form}
    }
}

/// One object, what differs, and whose version is kept.
#[component]
fn Conflict(place: u32, conflict: ConflictChoice) -> impl IntoView {
    let ConflictChoice { pair_id, object, name, changes } = conflict;
    let key = format!("{pair_id}/{object}");
    let choice = |side: Side, label: &'static str| {
        let id = format!("choice-{place}-{side}");
        view! {
            <div class="radio-line">
                <input type="radio" id=id.clone() name=format!("choices[{place}]") value=side.as_str() required/>
                <label for=id>{label}</label>
            </div>
        }
    };
    view! {
        <fieldset class="conflict">
            <legend>{format!("{}: {name}", object.kind.singular())}</legend>
            <input type="hidden" name=format!("objects[{place}]") value=key/>
            {(!changes.is_empty()).then(|| view! { <Changes changes/> })}
            {choice(Side::Primary, "Keep the version of the home region")}
            {choice(Side::Secondary, "Keep the version of the region that is active now")}
        </fieldset>
    }
}
