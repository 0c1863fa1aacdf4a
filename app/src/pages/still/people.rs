//! How the users, groups and service principals of a group's pairs differ.

mod differences;
mod standing;

use farshore_model::{
    GroupId,
    view::{PeopleFilter, PeoplePage, why_not},
};
use leptos::prelude::*;

use self::{differences::Differences, standing::Standing};
use super::read_and_show;
use crate::{
    api::ComparePeople,
    components::{Button, Crumb, Glyph, PageHeader, duration_text},
    parts::{FormAction, FormProblem, GroupTab, GroupTabs, PostForm, some_text, use_path_id, use_query},
    view,
};

#[component]
pub fn People() -> impl IntoView {
    let id = use_path_id::<GroupId>().get();
    let (pair, kind, text) = (use_query("pair"), use_query("kind"), use_query("text"));
    let filter = PeopleFilter {
        pair: pair.get().parse().ok(),
        kind: kind.get().parse().ok(),
        text: some_text(text.get()),
        page: use_query("page").get().parse().unwrap_or(1).max(1),
    };
    let compare = FormAction::of::<ComparePeople>();
    read_and_show(
        async move |control, actor| {
            control.people_page(&actor, id.map_err(|refused| refused.problem)?, filter).await
        },
        move |page| view! { <Whole page compare/> },
    )
}

#[component]
fn Whole(page: PeoplePage, compare: FormAction) -> impl IntoView {
    let group = page.group.clone();
    let lead = format!(
        "Users, groups and service principals of both sides, compared every {}. Comparing writes nothing.",
        duration_text(page.interval)
    );
    let why_disabled = why_not(&page.actions, "compare_people");
    let id = group.id.to_string();
    let actions = move || {
        view! {
            <PostForm action=compare>
                <input type="hidden" name="group_id" value=id.clone()/>
                <Button glyph=Glyph::Sync why_disabled=why_disabled.clone()>"Compare now"</Button>
            </PostForm>
        }
    };
    // What is under way is looked at again until it is there.
    let is_under_way = page.pairs.iter().any(|pair| pair.next_at <= page.as_of);
    let as_of = page.as_of;
    let standings =
        page.pairs.clone().into_iter().map(|pair| view! { <Standing pair as_of/> }).collect_view();
    view! {
        <PageHeader
            title="People"
            crumbs=vec![Crumb::new("Overview", "/"), Crumb::new(group.name, format!("/groups/{}", group.id))]
            lead
            actions
        />
        <div class="stack">
            <GroupTabs group=group.id current=GroupTab::People/>
            <FormProblem problem=compare.problem()/>
            <div id="people" class="stack" data-refresh-ms=is_under_way.then_some("1000")>
                {standings}
                <Differences page/>
            </div>
        </div>
    }
}
