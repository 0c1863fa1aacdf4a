//! What of a group is replicated, and how. One form; every button posts it to this page.

mod draft;
mod filter;
mod handling;

use farshore_control::Control;
use farshore_model::{
    Actor, GroupId, Problem,
    replication_settings::{Bundles, OnDrift},
    view::{SettingsPage, why_not},
};
use leptos::prelude::*;

use self::{draft::Draft, filter::Filters, handling::HandlingTable};
use super::{
    group_form::{self, GroupForm, field_error, group_form},
    rows::Press,
};
use crate::{
    api::PostedForm,
    components::{Button, ButtonVariant, Card, KeyValue, KeyValues, RadioCard, RadioCards, TextInput},
    parts::{GroupTab, counted},
    view,
};

#[component]
pub fn Settings() -> impl IntoView {
    group_form::<Draft>()
}

impl GroupForm for Draft {
    const TAB: GroupTab = GroupTab::Settings;
    const LEAD: &'static str = "What of this group is carried to the other side, and how.";
    const PREVIEWED: &'static str = "settings-fields";
    type Findings = ();

    fn stored(page: &SettingsPage) -> Self {
        Self::of(&page.settings)
    }

    fn typed(form: &PostedForm, page: &SettingsPage) -> Result<Self, Problem> {
        Self::typed(form, &page.settings)
    }

    fn arrange(&mut self, press: &Press, _: &SettingsPage) {
        press.arrange(&mut self.filters);
    }

    async fn save(
        &self,
        control: &Control,
        actor: &Actor,
        group: GroupId,
        version: i64,
    ) -> Result<(), Problem> {
        control.edit_settings(actor, group, self.edit(version)?).await
    }

    /// Nothing beyond what stands beside each choice.
    async fn look(&self, _: &Control, _: &Actor, _: GroupId, _: &Press) {}

    fn fields(self, page: SettingsPage, (): (), refused: Option<&Problem>) -> AnyView {
        let address = group_form::address::<Self>(page.group.id);
        let why_disabled = why_not(&page.actions, "edit_group");
        view! { <Fields address draft=self why_disabled problem=refused.cloned()/> }
    }

    fn stored_in_words(page: &SettingsPage) -> AnyView {
        let settings = &page.settings;
        let handled: Vec<String> = settings
            .handling
            .iter()
            .map(|(kind, handling)| format!("{}: {}", kind.title(), handling.title().to_lowercase()))
            .collect();
        let handled = if handled.is_empty() { "everything is synced".to_owned() } else { handled.join(", ") };
        let filters = settings
            .filters
            .iter()
            .map(|filter| view! { <li>{filter::in_words(filter)}</li> })
            .collect_view();
        let none = settings.filters.is_empty().then_some("none");
        let by_hand = drift_words(settings.on_drift).0;
        let bundles = bundle_words(settings.bundles).0;
        let brake = settings.brake;
        view! {
            <KeyValues>
                <KeyValue label="Handling">{handled}</KeyValue>
                <KeyValue label="Filters">{none}<ol class="bullets">{filters}</ol></KeyValue>
                <KeyValue label="Changes by hand">{by_hand}</KeyValue>
                <KeyValue label="What bundles deploy">{bundles}</KeyValue>
                <KeyValue label="Deletion brake">
                    {format!("{}, {} %", counted(brake.most_objects, "object", "objects"), brake.most_percent)}
                </KeyValue>
            </KeyValues>
        }
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
    let bundles = Bundles::ALL
        .map(|choice| {
            let (title, meaning) = bundle_words(choice);
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
        <Card title="What bundles deploy">
            <RadioCards
                name="bundles"
                legend="Who brings jobs and files that a bundle deploys to the other side?"
                cards=bundles
                selected=draft.bundles.as_str()
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

const fn bundle_words(choice: Bundles) -> (&'static str, &'static str) {
    match choice {
        Bundles::LeftToCiCd => (
            "Left to CI/CD",
            "The pipeline deploys to both sides. A sync compares them and says what differs.",
        ),
        Bundles::Carried => (
            "Carried by syncs",
            "Nobody else deploys there. What a bundle notes about its own side is left out, so that a later deployment \
             starts anew.",
        ),
    }
}

const fn drift_words(choice: OnDrift) -> (&'static str, &'static str) {
    match choice {
        OnDrift::Overwrite => ("Overwrite", "It is made equal to the active side again by the next sync."),
        OnDrift::Keep => ("Keep", "It stays as it is there, and is shown as different."),
        OnDrift::Ask => ("Ask", "It is a conflict, and stays until somebody has chosen a version."),
    }
}
