//! Every object of a group's pairs, and how it stands.

mod kinds;
mod objects;

use farshore_model::{
    GroupId,
    view::{LedgerFilter, LedgerPage},
};
use leptos::prelude::*;

use self::{kinds::Kinds, objects::Objects};
use super::{choose_version::choosing, read_and_show};
use crate::{
    api::RunObjectAgain,
    components::{Crumb, PageHeader},
    parts::{FormAction, FormProblem, GroupTab, GroupTabs, some_text, use_path_id, use_query},
    view,
};

#[component]
pub fn Ledger() -> impl IntoView {
    let id = use_path_id::<GroupId>().get();
    let filter = LedgerFilter {
        pair: use_query("pair").get().parse().ok(),
        kind: use_query("kind").get().parse().ok(),
        state: use_query("state").get().parse().ok(),
        is_held_only: !use_query("held").get().is_empty(),
        text: some_text(use_query("text").get()),
    };
    let number = use_query("page").get().parse().unwrap_or(1);
    let again = FormAction::of::<RunObjectAgain>();
    let choosing = choosing();
    read_and_show(
        async move |control, actor| {
            control.ledger_page(&actor, id.map_err(|refused| refused.problem)?, filter, number).await
        },
        move |page| view! { <Whole page again choosing/> },
    )
}

#[component]
fn Whole(page: LedgerPage, again: FormAction, choosing: FormAction) -> impl IntoView {
    let group = page.group.clone();
    view! {
        <PageHeader
            title="Ledger"
            crumbs=vec![Crumb::new("Overview", "/"), Crumb::new(group.name, format!("/groups/{}", group.id))]
            lead="Every object that is known on either side, what last became of it, and since when both sides agree."
        />
        <div class="stack">
            <GroupTabs group=group.id current=GroupTab::Ledger/>
            <FormProblem problem=again.problem()/>
            <FormProblem problem=choosing.problem()/>
            <Kinds
                group=group.id
                kinds=page.kinds.clone()
                pairs=page.pairs.clone()
                as_of=page.as_of
            />
            <Objects page again choosing/>
        </div>
    }
}
