//! What of a group is replicated, and how. One form; every button posts it to this page.

mod draft;
mod filter;
mod handling;

use std::sync::Arc;

use farshore_control::Control;
use farshore_model::{
    Actor, GroupId, Problem, ProblemKind,
    replication_settings::{OnDrift, ReplicationSettings},
    view::{SettingsPage, why_not},
};
use leptos::prelude::*;

use self::{draft::Draft, filter::Filters, handling::HandlingTable};
use super::{
    answer::{field_error, refused, see_other},
    read_and_show,
    rows::{FirstButton, Press},
};
use crate::{
    api::PostedForm,
    components::{
        Alert, Button, ButtonVariant, Card, Crumb, KeyValue, KeyValues, PageHeader, RadioCard, RadioCards,
        TextInput, Tone,
    },
    parts::{GroupTab, GroupTabs, counted, use_path_id, use_query},
    view,
};

/// The form as it stands, and what there is to be said about it.
struct Shown {
    page: SettingsPage,
    /// As it was read, or as it was read when the form was opened.
    version: i64,
    draft: Draft,
    refused: Option<Problem>,
}

#[component]
pub fn Settings() -> impl IntoView {
    let id = use_path_id::<GroupId>().get();
    let form = use_context::<PostedForm>();
    let is_saved = !use_query("saved").get().is_empty();
    let kept = id.as_ref().map(|id| format!("{}?saved=1", path(*id))).unwrap_or_default();
    read_and_show(
        async move |control, actor| {
            answer(&control, &actor, id.map_err(|refused| refused.problem)?, form).await
        },
        move |shown| match shown {
            Some(shown) => view! { <Whole shown is_saved/> },
            None => see_other(&kept),
        },
    )
}

fn path(group: GroupId) -> String {
    format!("/groups/{group}/settings")
}

/// Does what the form says. None: it was kept, and there is nothing to be said about it here.
async fn answer(
    control: &Arc<Control>,
    actor: &Actor,
    id: GroupId,
    form: Option<PostedForm>,
) -> Result<Option<Shown>, Problem> {
    let page = control.settings_page(actor, id).await?;
    let Some(form) = form else {
        let draft = Draft::of(&page.settings);
        return Ok(Some(Shown { version: page.version, page, draft, refused: None }));
    };
    let mut draft = Draft::typed(&form);
    let press = Press::of(&form);
    press.arrange(&mut draft.filters);
    let version = form.trimmed("version").parse().unwrap_or(page.version);
    let mut refused = None;
    if press == Press::Save {
        let kept = match draft.edit(version) {
            Ok(edit) => control.edit_settings(actor, id, edit).await,
            Err(problem) => Err(problem),
        };
        match kept {
            Ok(()) => return Ok(None),
            Err(problem) => refused = Some(problem),
        }
    }
    // Whoever saves again has seen what somebody else has stored.
    let is_stale = refused.as_ref().is_some_and(|problem| problem.kind == ProblemKind::Stale);
    let version = if is_stale { page.version } else { version };
    Ok(Some(Shown { page, version, draft, refused }))
}

#[component]
fn Whole(shown: Shown, is_saved: bool) -> impl IntoView {
    let Shown { page, version, draft, refused: problem } = shown;
    let group = page.group.clone();
    let address = path(group.id);
    let saved = is_saved.then(|| {
        view! { <Alert tone=Tone::Ok title="Saved. It holds from the next plan on."/> }
    });
    let is_stale = problem.as_ref().is_some_and(|problem| problem.kind == ProblemKind::Stale);
    let stored_now = is_stale.then(|| view! { <StoredNow settings=page.settings.clone()/> });
    let fields = view! { <Fields address=address.clone() draft why_disabled=why_not(&page.actions, "edit_group") problem=problem.clone()/> };
    view! {
        <PageHeader
            title="Replication"
            crumbs=vec![Crumb::new("Overview", "/"), Crumb::new(group.name, format!("/groups/{}", group.id))]
            lead="What of this group is carried to the other side, and how."
        />
        <div id="answer" class="stack">
            <GroupTabs group=group.id current=GroupTab::Settings/>
            {saved}
            {refused(problem)}
            {stored_now}
            <form
                method="post"
                action=format!("{address}#answer")
                data-preview="settings-fields"
                data-preview-action=address
            >
                <FirstButton/>
                <input type="hidden" name="version" value=version.to_string()/>
                <div id="settings-fields" class="stack">{fields}</div>
            </form>
        </div>
    }
}

