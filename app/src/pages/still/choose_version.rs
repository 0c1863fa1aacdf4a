//! The buttons that settle a conflict.

use farshore_model::{
    GroupId,
    group::{FailoverGroup, Side},
    view::{LedgerRow, LedgerState, PairNames},
};
use leptos::prelude::*;

use crate::{
    api::ChooseVersion as Choosing,
    components::Button,
    parts::{FormAction, PostForm},
    view,
};

/// What all choices of a page have in common.
#[derive(Clone)]
pub(super) struct Choices {
    group: GroupId,
    active_region: String,
    action: FormAction,
    /// Why none can be made now.
    why_not: Option<String>,
}

impl Choices {
    pub(super) fn of(group: &FailoverGroup, action: FormAction, why_not: Option<String>) -> Self {
        Self { group: group.id, active_region: group.active_region.clone(), action, why_not }
    }
}

pub(super) fn choosing() -> FormAction {
    FormAction::of::<Choosing>()
}

/// For an object in conflict, which version is kept and what becomes of the other one; nothing for any other.
#[component]
pub(super) fn ChooseVersion(row: LedgerRow, pair: Option<PairNames>, choices: Choices) -> impl IntoView {
    let Choices { group, active_region, action, why_not } = choices;
    let sides = [Side::Primary, Side::Secondary];
    // Where a third region is active, no side is read.
    let pair = pair.filter(|pair| sides.iter().any(|side| pair.region(*side) == active_region));
    let Some(pair) = pair.filter(|_| row.state == LedgerState::Conflict) else { return ().into_any() };
    let offers = sides.map(|side| {
        let (region, other) = (pair.region(side).to_owned(), pair.region(side.other()).to_owned());
        let consequence =
            if region == active_region { replaces(&region, &other) } else { stays(&region, &other) };
        let label = format!("Keep the one in {region}: {}", row.name);
        view! {
            <div class="stack-tight">
                <Button
                    name="side"
                    value=side.as_str()
                    is_small=true
                    why_disabled=why_not.clone()
                    aria_label=label
                >
                    "Keep the one in "{region}
                </Button>
                <span class="muted">{consequence}</span>
            </div>
        }
    });
    view! {
        <PostForm action>
            <input type="hidden" name="group_id" value=group.to_string()/>
            <input type="hidden" name="pair_id" value=row.pair_id.to_string()/>
            <input type="hidden" name="kind" value=row.object.kind.as_str()/>
            <input type="hidden" name="key" value=row.object.key/>
            <div class="stack-tight">{offers.into_iter().collect_view()}</div>
        </PostForm>
    }
    .into_any()
}

/// What becomes of the passive side's version when the active side's is chosen.
fn replaces(active: &str, passive: &str) -> String {
    format!(
        "It is put in the place of the one in {passive}, which is lost. If it was deleted in {active}, it is deleted \
         in {passive} too."
    )
}

/// What becomes of both when the passive side's version is chosen.
fn stays(passive: &str, active: &str) -> String {
    format!(
        "It stays in {passive}, or stays deleted there, until the one in {active} changes; then you are asked again. \
         Only a group that is set to overwrite drift ends this sooner. The one in {active} stays as it is: nothing is \
         carried back."
    )
}
