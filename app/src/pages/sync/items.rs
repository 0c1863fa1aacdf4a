//! The plan, object by object.

use std::{collections::BTreeMap, sync::Arc};

use farshore_model::{
    GroupId,
    kind::ObjectKind,
    plan::{PlanAction, PlanItem},
    sync_run::ItemOutcome,
    view::{PlanFilter, SyncPage},
};
use leptos::prelude::*;

use super::summary::filter_address;
use crate::{
    components::{
        Badge, Button, ButtonVariant, Card, Checkbox, Choice, EmptyState, Glyph, Icon, LinkButton,
        Pagination, Select, StatusBadge, TextInput, Tone,
    },
    parts::{FoldedChanges, action_words, address, outcome_words},
    view,
};

/// One page of the plan behind a filter that lives in the address.
#[component]
pub fn Items(page: SyncPage) -> impl IntoView {
    let SyncPage { run, counts, items, outcomes, filter, page: info, .. } = page;
    if counts.is_none() {
        return ().into_any();
    }
    let id = run.id;
    let is_filtered =
        filter.kind.is_some() || filter.action.is_some() || filter.text.is_some() || filter.is_failed_only;
    if items.is_empty() && !is_filtered {
        return ().into_any();
    }
    let mut outcomes: BTreeMap<u32, ItemOutcome> =
        outcomes.into_iter().map(|outcome| (outcome.index, outcome)).collect();
    let list = if items.is_empty() {
        view! { <EmptyState title="No object fits this filter" glyph=Glyph::Search/> }
    } else {
        let rows = items
            .into_iter()
            .map(|item| {
                let outcome = outcomes.remove(&item.index);
                view! { <Item item outcome group=run.group_id/> }
            })
            .collect_view();
        view! { <ul class="plan-list">{rows}</ul> }
    };
    let of_filter = filter.clone();
    let href = move |number| filter_address(id, &of_filter, number);
    view! {
        <Card title="Object by object" lead="In the order in which they are written." is_flush=true>
            <Filter id=id.to_string() filter is_filtered/>
            {list}
            <Pagination page=info.page.max(1) pages=info.pages() total=u64::from(info.total) noun="objects" href/>
        </Card>
    }
}

#[component]
fn Filter(id: String, filter: PlanFilter, is_filtered: bool) -> impl IntoView {
    let mut kinds = vec![Choice::new("", "All kinds")];
    kinds.extend(ObjectKind::ALL.map(|kind| Choice::new(kind.as_str(), kind.title())));
    let mut actions = vec![Choice::new("", "All actions")];
    actions.extend(PlanAction::ALL.map(|action| Choice::new(action.as_str(), action_words(action).0)));
    let here = format!("/syncs/{id}");
    let export = |format: &str| format!("/api/v1/syncs/{id}/export?format={format}");
    let (csv, json) = (export("csv"), export("json"));
    let action = here.clone();
    view! {
        <form method="get" action=action class="filter" role="search">
            <Select name="kind" label="Kind" choices=kinds selected=filter.kind.map(|kind| kind.as_str())/>
            <Select name="action" label="Action" choices=actions selected=filter.action.map(|action| action.as_str())/>
            <TextInput name="text" label="Name contains" kind="search" value=filter.text/>
            <Checkbox name="failed" label="Only failed" value="1" is_checked=filter.is_failed_only/>
            <div class="actions">
                <Button glyph=Glyph::Search>"Filter"</Button>
                {is_filtered.then(|| view! { <LinkButton href=here variant=ButtonVariant::Quiet>"Clear"</LinkButton> })}
                <LinkButton href=csv variant=ButtonVariant::Quiet is_external=true>"All as CSV"</LinkButton>
                <LinkButton href=json variant=ButtonVariant::Quiet is_external=true>"All as JSON"</LinkButton>
            </div>
        </form>
    }
}

#[component]
fn Item(item: PlanItem, outcome: Option<ItemOutcome>, group: GroupId) -> impl IntoView {
    let blocked = item.is_blocked().then(|| view! { <Badge tone=Tone::Danger>"cannot be carried"</Badge> });
    let PlanItem { object, name, action, reason, changes, source_id, target_id, .. } = item;
    let (word, _, tone) = action_words(action);
    // What stands for several objects has no history of its own.
    let history = (source_id.is_some() || target_id.is_some()).then(|| {
        let path = format!("/groups/{group}/objects");
        address(&path, &[("kind", object.kind.as_str()), ("key", &object.key)])
    });
    // A path is its own id.
    let id = |id: Option<Arc<str>>| id.filter(|id| **id != *name);
    let ids = match (id(source_id), id(target_id)) {
        (Some(source), Some(target)) => format!("{source} → {target}"),
        (Some(id), None) | (None, Some(id)) => id.to_string(),
        (None, None) => String::new(),
    };
    let (badge, failure) = match outcome {
        None => (None, None),
        Some(ItemOutcome { state, error, remedy, .. }) => {
            let (label, tone) = outcome_words(state);
            (Some(view! { <StatusBadge tone label/> }), error.map(|error| (error, remedy)))
        }
    };
    let failure = failure.map(|(error, remedy)| {
        view! {
            <p class="plan-error">{error}</p>
            {remedy.map(|remedy| view! { <p class="remedy"><Icon glyph=Glyph::ArrowRight/><span>{remedy}</span></p> })}
        }
    });
    view! {
        <li class="plan-item">
            <div class="plan-item-head">
                <Badge tone>{word}</Badge>
                {blocked}
                <Badge tone=Tone::Neutral>{object.kind.singular()}</Badge>
                <a class="plan-name break" href=history rel="external">{name}</a>
                {badge}
                <span class="muted plan-ids">{ids}</span>
            </div>
            {reason.map(|reason| view! { <p class="muted">{reason}</p> })}
            <FoldedChanges changes/>
            {failure}
        </li>
    }
}