/// All that can be decided; what each choice means is said again when it changes.
#[component]
fn Fields(
    address: String,
    draft: Draft,
    why_disabled: Option<String>,
    problem: Option<Problem>,
) -> impl IntoView {
    let error = |field: &str| field_error(problem.as_ref(), field);
    let drift = OnDrift::ALL
        .map(|choice| {
            let (title, meaning) = drift_words(choice);
            RadioCard::new(choice.as_str(), title, meaning)
        })
        .into();
    let most_objects = error("most_objects");
    let most_percent = error("most_percent");
    view! {
        <Card title="Handling" lead="How each kind of object gets to the other side." is_flush=true>
            <HandlingTable chosen=draft.handling/>
        </Card>
        <Card
            title="Scope"
            lead="The first filter that fits an object decides whether it is carried; one that none fits is. In patterns * stands for any text."
        >
            <Filters address filters=draft.filters problem=problem.clone()/>
        </Card>
        <Card title="Changes by hand on the passive side">
            <RadioCards
                name="on_drift"
                legend="What is done with an object that somebody has changed there?"
                cards=drift
                selected=draft.on_drift.as_str()
            />
        </Card>
        <Card
            title="Deletion brake"
            lead="A sync that would delete more than this stops before it writes anything, and waits for a person who has looked at its plan."
        >
            <div class="form">
                <TextInput
                    name="most_objects"
                    label="At most so many objects"
                    hint="0: every deletion is looked at. A handful, up to 5, is never counted as a share."
                    kind="number"
                    input_mode="numeric"
                    value=draft.most_objects
                    error=most_objects
                />
                <TextInput
                    name="most_percent"
                    label="At most so many per cent of the objects that the ledger knows"
                    hint="0 to 100; with 100 the number above decides alone."
                    kind="number"
                    input_mode="numeric"
                    value=draft.most_percent
                    error=most_percent
                />
            </div>
        </Card>
        <div class="actions">
            <Button variant=ButtonVariant::Primary name="do" value="save" why_disabled>"Save"</Button>
        </div>
    }
}

const fn drift_words(choice: OnDrift) -> (&'static str, &'static str) {
    match choice {
        OnDrift::Overwrite => ("Overwrite", "It is made equal to the active side again by the next sync."),
        OnDrift::Keep => ("Keep", "It stays as it is there, and is shown as different."),
        OnDrift::Ask => ("Ask", "It is a conflict, and stays until somebody has chosen a version."),
    }
}

/// What somebody else stored meanwhile.
#[component]
fn StoredNow(settings: ReplicationSettings) -> impl IntoView {
    let handled: Vec<String> = settings
        .handling
        .iter()
        .map(|(kind, handling)| format!("{}: {}", kind.title(), handling.title().to_lowercase()))
        .collect();
    let handled = if handled.is_empty() { "everything is synced".to_owned() } else { handled.join(", ") };
    let filters =
        settings.filters.iter().map(|filter| view! { <li>{filter::in_words(filter)}</li> }).collect_view();
    let none = settings.filters.is_empty().then_some("none");
    let brake = settings.brake;
    view! {
        <Alert tone=Tone::Warn title="Stored now, by somebody else. What you typed still stands in the form; saving again replaces this:">
            <KeyValues>
                <KeyValue label="Handling">{handled}</KeyValue>
                <KeyValue label="Filters">{none}<ol class="bullets">{filters}</ol></KeyValue>
                <KeyValue label="Changes by hand">{drift_words(settings.on_drift).0}</KeyValue>
                <KeyValue label="Deletion brake">
                    {format!("{}, {} %", counted(brake.most_objects, "object", "objects"), brake.most_percent)}
                </KeyValue>
            </KeyValues>
        </Alert>
    }
}
