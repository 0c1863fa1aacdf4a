//! One sync: its plan before it is applied, its progress while it is, its outcome afterwards.

mod items;
mod outcome;
mod summary;

use farshore_model::{
    SyncRunId,
    group::Side,
    view::{PlanFilter, SyncPage, Topic},
};
use leptos::prelude::*;

use self::{
    items::Items,
    outcome::{Failures, Outcome},
    summary::Summary,
};
use crate::{
    api::{ApiProblem, DecidePlan, read},
    components::{Crumb, Glyph, Icon, PageHeader, RelativeAge, StatusBadge},
    live::use_changes,
    parts::{
        FormAction, FormProblem, Loaded, PageData, some_text, sync_words, trigger_words, use_path_id,
        use_query,
    },
    view,
};

#[component]
pub fn Sync() -> impl IntoView {
    let id = use_path_id::<SyncRunId>();
    let changes = use_changes(move |topic| match topic {
        Topic::SyncRun(changed) => id.get_untracked() == Ok(*changed),
        _ => false,
    });
    let (kind, action, text) = (use_query("kind"), use_query("action"), use_query("text"));
    let (failed, number) = (use_query("failed"), use_query("page"));
    let decide = FormAction::of::<DecidePlan>();
    let page = PageData::new(move || {
        changes.track();
        decide.attempts().track();
        // What somebody wrote into the address and means nothing filters nothing.
        let filter = PlanFilter {
            kind: kind.get().parse().ok(),
            action: action.get().parse().ok(),
            text: some_text(text.get()),
            is_failed_only: !failed.get().is_empty(),
            page: number.get().parse().unwrap_or(1).max(1),
        };
        Ok(read::sync(id.get()?, filter))
    });
    let problem = decide.problem();
    view! { <Loaded page render=move |page| view! { <Whole page decide problem/> }/> }
}

#[component]
fn Whole(page: SyncPage, decide: FormAction, problem: Signal<Option<ApiProblem>>) -> impl IntoView {
    let (label, tone) = sync_words(page.run.state);
    let (primary, secondary) =
        (page.pair.primary.workspace.region.clone(), page.pair.secondary.workspace.region.clone());
    let (from, to) = match page.run.source {
        Side::Primary => (primary, secondary),
        Side::Secondary => (secondary, primary),
    };
    let by = match &page.run.requested_by {
        Some(name) => name.clone(),
        None => trigger_words(page.run.trigger).to_owned(),
    };
    let crumbs = vec![
        Crumb::new("Overview", "/"),
        Crumb::new(page.group.name.clone(), format!("/groups/{}", page.group.id)),
    ];
    let is_moving = page.run.state.is_working();
    let created_at = page.run.created_at;
    let as_of = page.as_of;
    view! {
        <PageHeader title=format!("Sync of {}", page.group.name) crumbs>
            <StatusBadge tone label is_moving/>
        </PageHeader>
        <div class="stack">
            <p class="run-way">
                <span class="region-name">{from}</span>
                <Icon glyph=Glyph::ArrowRight label="to"/>
                <span class="region-name">{to.clone()}</span>
                <span class="muted">{format!("asked for by {by}, ")}<RelativeAge at=created_at now=as_of/></span>
            </p>
            <FormProblem problem/>
            <Outcome page=page.clone() target=to decide/>
            <Failures failures=page.failures.clone()/>
            <Summary kinds=page.kinds.clone() counts=page.counts run=page.run.id/>
            <Items page/>
        </div>
    }
}
